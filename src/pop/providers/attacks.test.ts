/** What identity providers, and who plays one, may try at a PoP that judges by itself. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { type Preset, presetDefaults } from '../../core/identity/index.ts';
import type { IdentityProviderRecord } from '../../core/link/index.ts';
import { PopBrowser } from '../../testing/pop-browser.ts';
import { PORTAL_HOST, PopWorld, user } from '../../testing/pop-world.ts';
import { StandInProvider } from '../../testing/stand-in-provider.ts';

const SESSION = '__Host-manis_portal';
const ADA = { sub: 'ada-there', email: 'ada@example.com', email_verified: true };

describe('an identity provider, or who plays one', () => {
  let world: PopWorld;
  let one: StandInProvider;
  let two: StandInProvider;
  let browser: PopBrowser;

  before(async () => {
    world = await PopWorld.start();
    one = await StandInProvider.start('keycloak');
    two = await StandInProvider.start('generic');
    world.onStop(() => Promise.all([one.stop(), two.stop()]));
    world.publishBasics(record('one', 'keycloak', one), record('two', 'generic', two), {
      ...user('ada', ['staff']),
      identities: [{ providerId: 'idp-one', subject: ADA.sub }],
    });
  });
  after(() => world.stop());
  beforeEach(() => {
    browser = new PopBrowser(world);
    for (const stand of [one, two]) {
      stand.person = { ...ADA };
      for (const name of Object.keys(stand.faults)) delete (stand.faults as Record<string, unknown>)[name];
    }
  });

  function record(name: string, preset: Preset, stand: StandInProvider): IdentityProviderRecord {
    const lists = { domains: [], linkDomains: [], defaultRoles: [], mfaValues: [] };
    const rest = { provisioning: 'verified-email', automatic: false, emailTrust: 'claim' } as const;
    return {
      ...{ kind: 'identityProvider', id: `idp-${name}`, organisationId: 'org-1', name },
      ...{ clientId: stand.clientId, clientSecret: stand.clientSecret },
      settings: {
        ...presetDefaults(preset),
        ...{ preset, label: name, issuer: stand.issuer, allowPrivate: true, ...lists, ...rest },
      },
    };
  }

  /** From the portal to a provider: what the browser would bring back from there. */
  async function askedAt(name: string, stand: StandInProvider): Promise<URLSearchParams> {
    const begun = await browser.go(PORTAL_HOST, `/sign-in/provider/${name}/start?return=/`);
    assert.equal(begun.status, 302, begun.body);
    return stand.signIn(new URL(begun.headers.location ?? ''));
  }
  const bring = (name: string, query: URLSearchParams, by = browser) =>
    by.go(PORTAL_HOST, `/sign-in/provider/${name}/callback?${query}`);
  const isIn = (by = browser) => by.cookie(PORTAL_HOST, SESSION) !== undefined;

  test('who comes as it should be is in', async () => {
    assert.equal((await bring('one', await askedAt('one', one))).status, 302);
    assert.ok(isIn());
  });

  const now = () => Math.floor(world.clock.unixMs() / 1000);
  const tokens: [what: string, claims: () => Record<string, unknown>][] = [
    ['of another issuer', () => ({ iss: 'https://evil.example' })],
    ['of another provider that is known here', () => ({ iss: two.issuer })],
    ['for another audience', () => ({ aud: 'another-client' })],
    ['for a further audience', () => ({ aud: ['manis-client', 'another-client'], azp: 'another-client' })],
    ['with the nonce of another attempt', () => ({ nonce: 'replayed' })],
    ['without a nonce', () => ({ nonce: undefined })],
    ['that has ended', () => ({ exp: now() - 3_600 })],
    ['that begins later', () => ({ nbf: now() + 3_600 })],
    ['of nobody', () => ({ sub: undefined })],
  ];
  for (const [what, claims] of tokens)
    test(`with an ID token ${what} gets nobody in`, async () => {
      one.faults.claims = claims();
      const answer = await bring('one', await askedAt('one', one));
      assert.match(answer.body, /cannot be trusted/);
      assert.ok(!isIn());
    });

  for (const signedWith of ['unknown-key', 'none', 'secret'] as const)
    test(`with an ID token signed with ${signedWith} gets nobody in`, async () => {
      one.faults.signedWith = signedWith;
      assert.match((await bring('one', await askedAt('one', one))).body, /cannot be trusted/);
      assert.ok(!isIn());
    });

  test('a state of another browser, of another provider, changed, twice, or none begins nothing', async () => {
    const table: [what: string, bring: (query: URLSearchParams) => ReturnType<typeof bring>][] = [
      ['in another browser', (query) => bring('one', query, new PopBrowser(world))],
      ['at another provider', (query) => bring('two', query)],
      [
        'changed',
        (query) =>
          bring(
            'one',
            withState(query, (state) => `${state.slice(0, -2)}AA`),
          ),
      ],
      [
        'none',
        (query) =>
          bring(
            'one',
            withState(query, () => ''),
          ),
      ],
    ];
    for (const [what, attempt] of table) {
      const answer = await attempt(await askedAt('one', one));
      assert.match(answer.body, /begun somewhere else/, what);
      assert.ok(!isIn(), what);
    }
    const query = await askedAt('one', one);
    await bring('one', query);
    browser.forget(PORTAL_HOST);
    assert.match((await bring('one', query)).body, /begun somewhere else/, 'twice');
    assert.ok(!isIn());
  });

  test('a mix-up: a code of one provider is not redeemed at another, whoever answered', async () => {
    const asked = await askedAt('one', one);
    const table: [what: string, change: (query: URLSearchParams) => void][] = [
      ['the answer names the other provider', (query) => query.set('iss', two.issuer)],
      ['the answer names none, where the provider always does', (query) => query.delete('iss')],
      ['the answer names two', (query) => query.append('iss', two.issuer)],
    ];
    const before = [one, two].map(({ asked }) => asked.filter((path) => path === '/token').length);
    for (const [what, change] of table) {
      const query = new URLSearchParams(asked);
      change(query);
      const answer = await bring('one', query);
      assert.ok(answer.status >= 400, what);
      assert.ok(!isIn(), what);
      // Each needs an attempt of its own: one that was brought back is over.
      const fresh = await askedAt('one', one);
      for (const [name, value] of fresh) asked.set(name, value);
    }
    const after = [one, two].map(({ asked }) => asked.filter((path) => path === '/token').length);
    assert.deepEqual(after, before, 'no code was sent anywhere');
  });

  test('a code that is injected into another attempt is of no use', async () => {
    const mallory = new PopBrowser(world);
    const begun = await mallory.go(PORTAL_HOST, '/sign-in/provider/one/start?return=/');
    one.person = { sub: 'mallory-there', email: 'mallory@example.com', email_verified: true };
    const theirs = one.signIn(new URL(begun.headers.location ?? ''));
    const own = await askedAt('one', one);
    own.set('code', theirs.get('code') ?? '');
    assert.ok((await bring('one', own)).status >= 400, 'PKCE binds a code to the attempt');
    assert.ok(!isIn());
  });

  test('an address does not make an account, verified or not: only a subject that is connected does', async () => {
    for (const email_verified of [true, false]) {
      one.person = { sub: 'somebody-else', email: 'ada@example.com', email_verified };
      assert.match((await bring('one', await askedAt('one', one))).body, /needs the control plane/);
      assert.ok(!isIn());
    }
  });

  test('discovery that leads to metadata services, private names or elsewhere is not followed', async () => {
    const places = ['http://169.254.169.254/latest', 'https://[fd00:ec2::254]/token', 'http://10.0.0.1/token'];
    for (const place of [...places, 'https://168.63.129.16/', 'file:///etc/passwd', 'gopher://127.0.0.1/']) {
      const stand = await StandInProvider.start('generic');
      stand.faults.discovery = { token_endpoint: place, jwks_uri: place };
      world.publish(record('one', 'generic', stand));
      browser = new PopBrowser(world);
      const begun = await browser.go(PORTAL_HOST, '/sign-in/provider/one/start?return=/');
      const answer =
        begun.status === 302 ? await bring('one', stand.signIn(new URL(begun.headers.location ?? ''))) : begun;
      assert.ok(answer.status >= 400, place);
      assert.ok(!isIn(), place);
      await stand.stop();
    }
    const stand = await StandInProvider.start('generic');
    stand.faults.redirect = 'http://169.254.169.254/';
    world.publish(record('one', 'generic', stand));
    assert.ok((await browser.go(PORTAL_HOST, '/sign-in/provider/one/start?return=/')).status >= 400);
    await stand.stop();
    world.publish(record('one', 'keycloak', one));
  });

  test('an answer without end is not read to its end', async () => {
    const stand = await StandInProvider.start('generic');
    stand.faults.hugeBytes = 4_000_000;
    world.publish(record('one', 'generic', stand));
    assert.ok((await browser.go(PORTAL_HOST, '/sign-in/provider/one/start?return=/')).status >= 400);
    await stand.stop();
    world.publish(record('one', 'keycloak', one));
  });
});

function withState(query: URLSearchParams, change: (state: string) => string): URLSearchParams {
  const changed = new URLSearchParams(query);
  changed.set('state', change(query.get('state') ?? ''));
  return changed;
}
