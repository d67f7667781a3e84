// biome-ignore-all lint/suspicious/noThenProperty: a rule is written when and then; it is an object, so nothing awaits it
// Brings marked secrets to a PoP by every way that it has, and searches all that it tells and keeps for them.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { hash } from '@node-rs/argon2';
import { presetDefaults } from '../core/identity/index.ts';
import type { CredentialRecord, IdentityProviderRecord } from '../core/link/index.ts';
import type { CredentialMethod, Policy } from '../core/policy/index.ts';
import { createLog } from '../io/log.ts';
import { hashSecret } from '../io/secrets.ts';
import { hiddenInput, PopBrowser } from '../testing/pop-browser.ts';
import { type Answer, APP_HOST, PORTAL_HOST, PopWorld, resource } from '../testing/pop-world.ts';
import { type ControlCall, type ControlReply, StandInControl } from '../testing/stand-in-control.ts';

/** What is no secret, and is found where secrets are looked for. */
const CANARY = 'canary-zq8';
/** Everything that must never be found, by what it is. */
const secrets = new Map<string, string>();
const keep = (what: string, secret = `zq7marked-${what.replaceAll(' ', '-')}-91`): string => {
  secrets.set(what, secret);
  return secret;
};
const PIN = keep('pin', '9173826450');
const RESOURCE_PASSWORD = keep('password of a resource');
const LINK = keep('share link', `mnl_${'zq7l'.repeat(10)}abc`);
const LIMITED = keep('share link with uses', `mnl_${'zq7u'.repeat(10)}abc`);
const TOKEN = keep('service token', `mnt_${'zq7t'.repeat(10)}abc`);
const BASIC = keep('password of Basic');
const CLIENT_SECRET = keep('client secret');
const PASSWORD = keep('password');
const CODE = '918273';
const SECOND_STEP = keep('token of a second step', 'zq7a.zq7b.zq7c');
const REMEMBERED = keep('cookie of a remembered browser', `mnr_${'zq7r'.repeat(10)}abc`);
const RESET = keep('reset link', `mnx_${'zq7x'.repeat(10)}abc`);
const SET_UP = keep('set-up link', `mns_${'zq7s'.repeat(10)}abc`);

let world: PopWorld;
let control: StandInControl;
const logLines: string[] = [];
const atBackend: string[] = [];
/** Refusals and pages of mistakes. */
const mistakes: Answer[] = [];
/** Where browsers were sent. */
const locations: string[] = [];

const policy: Policy = {
  rules: [
    {
      ...{ id: 'r', name: 'r', enabled: true, when: { all: [] } },
      then: {
        kind: 'authenticate',
        anyOf: {
          signedIn: true,
          credentials: ['pin', 'resource-password', 'share-link', 'service-token', 'header'] as CredentialMethod[],
        },
      },
    },
  ],
};

const credential = (id: string, changes: Partial<CredentialRecord>): CredentialRecord => ({
  ...{ kind: 'credential', id, name: id, method: 'pin', resourceIds: ['app'], version: 1, secretHash: '' },
  ...changes,
});

const provider: IdentityProviderRecord = {
  ...{ kind: 'identityProvider', id: 'idp-one', organisationId: 'org-1', name: 'one', clientId: 'manis' },
  clientSecret: CLIENT_SECRET,
  settings: {
    ...presetDefaults('generic'),
    ...{ preset: 'generic', label: CANARY, issuer: 'https://127.0.0.1:1', allowPrivate: true, emailTrust: 'claim' },
    ...{ domains: [], linkDomains: [], provisioning: 'never', defaultRoles: [], mfaValues: [], automatic: false },
  },
};

function answer({ path, body }: ControlCall): ControlReply {
  const expiresUnixMs = world.clock.unixMs() + 600_000;
  const session = { token: world.portalToken({ methods: ['password', 'mfa'] }), expiresUnixMs };
  switch (path) {
    case '/internal/v1/sign-in':
      return body['password'] === PASSWORD
        ? [200, { secondStep: { token: SECOND_STEP, expiresUnixMs } }]
        : [401, { code: 'sign-in-refused' }];
    case '/internal/v1/second-step/read':
      return [
        200,
        {
          ...{ userId: 'ada', email: 'ada@example.com', within: 'w', need: 'prove', hasPassword: false },
          ...{ offered: [{ method: 'totp' }, { method: 'recovery-code' }], rememberMs: 30 * 86_400_000 },
        },
      ];
    case '/internal/v1/second-step':
      if (body['code'] !== CODE) return [401, { code: 'factor-refused' }];
      return [200, { ...session, remembered: { token: REMEMBERED, expiresUnixMs } }];
    case '/internal/v1/email-codes':
      return [202, { attempt: 'A'.repeat(22) }];
    case '/internal/v1/password-resets/read':
      return [200, { email: 'ada@example.com' }];
    case '/internal/v1/password-resets/finish':
      return [404, { code: 'password-reset-unknown' }];
    case '/internal/v1/credentials/uses':
      return [503, {}];
    default:
      return [401, { code: 'sign-in-refused' }];
  }
}

before(async () => {
  const destination = { write: (line: string) => void logLines.push(line) };
  world = await PopWorld.start({ log: createLog({ level: 'debug', destination }) });
  control = new StandInControl(world);
  await control.start(answer);
  const backend = await world.listen(
    createServer((request, response) => {
      atBackend.push(`${request.method} ${request.url} ${request.rawHeaders.join('\n')}`);
      response.end('ok');
    }),
  );
  const options = { timeCost: 1, memoryCost: 64 };
  world.publishBasics(
    resource(backend, { policy }),
    { kind: 'mail', id: 'org-1', codeSignIn: true },
    provider,
    credential('crd_pin', { secretHash: await hash(PIN, options) }),
    credential('crd_password', { method: 'resource-password', secretHash: await hash(RESOURCE_PASSWORD, options) }),
    credential('crd_link', { method: 'share-link', secretHash: hashSecret(LINK) }),
    credential('crd_limited', { method: 'share-link', secretHash: hashSecret(LIMITED), maximumUses: 8 }),
    credential('crd_token', { method: 'service-token', secretHash: hashSecret(TOKEN) }),
    credential('crd_basic', { method: 'header', username: 'scanner', secretHash: await hash(BASIC, options) }),
  );
});
after(() => world.stop());

function note(answer: Answer): Answer {
  if (answer.status >= 400) mistakes.push(answer);
  const { location } = answer.headers;
  if (location !== undefined) locations.push(location);
  return answer;
}

const fields = (page: Answer, more: Record<string, string>) => ({
  ...{ csrf: hiddenInput(page, 'csrf'), return: hiddenInput(page, 'return') },
  ...more,
});

/** Keeps every cookie that a browser has for a host. */
function keepCookies(browser: PopBrowser, host: string, whose: string): void {
  for (const pair of browser.cookies(host).split('; ')) {
    const [name = '', value = ''] = pair.split(/=(.*)/s);
    if (value !== '') keep(`cookie ${name} of ${whose}`, value);
  }
}

async function signInByAccount(): Promise<void> {
  const browser = new PopBrowser(world);
  const post = async (path: string, form: Record<string, string>) => note(await browser.go(PORTAL_HOST, path, form));
  const page = await browser.open(APP_HOST, `/${CANARY}`);
  const email = 'ada@example.com';
  await post('/sign-in/password', fields(page, { email, password: keep('wrong password') }));
  await post('/sign-in/email-code', fields(page, { email }));
  await post('/sign-in/email-code', fields(page, { email, attempt: 'A'.repeat(22), proof: 'x', code: CODE }));
  await post('/sign-in/resource-password', fields(page, { secret: keep('wrong password of a resource') }));
  await post('/sign-in/pin', fields(page, { secret: keep('wrong pin', '8273645501') }));
  await post('/sign-in/passkey', fields(page, { passkey: keep('broken passkey'), challenge: 'x' }));
  const first = await post('/sign-in/password', fields(page, { email, password: PASSWORD }));
  const second = await browser.go(PORTAL_HOST, first.headers.location ?? '');
  const step = { csrf: hiddenInput(second, 'csrf'), return: hiddenInput(second, 'return') };
  await post('/second-step', { ...step, method: 'recovery-code', code: keep('recovery code', 'zq7a-zq7b-zq7c') });
  keepCookies(browser, PORTAL_HOST, 'a second step');
  const done = await post('/second-step', { ...step, method: 'totp', code: CODE, remember: 'yes' });
  const entered = await browser.open(PORTAL_HOST, done.headers.location ?? '');
  assert.equal(entered.body, 'ok');
  await browser.go(APP_HOST, '/twice');
  for (const host of [PORTAL_HOST, APP_HOST]) keepCookies(browser, host, `Ada at ${host}`);
  for (const path of [`/reset/${RESET}`, `/set-up/${SET_UP}`]) {
    note(await browser.go(PORTAL_HOST, path));
    const password = keep(`new password at ${path.split('/')[1]}`);
    await post(path, { password, repeat: password });
    await post(path, { password, repeat: keep(`other password at ${path.split('/')[1]}`) });
  }
}

async function enterWithCredentials(): Promise<void> {
  for (const [method, secret] of [
    ['pin', PIN],
    ['resource-password', RESOURCE_PASSWORD],
  ] as const) {
    const browser = new PopBrowser(world);
    const entered = await browser.submit(await browser.open(APP_HOST, `/${method}`), method, { secret });
    assert.equal(entered.body, 'ok', method);
    for (const host of [PORTAL_HOST, APP_HOST]) keepCookies(browser, host, method);
  }
  const guest = new PopBrowser(world);
  assert.equal((await guest.open(APP_HOST, `/.manis/share/${LINK}`)).body, 'ok');
  keepCookies(guest, APP_HOST, 'a link');
  for (const link of [LIMITED, keep('unknown share link', `mnl_${'zq7w'.repeat(10)}abc`)]) {
    const page = note(await guest.go(APP_HOST, `/.manis/share/${link}`));
    note(await guest.go(APP_HOST, `/.manis/share/${link}`, { csrf: hiddenInput(page, 'csrf') }));
  }
  const basic = (password: string) => `Basic ${Buffer.from(`scanner:${password}`).toString('base64')}`;
  const wrongToken = keep('unknown service token', `mnt_${'zq7v'.repeat(10)}abc`);
  for (const [what, authorization] of [
    ['token', `Bearer ${TOKEN}`],
    ['Basic', basic(BASIC)],
    ['unknown token', `Bearer ${wrongToken}`],
    ['wrong Basic', basic(keep('wrong password of Basic'))],
  ] as const) {
    keep(`Authorization of ${what}`, authorization.split(' ')[1] ?? '');
    note(await world.fetch(APP_HOST, '/api', { headers: { authorization } }));
  }
  note(await world.fetch(APP_HOST, '/api', { headers: { 'x-manis-token': TOKEN } }));
}

/** The provider cannot be reached, with control or without. */
async function failAtProvider(): Promise<void> {
  const browser = new PopBrowser(world);
  note(await browser.go(PORTAL_HOST, '/sign-in/provider/one/start?return=%2F'));
  const code = keep('code of a provider');
  note(await browser.go(PORTAL_HOST, `/sign-in/provider/one/callback?state=x&code=${code}`));
}

/** Every file below a folder. */
function filesOf(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? filesOf(path) : [path];
  });
}

/** Whether a text has a secret, as it is or as JSON, URLs and pages write it. */
function found(text: string, secret: string): boolean {
  return text.includes(secret) || text.includes(encodeURIComponent(secret)) || text.includes(JSON.stringify(secret));
}

test('no secret that was brought to a PoP is in its log, its events, its errors, its files, or with a backend', async () => {
  await signInByAccount();
  await enterWithCredentials();
  await failAtProvider();
  world.link.close();
  await signInByAccountWithoutControl();
  control.open();
  const events = () => world.link.sent.flatMap((message) => (message.type === 'audit' ? message.events : []));
  while (!events().some(({ path }) => path.includes('share'))) {
    // More is sent when what was sent has been confirmed.
    world.link.events.received({ type: 'auditStored', ids: events().map(({ id }) => id) });
    await new Promise((done) => setTimeout(done, 20));
  }
  assert.ok(secrets.size > 30, String(secrets.size));
  const files = filesOf(world.dataDir).map((path): [string, string] => [path, readFileSync(path, 'latin1')]);
  assert.ok(files.length > 4);
  const places: [string, string][] = [
    ['the log', logLines.join('\n')],
    ['the audit', JSON.stringify(events())],
    ['the counters', JSON.stringify(world.pop.counters())],
    ['the backend', atBackend.join('\n')],
    ['an address that a browser is sent to', locations.join('\n')],
    ...mistakes.map(({ status, body, headers }): [string, string] => [
      `an answer ${status}`,
      `${headers['content-type']} ${headers['www-authenticate']} ${body}`,
    ]),
    ...files,
  ];
  for (const place of ['the audit', 'the backend'])
    assert.ok(
      places.some(([name, text]) => name === place && found(text, CANARY)),
      place,
    );
  const leaks = [...secrets].flatMap(([what, secret]) =>
    places.filter(([, text]) => found(text, secret)).map(([place]) => `${what} in ${place}`),
  );
  // The page that asks for the password once more is at that address, and its form goes back there.
  assert.deepEqual(leaks, ['reset link in an answer 400']);
  const code = new RegExp(`(?<![0-9A-Za-z])${CODE}(?![0-9A-Za-z])`);
  for (const [place, text] of places.slice(0, 5)) assert.doesNotMatch(text, code, `the code in ${place}`);
});

/** Passwords wait for control; nothing of them stays. */
async function signInByAccountWithoutControl(): Promise<void> {
  const browser = new PopBrowser(world);
  const page = await browser.open(PORTAL_HOST, '/sign-in');
  const form = fields(page, { email: 'ada@example.com', password: keep('password without control') });
  const answer = note(await browser.go(PORTAL_HOST, '/sign-in/password', form));
  assert.equal(answer.status, 503);
}
