/** What attackers try against a whole network as people start it: PoPs, control and an identity provider that lies. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { StandInProvider } from '../../src/testing/stand-in-provider.ts';
import { freePortBase, manis, Network, remove, temporaryFolder, untilLive } from './network.ts';
import { type Answer, Visitor } from './visitor.ts';

const EMAIL = 'owner@example.com';
const PASSWORD = 'seven quiet otters at noon';

describe('attacks on a whole network', { timeout: 240_000 }, () => {
  const folder = temporaryFolder();
  const dataDir = join(folder, 'data');
  const secretFile = join(folder, 'secret');
  let network: Network;
  let stand: StandInProvider;
  let other: StandInProvider;
  let portal = '';
  let demo = '';

  before(async () => {
    writeFileSync(join(folder, 'password'), PASSWORD, { mode: 0o600 });
    const flags = ['--admin-email', EMAIL, '--admin-password-file', join(folder, 'password')];
    network = await Network.start(['--port-base', String(await freePortBase()), '--data-dir', dataDir, ...flags]);
    portal = network.ready.dashboard;
    demo = network.ready.apps[0]?.url ?? '';
    stand = await StandInProvider.start('keycloak');
    other = await StandInProvider.start('generic');
    writeFileSync(secretFile, stand.clientSecret);
    add('keycloak', 'one', stand.issuer);
    add('generic', 'two', other.issuer);
    untilLive(dataDir);
  });
  after(async () => {
    await network?.stop();
    await stand?.stop();
    await other?.stop();
    remove(folder);
  });
  beforeEach(() => {
    stand.person = { sub: 'ann-there', email: 'ann@example.com', email_verified: true, name: 'Ann' };
    for (const name of Object.keys(stand.faults)) delete (stand.faults as Record<string, unknown>)[name];
  });

  function add(preset: string, name: string, issuer: string): void {
    const client = ['--client-id', 'manis-client', '--client-secret-file', secretFile, '--allow-private', 'true'];
    manis(dataDir, 'provider', 'add', preset, '--name', name, '--issuer', issuer, ...client);
  }

  /** Adds a provider by the API and has control ask it; what control says to that. */
  async function asked(name: string, issuer: string, allowPrivate: boolean): Promise<{ status: number; text: string }> {
    const client = { clientId: 'manis-client', clientSecret: stand.clientSecret };
    const made = await network.api('POST', '/providers', { preset: 'generic', name, issuer, allowPrivate, ...client });
    if (made.status !== 201) return made;
    return network.api('POST', `/providers/${(made.body as { id: string }).id}/test`, {});
  }

  const person = () => new Visitor({ ca: network.ca, via: network.ready.pops[0]?.https ?? '' });
  async function askedAt(who: Visitor, name = 'one', at = stand): Promise<URLSearchParams> {
    const begun = await who.ask(new URL(`${portal}/sign-in/provider/${name}/start?return=/`));
    assert.equal(begun.status, 302, begun.text);
    return at.signIn(new URL(begun.headers.location ?? ''));
  }
  const bring = (who: Visitor, query: URLSearchParams, name = 'one'): Promise<Answer> =>
    who.ask(new URL(`${portal}/sign-in/provider/${name}/callback?${query}`));
  const isIn = (who: Visitor) => who.cookieHeader(new URL(portal).host).includes('__Host-manis_portal');

  const tokens: [what: string, claims: () => Record<string, unknown>][] = [
    ['of another issuer', () => ({ iss: 'https://evil.example' })],
    ['of another provider that is known here', () => ({ iss: other.issuer })],
    ['for another audience', () => ({ aud: 'another-client' })],
    ['with the nonce of another attempt', () => ({ nonce: 'replayed' })],
    ['without a nonce', () => ({ nonce: undefined })],
    ['that has ended', () => ({ exp: Math.floor(Date.now() / 1000) - 3_600 })],
  ];
  for (const [what, claims] of tokens)
    test(`control takes no ID token ${what}`, async () => {
      stand.faults.claims = claims();
      const who = person();
      assert.match((await bring(who, await askedAt(who))).text, /cannot be trusted/);
      assert.ok(!isIn(who));
    });

  test('a state is of use once, to the browser and for the provider that it was made for', async () => {
    const who = person();
    const query = await askedAt(who);
    assert.match((await bring(person(), query)).text, /begun somewhere else/);
    assert.match((await bring(who, query, 'two')).text, /begun somewhere else/);
    assert.ok(!isIn(who));
    assert.equal((await bring(who, await askedAt(who))).status, 302);
    assert.ok(isIn(who));
    const again = await askedAt(person());
    assert.match((await bring(person(), again)).text, /begun somewhere else/);
  });

  test('an answer that names another provider, or none where it names one always, is a mix-up', async () => {
    for (const change of [
      (query: URLSearchParams) => query.set('iss', other.issuer),
      (query: URLSearchParams) => query.delete('iss'),
    ]) {
      const who = person();
      const query = await askedAt(who);
      change(query);
      const count = [stand, other].flatMap(({ asked }) => asked).filter((path) => path === '/token').length;
      assert.match((await bring(who, query)).text, /cannot be trusted/);
      assert.ok(!isIn(who));
      const now = [stand, other].flatMap(({ asked }) => asked).filter((path) => path === '/token').length;
      assert.equal(now, count, 'the code was sent nowhere');
    }
  });

  test('an address that nobody verified makes no account and links none, nor does one of an owner', async () => {
    const table: [claims: Record<string, unknown>, says: RegExp][] = [
      [{ sub: 'x1', email: 'new@example.com', email_verified: false }, /address/],
      [{ sub: 'x2', email: 'new@example.com' }, /address/],
      [{ sub: 'x3', email: 'new@example.com', email_verified: 'yes' }, /address/],
      [{ sub: 'x4', email: EMAIL, email_verified: true }, /Sign in as you did before/],
      [{ sub: 'x5', email: EMAIL, email_verified: false }, /address|Sign in as you did before/],
    ];
    for (const [claims, says] of table) {
      stand.person = claims;
      const who = person();
      const answer = await bring(who, await askedAt(who));
      assert.match(answer.text, says, JSON.stringify(claims));
      assert.ok(!isIn(who), JSON.stringify(claims));
    }
  });

  test('no address of a provider leads control to metadata services or into the private network', async (context) => {
    const places = [
      ...['https://169.254.169.254', 'https://[fd00:ec2::254]', 'https://168.63.129.16', 'https://100.100.100.200'],
      ...['https://0.0.0.0', 'https://[::ffff:169.254.169.254]', 'https://[64:ff9b::a9fe:a9fe]'],
    ];
    const refusal = /not a place to go|may not go/;
    for (const [i, place] of places.entries()) {
      // Not even where private addresses are allowed.
      const { status, text } = await asked(`meta-${i}`, place, true);
      assert.ok(status >= 400 && refusal.test(text), `${place}: ${text}`);
    }
    for (const [i, place] of [
      'https://127.0.0.1',
      'https://10.0.0.1',
      'https://[::1]',
      'https://localhost',
    ].entries()) {
      const { status, text } = await asked(`inside-${i}`, place, false);
      assert.ok(status >= 400 && refusal.test(text), `${place}: ${text}`);
    }
    for (const place of ['http://example.com', 'file:///etc/passwd', 'https://user@example.com', 'gopher://x'])
      assert.ok((await asked('odd', place, true)).status >= 400, place);
    // What the discovery document says is judged like what an administrator said.
    for (const name of ['jwks_uri', 'token_endpoint', 'userinfo_endpoint']) {
      const liar = await StandInProvider.start('generic');
      try {
        liar.faults.discovery = { [name]: 'http://169.254.169.254/latest/meta-data' };
        const slug = name.slice(0, 4);
        await asked(slug, liar.issuer, true);
        untilLive(dataDir);
        const who = person();
        const begun = await who.ask(new URL(`${portal}/sign-in/provider/${slug}/start?return=/`));
        const answer =
          begun.status === 302 ? await bring(who, liar.signIn(new URL(begun.headers.location ?? '')), slug) : begun;
        // Who is asked no userinfo needs no address of it.
        assert.ok(answer.status >= 400 || name === 'userinfo_endpoint', name);
      } finally {
        await liar.stop();
      }
    }
    const leading = await StandInProvider.start('generic');
    context.after(() => leading.stop());
    leading.faults.redirect = 'http://169.254.169.254/';
    assert.match((await asked('leading', leading.issuer, true)).text, /not followed/);
  });

  test('a host that is taken, or the portal’s, is not published again in another spelling', async () => {
    const taken = new URL(demo).hostname;
    for (const host of [taken, taken.toUpperCase(), `${taken}.`, new URL(portal).hostname]) {
      const policy = { rules: [] };
      const { status } = await network.api('POST', '/resources', { name: `Mine ${host}`, host, policy, targets: [] });
      assert.ok(status >= 400, host);
    }
  });

  test('the key of a PoP that is removed is nobody’s: what it signed is refused by the others, from then on', async () => {
    const [stays, goes] = network.ready.pops;
    assert.ok(stays && goes);
    const visitor = new Visitor({ ca: network.ca, via: goes.https });
    assert.equal((await visitor.signIn(`${demo}/whoami`, EMAIL, PASSWORD)).status, 200);
    const cookie = visitor.cookieHeader(new URL(demo).host);
    const by = (endpoint: string) =>
      new Visitor({ ca: network.ca, via: endpoint }).ask(new URL(`${demo}/whoami`), undefined, { cookie });
    assert.equal((await by(stays.https)).status, 200, 'a session of one PoP is good at the other');
    manis(dataDir, 'pop', 'remove', goes.name);
    for (;;) {
      const { status } = await by(stays.https);
      if (status === 302) break;
      assert.equal(status, 200);
    }
    const own = await person().signIn(`${demo}/whoami`, EMAIL, PASSWORD);
    assert.equal(own.status, 200, 'a session of the one that stays is good');
  });
});
