import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { PRESETS, type Preset, personOf, presetDefaults } from '../../core/identity/index.ts';
import { StandInProvider } from '../../testing/stand-in-provider.ts';
import { VirtualClock } from '../../testing/virtual-clock.ts';
import { createRandom } from '../random.ts';
import { NodeSessionCrypto } from '../session-crypto.ts';
import { mapNames } from './claim-mapping.ts';
import { DISCOVERY_RETRY_MS, JWKS_COOLDOWN_MS } from './constants.ts';
import type { ProviderAnswer, ProviderClientSettings } from './identity-provider.ts';
import { IdentityProviders } from './identity-providers.ts';

const crypto = new NodeSessionCrypto();
const random = createRandom();
const REDIRECT = 'https://manis.localhost:8443/sign-in/provider/one/callback';

function settingsOf(provider: StandInProvider, changes: Partial<ProviderClientSettings> = {}): ProviderClientSettings {
  const { graphUrl, ...defaults } = presetDefaults(provider.preset);
  return {
    ...defaults,
    id: 'idp1',
    preset: provider.preset,
    issuer: provider.issuer,
    clientId: provider.clientId,
    clientSecret: provider.clientSecret,
    allowPrivate: true,
    ...(graphUrl !== undefined && { graphUrl: `${provider.origin}/graph/v1.0` }),
    emailTrust: 'claim',
    domains: [],
    linkDomains: [],
    provisioning: 'verified-email',
    defaultRoles: [],
    mfaValues: [],
    automatic: false,
    ...changes,
  };
}

/** A node with one provider, and a person who signs in there. */
class Node {
  readonly clock = new VirtualClock(1000, Date.now());
  readonly #providers = new IdentityProviders(this.clock);
  readonly stand: StandInProvider;
  readonly settings: ProviderClientSettings;

  constructor(stand: StandInProvider, changes: Partial<ProviderClientSettings> = {}) {
    this.stand = stand;
    this.settings = settingsOf(stand, changes);
  }

  get provider() {
    return this.#providers.of(this.settings);
  }

  async signIn(change: (query: URLSearchParams) => void = () => undefined, fresh = false): Promise<ProviderAnswer> {
    const text = (): string => Buffer.from(random.bytes(32)).toString('base64url');
    const attempt = { id: text().slice(0, 22), nonce: text(), verifier: text(), fresh };
    const challenge = Buffer.from(crypto.sha256(Buffer.from(attempt.verifier))).toString('base64url');
    const url = await this.provider.authorizationUrl(attempt, challenge, REDIRECT);
    const query = this.stand.signIn(url);
    change(query);
    return this.provider.exchange(attempt, query, REDIRECT);
  }
}

/** What each preset's provider says of Ann, and what the preset makes of it. */
const SAID: Readonly<Record<Preset, { person: object; userInfo?: object; groups: string[]; verified: boolean }>> = {
  google: { person: { hd: 'example.com' }, groups: [], verified: true },
  entra: { person: { groups: ['8d1c', '77aa'], roles: ['Writer'] }, groups: ['8d1c', '77aa'], verified: false },
  okta: {
    person: {},
    userInfo: { groups: ['Everyone', 'Engineering'] },
    groups: ['Everyone', 'Engineering'],
    verified: true,
  },
  auth0: { person: { sub: 'auth0|0042', 'https://manis/roles': ['editor'] }, groups: [], verified: true },
  github: {
    person: { id: 4711, login: 'ann', name: null, email: 'public@elsewhere.example' },
    userInfo: {
      '/user/emails': [
        { email: 'old@example.com', primary: false, verified: true },
        { email: 'ann@example.com', primary: true, verified: true },
      ],
      '/user/orgs': [{ login: 'acme' }],
      '/user/teams': [{ slug: 'core', organization: { login: 'acme' } }],
    },
    groups: ['acme', 'acme/core'],
    verified: true,
  },
  keycloak: { person: { groups: ['/staff'], realm_access: { roles: ['viewer'] } }, groups: ['/staff'], verified: true },
  authentik: { person: { groups: ['authentik Admins'] }, groups: ['authentik Admins'], verified: true },
  generic: { person: { groups: 'only-one' }, groups: ['only-one'], verified: true },
};

for (const preset of PRESETS) {
  describe(`preset ${preset}`, () => {
    let stand: StandInProvider;
    const { person, userInfo = {}, groups, verified } = SAID[preset];
    before(async () => {
      stand = await StandInProvider.start(preset);
    });
    after(() => stand.stop());
    beforeEach(() => {
      for (const name of Object.keys(stand.faults)) delete (stand.faults as Record<string, unknown>)[name];
      const basics = { sub: 'subject-1', email: 'ann@example.com', email_verified: true, name: 'Ann' };
      stand.person = preset === 'github' ? { ...person } : { ...basics, ...person };
      stand.userInfo = { ...userInfo };
    });

    test('signs in, with the person and their groups', async () => {
      const node = new Node(stand);
      const { claims, idToken } = await node.signIn();
      const said = personOf(node.settings, claims);
      assert.equal(said?.email, 'ann@example.com');
      assert.equal(said?.emailVerified, verified);
      assert.deepEqual(mapNames(node.settings.mapping.groups, claims), groups);
      assert.equal(idToken !== undefined, preset !== 'github');
    });

    test('a wrong secret is said to be one, in words of ours', async () => {
      const node = new Node(stand, { clientSecret: 'another' });
      await assert.rejects(node.signIn(), { code: 'provider-client-refused' });
    });

    test('consent denied is not a fault', async () => {
      const node = new Node(stand);
      const denied = node.signIn((query) => {
        query.delete('code');
        query.set('error', 'access_denied');
        query.set('error_description', '<b>the user said no</b>');
      });
      await assert.rejects(denied, { code: 'provider-denied', message: /access_denied/ });
    });

    test('a code is exchanged once, for its own attempt', async () => {
      const node = new Node(stand);
      let used = '';
      await node.signIn((query) => {
        used = query.get('code') ?? '';
      });
      await assert.rejects(
        node.signIn((query) => query.set('code', used)),
        { code: 'provider-error' },
      );
      await assert.rejects(node.signIn((query) => query.set('state', 'another')));
    });

    test('a provider that is down is said to be', async () => {
      const node = new Node(stand);
      stand.faults.down = true;
      await assert.rejects(node.signIn(), { code: 'provider-unreachable' });
      await assert.rejects(new Node(stand).provider.check(), { code: 'provider-unreachable' });
    });

    test('an answer that is huge, or leads elsewhere, is refused', async () => {
      stand.faults.hugeBytes = 600_000;
      await assert.rejects(new Node(stand).signIn(), { code: 'provider-answer-refused', message: /larger than/ });
      delete stand.faults.hugeBytes;
      stand.faults.redirect = 'http://169.254.169.254/';
      await assert.rejects(new Node(stand).signIn(), { code: 'provider-answer-refused', message: /leads elsewhere/ });
    });

    test('it is not asked where private addresses were not allowed', async () => {
      const node = new Node(stand, { allowPrivate: false });
      await assert.rejects(node.signIn(), { code: 'provider-address-refused' });
    });

    test('the check tells what is there', async () => {
      const { issuer, canSignOut } = await new Node(stand).provider.check();
      assert.equal(issuer, stand.issuer.replace(/\/$/, preset === 'github' ? '' : '$&'));
      assert.equal(canSignOut, !['google', 'github'].includes(preset));
    });
  });
}

describe('OpenID Connect', () => {
  let stand: StandInProvider;
  before(async () => {
    stand = await StandInProvider.start('keycloak');
  });
  after(() => stand.stop());
  beforeEach(() => {
    for (const name of Object.keys(stand.faults)) delete (stand.faults as Record<string, unknown>)[name];
    stand.person = { sub: 'subject-1', email: 'ann@example.com', email_verified: true };
    stand.userInfo = {};
  });

  const now = () => Math.floor(Date.now() / 1000);
  const wrongClaims: [what: string, claims: () => Record<string, unknown>][] = [
    ['another issuer', () => ({ iss: 'https://evil.example' })],
    ['the issuer with a slash more', () => ({ iss: `${stand.issuer}/` })],
    ['another audience', () => ({ aud: 'another-client' })],
    ['a further audience', () => ({ aud: ['manis-client', 'another-client'] })],
    ['a further audience made for another', () => ({ aud: ['manis-client', 'other'], azp: 'other' })],
    ['another authorised party', () => ({ azp: 'another-client' })],
    ['another nonce', () => ({ nonce: 'replayed' })],
    ['no nonce', () => ({ nonce: undefined })],
    ['an end that has passed', () => ({ exp: now() - 120 })],
    ['a beginning that is to come', () => ({ nbf: now() + 120 })],
    ['no subject', () => ({ sub: undefined })],
  ];
  for (const [what, claims] of wrongClaims)
    test(`an ID token with ${what} is refused`, async () => {
      stand.faults.claims = claims();
      await assert.rejects(new Node(stand).signIn(), { code: 'provider-token-wrong' });
    });

  for (const signedWith of ['unknown-key', 'none', 'secret'] as const)
    test(`an ID token signed with ${signedWith} is refused`, async () => {
      stand.faults.signedWith = signedWith;
      await assert.rejects(new Node(stand).signIn(), { code: 'provider-token-wrong' });
    });

  test('clocks may be apart a little', async () => {
    stand.faults.claims = { exp: now() - 30, iat: now() + 30 };
    assert.equal((await new Node(stand).signIn()).claims['sub'], 'subject-1');
  });

  test('changed keys are found, after a moment at the latest', async () => {
    const node = new Node(stand);
    await node.signIn();
    await stand.rotateKeys();
    await assert.rejects(node.signIn(), { code: 'provider-token-wrong' });
    node.clock.advance(JWKS_COOLDOWN_MS);
    assert.equal((await node.signIn()).claims['sub'], 'subject-1');
  });

  test('an answer that names another provider, or none where it names one always, is a mix-up', async () => {
    const node = new Node(stand);
    await assert.rejects(
      node.signIn((query) => query.set('iss', 'https://evil.example')),
      { code: 'provider-token-wrong' },
    );
    await assert.rejects(
      node.signIn((query) => query.delete('iss')),
      { code: 'provider-token-wrong' },
    );
    const failed = node.signIn((query) => {
      query.set('error', 'access_denied');
      query.set('iss', 'https://evil.example');
    });
    await assert.rejects(failed, { code: 'provider-response-wrong' });
    await assert.rejects(node.signIn((query) => query.append('code', 'another')));
  });

  test('a discovery document that calls itself otherwise is refused, and not asked for all the time', async () => {
    const node = new Node(stand);
    stand.faults.discovery = { issuer: 'https://evil.example' };
    const before = stand.asked.length;
    for (let count = 0; count < 5; count++) await assert.rejects(node.signIn(), { code: 'provider-issuer-wrong' });
    assert.equal(stand.asked.length, before + 1);
    delete stand.faults.discovery;
    node.clock.advance(DISCOVERY_RETRY_MS);
    await node.signIn();
    // Once known, it goes on without it for a while.
    stand.faults.discovery = { issuer: 'https://evil.example' };
    node.clock.advance(2 * 3_600_000);
    await node.signIn();
  });

  test('endpoints at addresses where nothing may go are not asked, whatever the discovery document says', async () => {
    for (const address of [
      'http://169.254.169.254/latest',
      'https://[fd00:ec2::254]/',
      'http://93.184.216.34/',
      'file:///etc/passwd',
    ]) {
      stand.faults.discovery = { token_endpoint: address };
      await assert.rejects(new Node(stand).signIn(), (error: { code: string }) => {
        assert.match(error.code, /^provider-(address-refused|token-wrong)$/);
        return true;
      });
    }
  });

  test('userinfo of another subject is refused', async () => {
    stand.userInfo = { sub: 'somebody-else' };
    await assert.rejects(new Node(stand).signIn(), { code: 'provider-token-wrong' });
  });

  test('userinfo does not outdo the signed token', async () => {
    stand.userInfo = { email: 'boss@example.com', department: 'sales' };
    const { claims } = await new Node(stand).signIn();
    assert.equal(claims['email'], 'ann@example.com');
    assert.equal(claims['department'], 'sales');
  });

  test('who has to prove it anew is not let through on an old proof', async () => {
    stand.faults.claims = { auth_time: now() - 3_600 };
    const node = new Node(stand);
    await assert.rejects(node.signIn(undefined, true), { code: 'provider-token-wrong' });
    assert.equal((await node.signIn()).authenticatedAtUnixMs, (now() - 3_600) * 1000);
  });

  test('a logout token is read, and nothing else is one', async () => {
    const { provider } = new Node(stand);
    assert.deepEqual(await provider.readSignOut(await stand.logoutToken({ sub: 's', sid: 'one' })), {
      subject: 's',
      sid: 'one',
    });
    assert.deepEqual(await provider.readSignOut(await stand.logoutToken({ sid: 'one' })), { sid: 'one' });
    const wrong: Record<string, unknown>[] = [
      {},
      { sub: 's', nonce: 'n' },
      { sub: 's', events: {} },
      { sub: 's', events: { other: {} } },
      { sub: 's', iss: 'https://evil.example' },
      { sub: 's', aud: 'another' },
      { sub: 's', iat: now() - 3_600 },
      { sub: 's', iat: undefined },
      { sub: 's', jti: undefined },
      { sub: 's', exp: now() - 600 },
    ];
    for (const claims of wrong)
      await assert.rejects(
        provider.readSignOut(await stand.logoutToken(claims)),
        { code: 'provider-token-wrong' },
        JSON.stringify(claims),
      );
    await assert.rejects(provider.readSignOut(await stand.idToken({ sub: 's', nonce: 'n' })), {
      code: 'provider-token-wrong',
    });
    for (const text of ['', 'x.y.z', 'x'.repeat(10_000)])
      await assert.rejects(provider.readSignOut(text), { code: 'provider-token-wrong' });
    for (const signedWith of ['unknown-key', 'none', 'secret'] as const) {
      stand.faults.signedWith = signedWith;
      await assert.rejects(provider.readSignOut(await stand.logoutToken({ sub: 's' })), {
        code: 'provider-token-wrong',
      });
    }
  });

  test('signing out leads to the provider with what it wants to see', async () => {
    const url = await new Node(stand).provider.endSessionUrl('the.id.token', 'https://manis.localhost/signed-out');
    assert.equal(url?.pathname, '/logout');
    assert.deepEqual(Object.fromEntries(url?.searchParams ?? []), {
      client_id: 'manis-client',
      id_token_hint: 'the.id.token',
      post_logout_redirect_uri: 'https://manis.localhost/signed-out',
    });
  });
});

describe('Microsoft Entra ID', () => {
  let stand: StandInProvider;
  before(async () => {
    stand = await StandInProvider.start('entra');
    stand.graphGroups = Array.from({ length: 250 }, (_, i) => `group-${i}`);
  });
  after(() => stand.stop());

  for (const overage of [
    { _claim_names: { groups: 'src1' }, _claim_sources: { src1: { endpoint: 'http://169.254.169.254/' } } },
    { hasgroups: true },
  ])
    test(`groups that are too many for a token (${Object.keys(overage)[0]}) come from Graph at its own address`, async () => {
      stand.person = { sub: 's', ...overage };
      const node = new Node(stand);
      assert.equal(mapNames('groups', (await node.signIn()).claims).length, 250);
      stand.faults.graphStatus = 403;
      const { claims } = await node.signIn();
      assert.deepEqual(claims['groups'], []);
      delete stand.faults.graphStatus;
    });

  test('every tenant at once is refused', async () => {
    stand.faults.discovery = { issuer: 'https://login.microsoftonline.com/{tenantid}/v2.0' };
    await assert.rejects(new Node(stand).signIn(), { code: 'provider-issuer-wrong', message: /your own tenant/ });
  });
});

describe('GitHub', () => {
  let stand: StandInProvider;
  before(async () => {
    stand = await StandInProvider.start('github');
  });
  after(() => stand.stop());

  test('an address that is not verified is not the person', async () => {
    stand.person = { id: 1, login: 'ann', email: 'boss@example.com' };
    stand.userInfo = { '/user/emails': [{ email: 'boss@example.com', primary: true, verified: false }] };
    const { claims } = await new Node(stand).signIn();
    assert.equal(claims['email'], undefined);
    assert.equal(claims['sub'], '1');
  });

  test('pages of teams are read, up to a limit', async () => {
    stand.person = { id: 1, login: 'ann' };
    const teams = Array.from({ length: 1_000 }, (_, i) => ({ slug: `t${i}`, organization: { login: 'acme' } }));
    stand.userInfo = { '/user/teams': teams };
    const { claims } = await new Node(stand).signIn();
    assert.equal((claims['teams'] as unknown[]).length, 500);
  });

  test('an error with status 200 is an error', async () => {
    stand.faults.token = { status: 200, body: { error: 'redirect_uri_mismatch', error_description: 'x' } };
    await assert.rejects(new Node(stand).signIn(), { code: 'provider-error' });
  });
});
