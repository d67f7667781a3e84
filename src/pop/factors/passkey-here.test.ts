/** Signing in with a passkey at a PoP that has no control. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { AuditEvent } from '../../core/link/index.ts';
import { PORTAL_HOST, PopWorld, user } from '../../testing/pop-world.ts';
import { SoftwareAuthenticator } from '../../testing/software-authenticator.ts';

let world: PopWorld;
let key: SoftwareAuthenticator;

before(async () => {
  world = await PopWorld.start();
  const place = { rpId: PORTAL_HOST, origin: `https://${PORTAL_HOST}:${world.port}` };
  key = new SoftwareAuthenticator(place, 'ada');
  const passkeys = [{ id: key.credentialId, publicKey: key.publicKey.toString('base64url') }];
  world.publishBasics({ ...user('ada', ['staff']), passkeys });
});
after(() => world.stop());

interface Page {
  readonly cookie: string;
  readonly fields: URLSearchParams;
  readonly nonce: string;
}

/** The sign-in page, in a browser of its own. */
async function page(): Promise<Page> {
  const { body, headers } = await world.fetch(PORTAL_HOST, '/sign-in?return=%2F', { headers: { accept: 'text/html' } });
  const form = /<form[^>]*action="\/sign-in\/passkey"[^>]*>.*?<\/form>/s.exec(body)?.[0] ?? '';
  const fields = new URLSearchParams();
  for (const [, name = '', value = ''] of form.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)"/g))
    fields.set(name, value);
  const question = /data-passkey-get="([^"]*)"/.exec(form)?.[1] ?? '{}';
  const { challenge } = JSON.parse(question.replaceAll('&quot;', '"'));
  return { cookie: (headers['set-cookie']?.[0] ?? '').split(';')[0] ?? '', fields, nonce: challenge };
}

function send({ cookie, fields }: Page, passkey: string) {
  const body = new URLSearchParams(fields);
  body.set('passkey', passkey);
  return world.fetch(PORTAL_HOST, '/sign-in/passkey', {
    method: 'POST',
    headers: {
      ...{ accept: 'text/html', cookie, origin: `https://${PORTAL_HOST}:${world.port}` },
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: body.toString(),
  });
}

/** What the PoP has kept for the audit, once a link takes it. */
async function delivered(count: number): Promise<readonly AuditEvent[]> {
  const { link, ca } = world;
  link.open({ controlId: 'c', baseUrl: 'https://127.0.0.1:1', authentication: '', caPem: ca.certificatePem });
  const events = () => link.sent.flatMap((message) => (message.type === 'audit' ? message.events : []));
  while (events().length < count) {
    // What nobody in particular did is sent when the rest has been confirmed.
    link.events.received({ type: 'auditStored', ids: events().map(({ id }) => id) });
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  link.close();
  return events();
}

test('completes at the PoP, under its own key, once', async () => {
  const shown = await page();
  const passkey = key.answered({ challenge: shown.nonce });
  const { status, headers } = await send(shown, passkey);
  assert.equal(status, 303);
  const session = headers['set-cookie']?.find((line) => line.startsWith('__Host-manis_portal=')) ?? '';
  const claims = JSON.parse(Buffer.from(session.split('.')[2] ?? '', 'base64url').toString());
  assert.deepEqual([claims.amr, claims.jb, claims.sub], [['passkey', 'mfa'], 'pop-1', 'ada']);
  assert.equal(claims.ma, claims.at, 'says when the factor was given');
  const home = await world.fetch(PORTAL_HOST, '/', { headers: { cookie: session.split(';')[0] ?? '' } });
  assert.match(home.body, /Signed in as ada/);
  assert.equal((await send(shown, passkey)).status, 401, 'a challenge is answered once');
  const events = await delivered(2);
  const seen = events.map(({ reason, outcome, userId, path }) => ({ reason, outcome, userId, path }));
  assert.deepEqual(seen, [
    { reason: 'signed-in-without-control', outcome: 'allow', userId: 'ada', path: '/sign-in/passkey' },
    { reason: 'refused-without-control', outcome: 'deny', userId: null, path: '/sign-in/passkey' },
  ]);
});

test('is refused where the passkey did not verify its user, or answered somewhere else', async () => {
  for (const asked of [{ userVerified: false }, { origin: 'https://evil.example' }, { challenge: 'AAAA' }]) {
    const shown = await page();
    assert.equal((await send(shown, key.answered({ challenge: shown.nonce, ...asked }))).status, 401);
  }
});

test('is refused in another browser than the one that was asked', async () => {
  const [shown, other] = [await page(), await page()];
  const fields = new URLSearchParams(other.fields);
  fields.set('challenge', shown.fields.get('challenge') ?? '');
  assert.equal((await send({ ...other, fields }, key.answered({ challenge: shown.nonce }))).status, 401);
});

test('is refused for a passkey that is gone, and for somebody who is disabled', async () => {
  const stranger = new SoftwareAuthenticator(
    { rpId: PORTAL_HOST, origin: `https://${PORTAL_HOST}:${world.port}` },
    'ada',
  );
  const shown = await page();
  assert.equal((await send(shown, stranger.answered({ challenge: shown.nonce }))).status, 401);
  const passkeys = [{ id: key.credentialId, publicKey: key.publicKey.toString('base64url') }];
  world.publishDelta({ ...user('ada', ['staff'], true), passkeys });
  const again = await page();
  assert.equal((await send(again, key.answered({ challenge: again.nonce }))).status, 401);
});
