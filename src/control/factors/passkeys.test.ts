/** Passkeys at a control node, asked as PoPs ask: alone and as second factor, and everything that must not work. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { issueKeyChallenge, type KeyChallengeBinding } from '../../core/session/index.ts';
import { NodeSessionCrypto } from '../../io/session-crypto.ts';
import { ControlWorld, type PopWorld } from '../../testing/control-world.ts';
import { SoftwareAuthenticator } from '../../testing/software-authenticator.ts';

const PASSWORD = 'seven quiet otters at noon';
const PLACE = { rpId: 'manis.localhost', origin: 'https://manis.localhost:8443' };
const world = new ControlWorld();
const crypto = new NodeSessionCrypto();
const client = { clientAddress: '192.0.2.7', userAgent: 'test', browser: 'browser-1' };
/** Another PoP, whose keys the test knows: it asks the challenges. */
const seed = crypto.generateKeyPair();
let pop: PopWorld;
let asking = '';
let made = 0;

before(async () => {
  await world.start();
  pop = await world.addPop('ams');
  const signingKey = Buffer.from(seed.publicKey).toString('base64url');
  const { token } = await world.must('POST', '/pops/enrolment-tokens', {
    ...{ name: 'ber', location: { name: 'Berlin', latitude: 52, longitude: 13 } },
  });
  const enrolled = await world.call('POST', '/enrol/v1/pop', {
    ...{ token, wireguardKey: Buffer.from(crypto.bytes(32)).toString('base64'), signingKey },
    ...{ udpEndpoints: ['127.0.0.1:1'], httpsEndpoints: ['127.0.0.1:1'] },
  });
  asking = enrolled.body.popId;
  await pop.until(() => pop.find('pop', asking) !== undefined);
});
after(() => world.end());

const ask = (path: string, body: object) =>
  world.call('POST', `/internal/v1${path}`, { ...client, ...body }, pop.headers);

function challenge(binding: Partial<KeyChallengeBinding>) {
  const key = { id: asking, signer: crypto.signer(seed.seed) };
  const whole = { purpose: 'sign-in' as const, browser: client.browser, within: '', ...binding };
  return issueKeyChallenge(crypto, key, whole, Date.now());
}

/** Somebody with a passkey. */
async function person(userVerified = true) {
  const email = `key${made++}@example.org`;
  const { id } = await world.must('POST', '/users', { email, name: email, password: PASSWORD });
  const { token: session } = (await ask('/sign-in', { email, password: PASSWORD })).body;
  const within = JSON.parse(Buffer.from(session.split('.')[2], 'base64url').toString()).id as string;
  const { token, nonce } = challenge({ purpose: 'register', within });
  const key = new SoftwareAuthenticator(PLACE, id);
  const passkey = key.created({ challenge: nonce, userVerified });
  const change = { kind: 'passkey-add', passkey, challenge: token, name: 'Key' };
  const added = await ask('/security', { session, change });
  assert.equal(added.status, 200, JSON.stringify(added.body));
  const twice = await ask('/security', { session: added.body.session.token, change });
  assert.equal(twice.body.code, 'factor-refused', 'an answer makes one passkey');
  return { id, email, key, session: added.body.session.token as string };
}

const signIn = (passkey: string, token: string, more: object = {}) =>
  ask('/passkey-sign-in', { passkey, challenge: token, ...more });

function methodsOf(token: string): string[] {
  return JSON.parse(Buffer.from(token.split('.')[2] ?? '', 'base64url').toString()).amr;
}

test('the set-up link takes a passkey in place of a password, once, and gives the codes that stand in for it', async () => {
  const { token } = world.control.setUp ?? { token: '' };
  const { body: link } = await world.call('GET', `/internal/v1/set-up/${token}`, undefined, pop.headers);
  const { token: elsewhere, nonce: other } = challenge({ purpose: 'register', within: 'somebody-else' });
  const key = new SoftwareAuthenticator(PLACE, link.userId);
  const wrong = { token, passkey: key.created({ challenge: other }), challenge: elsewhere };
  assert.equal((await ask('/set-up/passkey', wrong)).body.code, 'factor-refused');
  const made = challenge({ purpose: 'register', within: link.userId });
  const given = { token, passkey: key.created({ challenge: made.nonce }), challenge: made.token };
  const { status, body } = await ask('/set-up/passkey', given);
  assert.equal(status, 200, JSON.stringify(body));
  assert.deepEqual(methodsOf(body.step.token), ['passkey', 'mfa']);
  assert.ok(body.recoveryCodes.length > 0);
  assert.equal((await ask('/set-up/passkey', given)).body.code, 'set-up-unknown');
  const again = challenge({});
  assert.equal((await signIn(key.answered({ challenge: again.nonce }), again.token)).status, 200);
});

test('a passkey that verified its user is the whole sign-in, and its challenge is good once', async () => {
  const { key } = await person();
  const { token, nonce } = challenge({});
  const passkey = key.answered({ challenge: nonce });
  const { status, body } = await signIn(passkey, token);
  assert.equal(status, 200, JSON.stringify(body));
  assert.deepEqual(methodsOf(body.token), ['passkey', 'mfa']);
  assert.equal((await signIn(passkey, token)).body.code, 'sign-in-refused');
});

test('one that did not verify its user leads to the second step', async () => {
  const { key } = await person();
  const { token, nonce } = challenge({});
  const { body } = await signIn(key.answered({ challenge: nonce, userVerified: false }), token);
  assert.ok(body.secondStep);
});

const REFUSED: readonly [string, Partial<KeyChallengeBinding>, object, object][] = [
  ['from another browser', { browser: 'browser-2' }, {}, {}],
  ['for another purpose', { purpose: 'second-step' }, {}, {}],
  ['of another attempt', { within: 'A'.repeat(22) }, {}, {}],
  ['to another nonce', {}, { challenge: 'AAAA' }, {}],
  ['on another origin', {}, { origin: 'https://manis.localhost.evil.example' }, {}],
  ['with a counter that went back', {}, { counter: 1 }, {}],
  ['in a browser that says it is another', {}, {}, { browser: 'browser-2' }],
];
for (const [name, binding, asked, more] of REFUSED)
  test(`an answer ${name} is refused`, async () => {
    const { key } = await person();
    const { token, nonce } = challenge(binding);
    const { body } = await signIn(key.answered({ challenge: nonce, ...asked }), token, more);
    assert.equal(body.code, 'sign-in-refused');
  });

test('a passkey that is not enrolled, or is somebody else’s, opens nothing', async () => {
  const { id } = await person();
  const other = await person();
  const { token, nonce } = challenge({});
  const stranger = new SoftwareAuthenticator(PLACE, id);
  assert.equal((await signIn(stranger.answered({ challenge: nonce }), token)).body.code, 'sign-in-refused');
  const answer = JSON.parse(other.key.answered({ challenge: nonce }));
  answer.response.userHandle = Buffer.from(id).toString('base64url');
  assert.equal((await signIn(JSON.stringify(answer), token)).body.code, 'sign-in-refused');
});

test('as second factor it answers for its own user and attempt, with or without verifying the user', async () => {
  const { email, key } = await person();
  const other = await person();
  const begin = async () => {
    const step = (await ask('/sign-in', { email, password: PASSWORD })).body.secondStep.token as string;
    const { within, offered } = (await ask('/second-step/read', { step })).body;
    assert.deepEqual(offered[0], { method: 'passkey', passkeys: [key.credentialId] });
    return { step, ...challenge({ purpose: 'second-step', within }) };
  };
  const prove = (step: string, passkey: string, token: string) =>
    ask('/second-step', { step, method: 'passkey', passkey, challenge: token });
  const first = await begin();
  const foreign = await prove(first.step, other.key.answered({ challenge: first.nonce }), first.token);
  assert.equal(foreign.body.code, 'factor-refused');
  const second = await begin();
  const moved = await prove(second.step, key.answered({ challenge: first.nonce }), first.token);
  assert.equal(moved.body.code, 'factor-refused', 'a challenge of another attempt');
  const done = await prove(second.step, key.answered({ challenge: second.nonce, userVerified: false }), second.token);
  assert.deepEqual(methodsOf(done.body.token), ['password', 'passkey', 'mfa']);
});

test('PoPs are told of passkeys, and of removed ones no more', async () => {
  const { id, key, session } = await person();
  await pop.until(() => pop.find('user', id)?.passkeys?.[0]?.id === key.credentialId);
  assert.deepEqual(Object.keys(pop.find('user', id)?.passkeys?.[0] ?? {}).sort(), ['id', 'publicKey']);
  const { passkeys } = (await ask('/security/read', { session })).body;
  const change = { kind: 'passkey-remove', id: passkeys[0].id };
  assert.equal((await ask('/security', { session, change })).status, 200);
  await pop.until(() => pop.find('user', id)?.passkeys === undefined);
});
