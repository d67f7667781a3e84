import { toBase64, utf8 } from '../../base/index.ts';
import { NodeSessionCrypto } from '../../io/session-crypto.ts';

/**
 * The one script of all pages: passkeys and the keys of known devices, which browsers have behind scripts alone. It stands
 * in the page itself, its hash in the Content-Security-Policy; it fetches nothing, it fills in forms and sends them.
 *
 * | in the page | what it does |
 * |---|---|
 * | form[data-passkey-get] | asks a passkey, also in the list that the browser shows under the email address |
 * | form[data-passkey-create] | has a passkey made |
 * | input[data-device-nonce] | signs the nonce with this browser's key, where it has one; in a cookie, too, for the way over a provider |
 * | form[data-device-create] | makes that key; it cannot be taken out of the browser |
 */
export const KEYS_SCRIPT = `
(() => {
'use strict';
const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\\+/g, '-').replace(/\\//g, '_').replace(/=+$/, '');
const fill = (form, name, value) => { const input = form.elements.namedItem(name); if (input) input.value = value; };
const said = (form, problem) => { const note = form.querySelector('[data-note]'); if (note) note.hidden = !problem; };
const sealed = (credential, response) => JSON.stringify({ id: credential.id, rawId: credential.id, type: credential.type,
  clientExtensionResults: {}, authenticatorAttachment: credential.authenticatorAttachment || undefined, response });
let waiting;
const ask = async (form, how) => {
  const { challenge, rpId, allow, verify } = JSON.parse(form.dataset.passkeyGet);
  if (waiting) waiting.abort();
  waiting = new AbortController();
  const credential = await navigator.credentials.get({ ...how, signal: waiting.signal, publicKey: {
    challenge: bytes(challenge), rpId, userVerification: verify, timeout: 300000,
    allowCredentials: allow.map((id) => ({ type: 'public-key', id: bytes(id) })) } });
  const { clientDataJSON, authenticatorData, signature, userHandle } = credential.response;
  fill(form, 'passkey', sealed(credential, { clientDataJSON: text(clientDataJSON), authenticatorData: text(authenticatorData),
    signature: text(signature), userHandle: userHandle ? text(userHandle) : undefined }));
  HTMLFormElement.prototype.submit.call(form);
};
const create = async (form) => {
  const { challenge, rp, user, exclude } = JSON.parse(form.dataset.passkeyCreate);
  const credential = await navigator.credentials.create({ publicKey: {
    challenge: bytes(challenge), rp, user: { ...user, id: bytes(user.id) }, attestation: 'none', timeout: 300000,
    pubKeyCredParams: [-8, -7, -257].map((alg) => ({ type: 'public-key', alg })),
    authenticatorSelection: { residentKey: 'preferred', userVerification: 'preferred' },
    excludeCredentials: exclude.map((id) => ({ type: 'public-key', id: bytes(id) })) } });
  const { clientDataJSON, attestationObject } = credential.response;
  const transports = credential.response.getTransports ? credential.response.getTransports() : [];
  fill(form, 'passkey', sealed(credential, { clientDataJSON: text(clientDataJSON), attestationObject: text(attestationObject), transports }));
  HTMLFormElement.prototype.submit.call(form);
};
const store = (mode, work) => new Promise((resolve, reject) => {
  const opening = indexedDB.open('manis', 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore('keys');
  opening.onerror = () => reject(opening.error);
  opening.onsuccess = () => {
    const request = work(opening.result.transaction('keys', mode).objectStore('keys'));
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  };
});
const sign = async (key, nonce) => text(await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, key.privateKey,
  new TextEncoder().encode('manis device v1\\n' + nonce)));
const prove = async () => {
  const inputs = [...document.querySelectorAll('input[data-device-nonce]')];
  if (inputs.length === 0) return;
  const key = await store('readonly', (keys) => keys.get('device'));
  if (!key) return;
  for (const input of inputs) {
    fill(input.form, 'device', key.id + '.' + await sign(key, input.dataset.deviceNonce));
  }
  const { form } = inputs[0];
  document.cookie = '__Host-manis_device=' + form.elements.namedItem('device').value + '.' + form.elements.namedItem('challenge').value
    + '; Path=/; Secure; SameSite=Lax; Max-Age=1800';
  for (const mark of document.querySelectorAll('[data-device-id]')) if (mark.dataset.deviceId === key.id) mark.hidden = false;
};
const enrol = async (form) => {
  const pair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign', 'verify']);
  const spki = await crypto.subtle.exportKey('spki', pair.publicKey);
  const id = text(await crypto.subtle.digest('SHA-256', spki)).slice(0, 22);
  const key = { id, privateKey: pair.privateKey };
  fill(form, 'key', text(spki));
  fill(form, 'signature', await sign(key, form.dataset.deviceCreate));
  await store('readwrite', (keys) => keys.put(key, 'device'));
  HTMLFormElement.prototype.submit.call(form);
};
const on = (selector, work) => {
  for (const form of document.querySelectorAll(selector)) {
    form.hidden = false;
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      said(form, false);
      work(form).catch(() => said(form, true));
    });
  }
};
if (window.PublicKeyCredential) {
  on('form[data-passkey-get]', (form) => ask(form, {}));
  on('form[data-passkey-create]', create);
  const first = document.querySelector('form[data-passkey-get][data-conditional]');
  const can = PublicKeyCredential.isConditionalMediationAvailable;
  if (first && can) can.call(PublicKeyCredential).then((is) => is && ask(first, { mediation: 'conditional' })).catch(() => undefined);
}
if (window.indexedDB && window.crypto && crypto.subtle) {
  on('form[data-device-create]', enrol);
  prove().catch(() => undefined);
}
})();
`;

/** The source expression of the script (Content Security Policy Level 3, section 2.3.1). */
export const KEYS_SCRIPT_SOURCE = `'sha256-${toBase64(new NodeSessionCrypto().sha256(utf8(KEYS_SCRIPT)))}'`;
