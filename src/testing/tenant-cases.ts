/**
 * Every operation of the management API, as another tenant might try it. A new operation needs a line here: what it is
 * called with, so that it would touch what is another organisation's, and what has to come of that.
 */

/** Ids of one of everything that belongs to an organisation. */
export interface TenantThings {
  readonly organisation: string;
  readonly site: string;
  readonly connector: string;
  readonly device: string;
  readonly resource: string;
  readonly target: string;
  readonly credential: string;
  readonly authority: string;
  readonly domain: string;
  readonly dnsProvider: string;
  readonly ownCertificate: string;
  readonly provider: string;
  readonly user: string;
  readonly role: string;
  readonly group: string;
  readonly invitation: string;
  readonly key: string;
  readonly token: string;
  readonly session: string;
  readonly pop: string;
  readonly list: string;
  readonly quickTunnel: string;
  readonly webhook: string;
  readonly delivery: string;
  readonly alertRule: string;
  /** In the log. */
  readonly request: string;
}

export interface TenantCase {
  /** Path parameters, where they are not the id of what the path begins with. */
  readonly path?: Partial<Record<string, keyof TenantThings>>;
  readonly body?: (things: TenantThings) => unknown;
  /**
   * What an administrator of another organisation gets. `own`: it works, on what is theirs; `installation`: it is for the
   * installation's administrators; anything else: the code of the refusal.
   */
  readonly stranger: 'own' | 'installation' | 'not-found' | (string & {});
  /** What the answer must tell nobody else of; `shared`: it is about what all organisations use. */
  readonly tells?: 'shared';
  /** It never ends by itself: what it tells of whom is tested where it is made. */
  readonly isStream?: true;
}

const own: TenantCase = { stranger: 'own' };
const shared: TenantCase = { stranger: 'own', tells: 'shared' };
const installation: TenantCase = { stranger: 'installation' };
const foreign: TenantCase = { stranger: 'not-found' };
const refused = (stranger: string, body: NonNullable<TenantCase['body']>): TenantCase => ({ stranger, body });
const withBody = (body: unknown): TenantCase => ({ stranger: 'not-found', body: () => body });

const location = { name: 'Oslo', latitude: 59.9, longitude: 10.7 };
const NOBODY = { email: 'nobody@example.org' };

export const TENANT_CASES: Readonly<Record<string, TenantCase>> = {
  'GET /me': own,
  'GET /me/applications': own,
  'POST /me/invitations': refused('invitation-unknown', ({ invitation }) => ({ token: invitation })),
  'GET /me/tokens': own,
  'DELETE /me/tokens/{id}': { stranger: 'not-found', path: { id: 'token' } },
  'POST /program-sign-ins': { stranger: 'own', body: () => ({ program: 'theirs' }) },
  'POST /program-sign-ins/token': refused('sign-in-code-unknown', () => ({ secret: 'theirs' })),
  'GET /status': shared,
  'GET /organisation': own,
  'PATCH /organisation': { stranger: 'own', body: () => ({ name: 'Other' }) },
  'DELETE /organisation': refused('organisation-in-use', () => undefined),
  'GET /organisation/policy': own,
  'PUT /organisation/policy': { stranger: 'own', body: () => ({ rules: [] }) },
  'GET /organisation/error-pages': own,
  'PUT /organisation/error-pages': { stranger: 'own', body: () => ({ pages: [] }) },
  'GET /organisation/usage': own,
  'GET /organisation/mfa': own,
  'PATCH /organisation/mfa': { stranger: 'own', body: () => ({ graceMs: 1 }) },
  'GET /blueprint': own,
  'GET /blueprint/schema': shared,
  'POST /blueprint/plan': { stranger: 'own', body: () => ({ text: 'manis: 1' }) },
  'POST /blueprint/apply': { stranger: 'own', body: () => ({ text: 'manis: 1' }) },
  'GET /blueprint/owned': own,
  'GET /blueprint/connectors': own,
  'POST /blueprint/release': refused('not-found', ({ resource }) => ({ noun: 'resources', id: resource })),
  'GET /organisations': installation,
  'POST /organisations': { stranger: 'installation', body: () => ({ name: 'Mine' }) },
  'GET /organisations/{id}': installation,
  'GET /organisations/{id}/usage': installation,
  'PATCH /organisations/{id}': { stranger: 'installation', body: () => ({ name: 'Mine' }) },
  'DELETE /organisations/{id}': installation,
  'PUT /organisations/{id}/owners/{userId}': installation,
  'GET /installation/administrators': installation,
  'PUT /installation/administrators/{id}': { stranger: 'installation', path: { id: 'user' } },
  'DELETE /installation/administrators/{id}': { stranger: 'installation', path: { id: 'user' } },
  'GET /acme': installation,
  'PUT /acme': { stranger: 'installation', body: () => ({ directoryUrl: 'https://directory.example/dir' }) },
  'DELETE /acme': installation,
  'GET /certificates': installation,
  // Whatever id it is: it is not looked at.
  'GET /certificates/{id}': { stranger: 'installation', path: { id: 'pop' } },
  'POST /certificates/{id}/renew': { stranger: 'installation', path: { id: 'pop' } },
  'GET /mail': installation,
  'PUT /mail': { stranger: 'installation', body: () => ({ host: 'mail.example', fromAddress: 'a@example.org' }) },
  'DELETE /mail': installation,
  'POST /mail/test': { stranger: 'installation', body: () => ({}) },
  'POST /guests/revoke': { stranger: 'installation', body: () => NOBODY },
  'GET /sites': own,
  'POST /sites': { stranger: 'own', body: () => ({ name: 'mine' }) },
  'GET /sites/{id}': foreign,
  'PATCH /sites/{id}': withBody({ name: 'stolen' }),
  'DELETE /sites/{id}': foreign,
  'GET /sites/{id}/connectors': foreign,
  'POST /sites/{id}/enrolment-tokens': withBody({}),
  'GET /sites/{id}/devices': foreign,
  'POST /sites/{id}/devices': withBody({ name: 'mine' }),
  'GET /connectors': own,
  'GET /connectors/{id}': foreign,
  'DELETE /connectors/{id}': foreign,
  'POST /connectors/{id}/drain': foreign,
  'GET /connectors/{id}/diagnosis': foreign,
  'POST /connectors/{id}/examine': foreign,
  'POST /connectors/{id}/resume': foreign,
  'GET /devices': own,
  'GET /devices/{id}': foreign,
  'PATCH /devices/{id}': refused('not-found', ({ pop }) => ({ popId: pop })),
  'DELETE /devices/{id}': foreign,
  'GET /devices/{id}/configuration': foreign,
  'GET /pops': shared,
  'GET /pops/{id}': shared,
  'DELETE /pops/{id}': installation,
  'POST /pops/enrolment-tokens': { stranger: 'installation', body: () => ({ name: 'osl', location }) },
  'POST /pops/{id}/drain': installation,
  'POST /pops/{id}/resume': installation,
  'GET /resources': own,
  'POST /resources': refused('site-unknown', ({ site }) => ({
    ...{ name: 'Mine', host: 'mine.example' },
    targets: [{ siteId: site, url: 'http://10.0.0.1' }],
  })),
  'GET /resources/{id}': foreign,
  'GET /resources/{id}/listeners': foreign,
  'PATCH /resources/{id}': withBody({ name: 'Mine' }),
  'DELETE /resources/{id}': foreign,
  'GET /resources/{id}/http': foreign,
  'PUT /resources/{id}/http': withBody({}),
  'PUT /resources/{id}/maintenance': withBody({ on: true }),
  'GET /resources/{id}/capture': foreign,
  'PUT /resources/{id}/capture': withBody({ capture: null }),
  'DELETE /resources/{id}/captures': foreign,
  'GET /resources/{id}/policy': foreign,
  'PUT /resources/{id}/policy': withBody({ rules: [] }),
  'GET /resources/{id}/targets': foreign,
  'POST /resources/{id}/targets': refused('not-found', ({ site }) => ({ siteId: site, url: 'http://10.0.0.1' })),
  'GET /targets': own,
  'GET /targets/{id}': foreign,
  'PATCH /targets/{id}': withBody({ weight: 7 }),
  'DELETE /targets/{id}': foreign,
  'GET /targets/{id}/health': foreign,
  'GET /quick-tunnels': own,
  'POST /quick-tunnels': refused('host-taken', () => ({
    applications: [{ url: 'http://10.0.0.1', host: 'secret.acme.example' }],
  })),
  'GET /quick-tunnels/{id}': { stranger: 'not-found', path: { id: 'quickTunnel' } },
  'POST /quick-tunnels/{id}/renew': { stranger: 'not-found', path: { id: 'quickTunnel' } },
  'POST /quick-tunnels/{id}/keep': { stranger: 'not-found', path: { id: 'quickTunnel' }, body: () => ({}) },
  'DELETE /quick-tunnels/{id}': { stranger: 'not-found', path: { id: 'quickTunnel' } },
  'GET /webhooks': own,
  'POST /webhooks': {
    stranger: 'own',
    body: () => ({ name: 'mine', url: 'https://hook.example/', events: ['site.offline'] }),
  },
  'GET /webhooks/{id}': { stranger: 'not-found', path: { id: 'webhook' } },
  'PATCH /webhooks/{id}': { stranger: 'not-found', path: { id: 'webhook' }, body: () => ({ name: 'stolen' }) },
  'DELETE /webhooks/{id}': { stranger: 'not-found', path: { id: 'webhook' } },
  'POST /webhooks/{id}/secret': { stranger: 'not-found', path: { id: 'webhook' } },
  'POST /webhooks/{id}/test': { stranger: 'not-found', path: { id: 'webhook' } },
  'GET /webhooks/{id}/deliveries': { stranger: 'not-found', path: { id: 'webhook' } },
  'POST /webhooks/{id}/deliveries/{deliveryId}/retry': {
    stranger: 'not-found',
    path: { id: 'webhook', deliveryId: 'delivery' },
  },
  'GET /alert-rules': own,
  'POST /alert-rules': {
    stranger: 'not-found',
    body: ({ webhook }) => ({ name: 'mine', kind: 'site', webhookIds: [webhook] }),
  },
  'GET /alert-rules/{id}': { stranger: 'not-found', path: { id: 'alertRule' } },
  'PATCH /alert-rules/{id}': { stranger: 'not-found', path: { id: 'alertRule' }, body: () => ({ name: 'stolen' }) },
  'DELETE /alert-rules/{id}': { stranger: 'not-found', path: { id: 'alertRule' } },
  'GET /lists': own,
  'GET /lists/{name}': { stranger: 'not-found', path: { name: 'list' } },
  'PUT /lists/{name}': {
    ...{ stranger: 'own', path: { name: 'list' } },
    body: () => ({ kind: 'addresses', entries: ['10.0.0.0/8'] }),
  },
  'DELETE /lists/{name}': { stranger: 'own', path: { name: 'list' } },
  'POST /policy/check': { stranger: 'own', body: () => ({ rules: [] }) },
  'POST /policy/simulate': refused('not-found', ({ resource }) => ({ resourceId: resource })),
  'GET /credentials': own,
  'POST /credentials': refused('resource-unknown', ({ resource }) => ({
    ...{ name: 'Mine', method: 'share-link', resourceIds: [resource] },
  })),
  'GET /credentials/{id}': foreign,
  'PATCH /credentials/{id}': withBody({ name: 'Mine' }),
  'DELETE /credentials/{id}': foreign,
  'POST /credentials/{id}/rotate': withBody({}),
  'GET /client-authorities': own,
  'POST /client-authorities': refused('resource-unknown', ({ resource }) => ({
    ...{ name: 'Mine', fingerprints: ['ab'.repeat(32)], resourceIds: [resource] },
  })),
  'GET /client-authorities/{id}': { stranger: 'not-found', path: { id: 'authority' } },
  'PATCH /client-authorities/{id}': {
    ...{ stranger: 'not-found', path: { id: 'authority' } },
    body: () => ({ name: 'Mine' }),
  },
  'DELETE /client-authorities/{id}': { stranger: 'not-found', path: { id: 'authority' } },
  'GET /domains': own,
  'POST /domains': { stranger: 'own', body: () => ({ name: 'mine.example', mode: 'cname' }) },
  'GET /domains/{id}': foreign,
  'PATCH /domains/{id}': withBody({ certificate: 'local' }),
  'DELETE /domains/{id}': foreign,
  'POST /domains/{id}/verify': foreign,
  'GET /own-certificates': own,
  'POST /own-certificates': refused('certificate-invalid', () => ({ name: 'theirs' })),
  'GET /own-certificates/{id}': { stranger: 'not-found', path: { id: 'ownCertificate' } },
  'PATCH /own-certificates/{id}': {
    ...{ stranger: 'not-found', path: { id: 'ownCertificate' } },
    body: () => ({ name: 'mine' }),
  },
  'DELETE /own-certificates/{id}': { stranger: 'not-found', path: { id: 'ownCertificate' } },
  'GET /dns-providers': own,
  'POST /dns-providers': {
    ...{ stranger: 'own' },
    body: () => ({ name: 'theirs', kind: 'cloudflare', secret: 'x' }),
  },
  'GET /dns-providers/{id}': { stranger: 'not-found', path: { id: 'dnsProvider' } },
  'PATCH /dns-providers/{id}': {
    ...{ stranger: 'not-found', path: { id: 'dnsProvider' } },
    body: () => ({ name: 'mine' }),
  },
  'DELETE /dns-providers/{id}': { stranger: 'not-found', path: { id: 'dnsProvider' } },
  'POST /dns-providers/{id}/test': {
    ...{ stranger: 'not-found', path: { id: 'dnsProvider' } },
    body: () => ({ name: 'acme.example' }),
  },
  'GET /providers': own,
  'POST /providers': {
    stranger: 'own',
    body: () => ({ preset: 'github', name: 'theirs', clientId: 'x', clientSecret: 'y' }),
  },
  'GET /providers/{id}': foreign,
  'PATCH /providers/{id}': withBody({ enabled: false }),
  'DELETE /providers/{id}': foreign,
  'POST /providers/{id}/test': foreign,
  'GET /users': own,
  'POST /users': refused('email-taken', () => ({ email: 'ann@acme.example', name: 'Ann' })),
  'GET /users/{id}': foreign,
  'PATCH /users/{id}': withBody({ password: 'a river in the hills' }),
  'DELETE /users/{id}': foreign,
  'DELETE /users/{id}/sessions': foreign,
  'GET /users/{id}/applications': foreign,
  'GET /users/{id}/identities': foreign,
  'DELETE /users/{id}/identities/{providerId}': { stranger: 'not-found', path: { providerId: 'provider' } },
  'GET /users/{id}/factors': foreign,
  'DELETE /users/{id}/factors': foreign,
  'GET /known-devices': own,
  // Their ids are hashes of keys, which no test of control can make.
  'PATCH /known-devices/{id}': { stranger: 'not-found', path: { id: 'user' }, body: () => ({ approved: true }) },
  'DELETE /known-devices/{id}': { stranger: 'not-found', path: { id: 'user' } },
  'GET /roles': own,
  'POST /roles': { stranger: 'own', body: () => ({ name: 'theirs' }) },
  'GET /roles/{id}': foreign,
  'PATCH /roles/{id}': withBody({ permissions: [] }),
  'DELETE /roles/{id}': foreign,
  'GET /groups': own,
  'POST /groups': refused('role-unknown', () => ({ name: 'theirs', roles: ['secret-role'] })),
  'GET /groups/{id}': foreign,
  'PATCH /groups/{id}': withBody({ name: 'mine' }),
  'DELETE /groups/{id}': foreign,
  'PUT /groups/{id}/members/{userId}': foreign,
  'DELETE /groups/{id}/members/{userId}': foreign,
  'GET /invitations': own,
  'POST /invitations': refused('group-unknown', () => ({ ...NOBODY, groups: ['secret-group'] })),
  'DELETE /invitations/{id}': foreign,
  'GET /keys': own,
  'POST /keys': refused('resource-unknown', ({ resource }) => ({
    ...{ name: 'mine', scopes: ['resource.read'], resourceIds: [resource] },
  })),
  'GET /keys/{id}': foreign,
  'DELETE /keys/{id}': foreign,
  'GET /sessions': own,
  'GET /sessions/visitors': own,
  'DELETE /sessions/{id}': foreign,
  'GET /revocations/{sequence}': shared,
  'GET /api-tokens': own,
  'POST /api-tokens': refused('user-unknown', ({ user }) => ({ name: 'spy', userId: user })),
  'DELETE /api-tokens/{id}': { stranger: 'not-found', path: { id: 'token' } },
  'GET /live': { stranger: 'own', isStream: true },
  'GET /requests': own,
  'GET /requests/{id}': { stranger: 'not-found', path: { id: 'request' } },
  'GET /requests/{id}/capture': { stranger: 'not-found', path: { id: 'request' } },
  'POST /requests/{id}/replay': { stranger: 'not-found', path: { id: 'request' }, body: () => ({}) },
  'GET /requests/settings': own,
  'GET /requests/export': own,
  'GET /requests/analytics': own,
  'PUT /requests/settings': { stranger: 'own', body: () => ({ level: 'none', keptDays: 1, keptBytes: 0 }) },
  'PUT /requests/settings/resources/{id}': {
    stranger: 'not-found',
    path: { id: 'resource' },
    body: () => ({ level: 'none' }),
  },
  'GET /audit': own,
  'GET /audit/settings': own,
  'PUT /audit/settings': { stranger: 'own', body: () => ({ mode: 'all' }) },
  'PUT /audit/settings/resources/{id}': {
    stranger: 'not-found',
    path: { id: 'resource' },
    body: () => ({ mode: 'all' }),
  },
};
