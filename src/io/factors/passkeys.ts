/**
 * Passkeys (Web Authentication Level 3), judged by @simplewebauthn/server, which is loaded when the first one is shown.
 * Answers come from browsers: whatever is wrong with one is a reason, never a throw.
 */
import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server';
import { fromBase64Url, toBase64Url } from '../../base/index.ts';
import { PASSKEY_ANSWER_MAX_CHARS } from './constants.ts';

/** Where passkeys are used: the portal. */
export interface PasskeyPlace {
  /** Host of the portal, without port. */
  readonly rpId: string;
  /** With port. */
  readonly origin: string;
  /** What the browser signs, base64url. */
  readonly nonce: string;
}

export interface KnownPasskey {
  /** base64url. */
  readonly credentialId: string;
  /** COSE key, base64url. */
  readonly publicKey: string;
  /** The highest that was seen; 0 where the key does not count or nobody knows. */
  readonly counter: number;
}

export type PasskeyProof =
  | { readonly ok: true; readonly counter: number; readonly userVerified: boolean; readonly backedUp: boolean }
  | { readonly ok: false; readonly reason: 'passkey-malformed' | 'passkey-refused' };

export interface NewPasskey {
  readonly credentialId: string;
  readonly publicKey: string;
  readonly counter: number;
  readonly transports: readonly string[];
  readonly backedUp: boolean;
  readonly userVerified: boolean;
}

/** Whose and which passkey an answer claims to be; what it says is checked by `verifyPasskey`. */
export function readPasskeyAnswer(
  text: string,
):
  | { readonly answer: AuthenticationResponseJSON; readonly credentialId: string; readonly userHandle: string }
  | undefined {
  const answer = parse(text) as AuthenticationResponseJSON | undefined;
  const { id, response } = answer ?? {};
  if (!answer || typeof id !== 'string' || typeof response !== 'object' || response === null) return undefined;
  const handle = typeof response.userHandle === 'string' ? fromBase64Url(response.userHandle) : undefined;
  return { answer, credentialId: id, userHandle: handle ? Buffer.from(handle).toString('utf8') : '' };
}

/** Whether a passkey answered the challenge here. `userVerified` says whether it asked for PIN, finger or face. */
export async function verifyPasskey(
  answer: AuthenticationResponseJSON,
  passkey: KnownPasskey,
  { rpId, origin, nonce }: PasskeyPlace,
): Promise<PasskeyProof> {
  const publicKey = fromBase64Url(passkey.publicKey);
  if (!publicKey || answer.id !== passkey.credentialId) return { ok: false, reason: 'passkey-refused' };
  try {
    const { verifyAuthenticationResponse } = await import('@simplewebauthn/server');
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response: answer,
      expectedChallenge: nonce,
      expectedOrigin: origin,
      expectedRPID: rpId,
      requireUserVerification: false,
      credential: { id: passkey.credentialId, publicKey: new Uint8Array(publicKey), counter: passkey.counter },
    });
    if (!verified) return { ok: false, reason: 'passkey-refused' };
    const { newCounter: counter, userVerified, credentialBackedUp: backedUp } = authenticationInfo;
    return { ok: true, counter, userVerified, backedUp };
  } catch {
    return { ok: false, reason: 'passkey-refused' };
  }
}

/** A passkey that a browser made, or undefined where the answer does not hold. */
export async function verifyNewPasskey(
  text: string,
  { rpId, origin, nonce }: PasskeyPlace,
): Promise<NewPasskey | undefined> {
  const answer = parse(text) as RegistrationResponseJSON | undefined;
  if (!answer) return undefined;
  try {
    const { verifyRegistrationResponse } = await import('@simplewebauthn/server');
    const { verified, registrationInfo } = await verifyRegistrationResponse({
      response: answer,
      expectedChallenge: nonce,
      expectedOrigin: origin,
      expectedRPID: rpId,
      requireUserVerification: false,
    });
    if (!verified) return undefined;
    const { credential, credentialBackedUp: backedUp, userVerified } = registrationInfo;
    return {
      credentialId: credential.id,
      publicKey: toBase64Url(credential.publicKey),
      counter: credential.counter,
      transports: (credential.transports ?? []).map(String).slice(0, 8),
      backedUp,
      userVerified,
    };
  } catch {
    return undefined;
  }
}

/** The name of a user to authenticators (user.id of the options), base64url; no personal data. */
export function userHandleOf(userId: string): string {
  return toBase64Url(new Uint8Array(Buffer.from(userId)));
}

function parse(text: string): object | undefined {
  if (text.length > PASSKEY_ANSWER_MAX_CHARS) return undefined;
  try {
    const json: unknown = JSON.parse(text);
    return typeof json === 'object' && json !== null ? json : undefined;
  } catch {
    return undefined;
  }
}
