/**
 * Isolation of organisations, from the OpenAPI document: every operation is tried by an administrator of another
 * organisation, by a member without the permission, by a key with every scope but the one, and by nobody.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { SentRequest } from '../../core/link/index.ts';
import { issue } from '../../testing/client-pki.ts';
import { type Answer, ControlWorld, type PopWorld } from '../../testing/control-world.ts';
import { TENANT_CASES, type TenantCase, type TenantThings } from '../../testing/tenant-cases.ts';
import { ORGANISATION_PERMISSIONS } from '../permissions.ts';

const world = new ControlWorld();
let things: TenantThings;
let operations: { name: string; method: string; path: string; access: string }[] = [];

type Call = (method: string, path: string, body?: unknown) => Promise<Answer>;
let inside: Call;
let stranger: Call;
let member: Call;
let strangerToken = '';

function by(token: string, organisationId?: string): Call {
  const headers = { authorization: `Bearer ${token}`, ...(organisationId && { 'manis-organisation': organisationId }) };
  return (method, path, body) => world.call(method, `/api/v1${path}`, body, headers);
}

before(async () => {
  await world.start();
  const pop = await world.addPop('ams');
  const owners = await Promise.all(['Acme', 'Other'].map((name) => world.must('POST', '/organisations', { name })));
  const [acme, other] = owners as [{ id: string }, { id: string }];
  inside = by(world.apiToken, acme.id);
  things = await fill(acme.id, pop);
  stranger = await ownerOf(other.id);
  const made = await must(inside('POST', '/users', { email: 'plain@acme.example', name: 'Plain' }));
  member = by((await must(inside('POST', '/api-tokens', { name: 'plain', userId: made.id }))).token, acme.id);
  await must(stranger('POST', '/sites', { name: 'own' }));
  operations = await readOperations();
});
after(() => world.end());

async function must(answer: Promise<Answer>): Promise<Answer['body']> {
  const { status, body } = await answer;
  assert.ok(status < 300, JSON.stringify(body));
  return body;
}

/** An owner of an organisation who is nothing else, least of all an administrator of the installation. */
async function ownerOf(organisationId: string): Promise<Call> {
  const api = by(world.apiToken, organisationId);
  const made = await must(api('POST', '/users', { email: 'eve@other.example', name: 'Eve', roles: ['owner'] }));
  strangerToken = (await must(api('POST', '/api-tokens', { name: 'eve', userId: made.id }))).token;
  return by(strangerToken, organisationId);
}

/** A request at a resource, as a PoP tells of it; its id. */
async function logged(resourceId: string, pop: PopWorld): Promise<string> {
  await pop.until(() => pop.find('resource', resourceId) !== undefined);
  const record: SentRequest = {
    ...{ id: 'secret-request', unixMs: Date.now(), resourceId, method: 'GET', host: 'secret.acme.example', path: '/' },
    ...{ protocol: 'HTTP/2.0', status: 200, outcome: 'allowed', reason: 'authenticated', subject: null },
    ...{ address: '192.0.2.1', bytesOut: 3, way: null, targetId: null },
    stageMs: { judge: 0.2, way: null, backend: null, total: 4 },
  };
  await must(inside('PUT', `/resources/${resourceId}/capture`, { capture: {} }));
  await pop.until(() => pop.find('resource', resourceId)?.capture !== undefined);
  const { id, unixMs, method, host } = record;
  const captured = {
    ...{ id, unixMs, resourceId, method, host, target: '/?secret-word' },
    fields: ['A', 'secret-field'],
  };
  pop.client.send({ type: 'requests', unixMs: Date.now(), lost: 0, records: [record], traffic: [] });
  pop.client.send({ type: 'captures', records: [captured] });
  for (;;) {
    const [first] = (await must(inside('GET', '/requests?captured=true'))).items;
    if (first) return first.id;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

async function fill(organisation: string, pop: PopWorld): Promise<TenantThings> {
  const add = async (path: string, body: unknown): Promise<Answer['body']> => must(inside('POST', path, body));
  const site = await add('/sites', { name: 'secret-site' });
  const { token: enrolment } = await add(`/sites/${site.id}/enrolment-tokens`, {});
  const wireguardKey = Buffer.alloc(32, 7).toString('base64');
  const enrolled = { token: enrolment, wireguardKey, name: 'secret-connector' };
  const connector = await must(world.call('POST', '/enrol/v1/connector', enrolled));
  const device = await add(`/sites/${site.id}/devices`, { name: 'secret-device' });
  const resource = await add('/resources', { name: 'Secret', host: 'secret.acme.example' });
  const target = await add(`/resources/${resource.id}/targets`, { siteId: site.id, url: 'http://10.9.8.7' });
  const credential = await add('/credentials', { name: 'c', method: 'share-link', resourceIds: [resource.id] });
  const pinned = { name: 'secret-authority', fingerprints: ['cd'.repeat(32)], resourceIds: [resource.id] };
  const authority = await add('/client-authorities', pinned);
  const dnsProvider = await add('/dns-providers', { name: 'secret-dns', kind: 'cloudflare', secret: 'y' });
  const { certificatePem: chainPem, keyPem } = await issue(Date.now(), { name: 's', dns: ['secret.acme.example'] });
  const ownCertificate = await add('/own-certificates', { name: 'secret-pair', chainPem, keyPem });
  const domain = await add('/domains', { name: 'secret.acme.example', mode: 'cname' });
  const provider = await add('/providers', {
    preset: 'github',
    name: 'secret-provider',
    clientId: 'x',
    clientSecret: 'y',
  });
  const password = 'a river in the hills';
  const user = await add('/users', { email: 'ann@acme.example', name: 'Ann', password });
  const role = await add('/roles', { name: 'secret-role' });
  const group = await add('/groups', { name: 'secret-group' });
  const invitation = await add('/invitations', { email: 'zoe@acme.example' });
  const key = await add('/keys', { name: 'k', scopes: ['site.read'] });
  const token = await add('/api-tokens', { name: 't', userId: user.id });
  const list = { kind: 'addresses', entries: ['192.0.2.0/24'] };
  await must(inside('PUT', '/lists/secret-list', list));
  const tried = { applications: [{ url: 'http://10.9.8.7', host: 'secret-try.acme.example' }] };
  const quick = await add('/quick-tunnels', tried);
  const credentials = { email: 'ann@acme.example', password, clientAddress: '192.0.2.9' };
  const session = await must(world.call('POST', '/internal/v1/sign-in', credentials, pop.headers));
  const request = await logged(resource.id, pop);
  const hook = { name: 'secret-hook', url: 'https://secret.acme.example/hook', events: ['site.offline'] };
  const webhook = await add('/webhooks', hook);
  const sent = await add(`/webhooks/${webhook.id}/test`, undefined);
  // So that nothing of it moves any more.
  await must(inside('PATCH', `/webhooks/${webhook.id}`, { enabled: false }));
  await must(inside('POST', `/webhooks/${webhook.id}/deliveries/${sent.deliveryId}/retry`));
  while ((await must(inside('GET', `/webhooks/${webhook.id}/deliveries`))).items[0].state !== 'dead')
    await new Promise((resolve) => setTimeout(resolve, 10));
  const alertRule = await add('/alert-rules', { name: 'secret-rule', kind: 'site', webhookIds: [webhook.id] });
  return {
    ...{ organisation, request, site: site.id, connector: connector.connectorId, device: device.device.id },
    ...{
      resource: resource.id,
      target: target.id,
      credential: credential.id,
      authority: authority.id,
      domain: domain.id,
      dnsProvider: dnsProvider.id,
      ownCertificate: ownCertificate.id,
      provider: provider.id,
      user: user.id,
      role: role.id,
    },
    ...{ group: group.id, invitation: invitation.id, key: key.id, token: token.id, session: session.sessionId },
    ...{ pop: pop.enrolled.popId, list: 'secret-list', quickTunnel: quick.id },
    ...{ webhook: webhook.id, delivery: sent.deliveryId, alertRule: alertRule.id },
  };
}

async function readOperations(): Promise<typeof operations> {
  const { body } = await world.call('GET', '/api/v1/openapi.json');
  const paths = body.paths as Record<string, Record<string, { 'x-access'?: string }>>;
  return Object.entries(paths).flatMap(([whole, methods]) =>
    Object.entries(methods).map(([verb, operation]) => {
      const [method, path] = [verb.toUpperCase(), whole.replace('/api/v1', '')];
      return { name: `${method} ${path}`, method, path, access: operation['x-access'] ?? '' };
    }),
  );
}

/** The path with ids of the first organisation. */
function filled(path: string, { path: named = {} }: TenantCase): string {
  const noun = path.split('/')[1]?.replace(/s$/, '') ?? '';
  return path.replace(/\{(\w+)\}/g, (_, parameter: string) => {
    if (parameter === 'sequence') return 'latest';
    if (parameter === 'userId') return things.user;
    const thing = named[parameter] ?? (noun as keyof TenantThings);
    return things[thing] ?? assert.fail(`say in tenant-cases.ts what {${parameter}} of ${path} is`);
  });
}

const caseOf = (name: string): TenantCase => TENANT_CASES[name] ?? assert.fail(`${name} is missing in tenant-cases.ts`);

/** Everything of the first organisation, as its owner sees it. What is used meanwhile is left out. */
async function picture(): Promise<string> {
  const lists = operations.filter(({ method, access }) => {
    const isAbout = access.includes('.') && !/^(installation|tenant|pop|status|audit|session)\./.test(access);
    return method === 'GET' && isAbout;
  });
  const seen: string[] = [];
  for (const { name, path } of lists) {
    const { body } = await inside('GET', filled(path, caseOf(name)));
    seen.push(
      `${name}: ${JSON.stringify(body, (key, value) => (/^(lastUsedUnixMs|requestId)$/.test(key) ? 0 : value))}`,
    );
  }
  return seen.join('\n');
}

describe('isolation of organisations', () => {
  test('is tried on everything that the document describes', () => assert.ok(operations.length > 90));

  test('an administrator of another organisation reaches nothing of this one', async () => {
    const before = await picture();
    const secrets = Object.entries(things).flatMap(([kind, thing]) => (/^(pop|list)$/.test(kind) ? [] : thing));
    const wrong: string[] = [];
    for (const { name, method, path } of operations) {
      const tenantCase = caseOf(name);
      if (tenantCase.isStream) continue;
      const { status, body } = await stranger(method, filled(path, tenantCase), tenantCase.body?.(things));
      // What its own list is called the stranger said itself.
      const told = JSON.stringify(body ?? null).replaceAll(things.list, '');
      const { stranger: expected, tells } = tenantCase;
      const code = expected === 'installation' ? 'rights-missing' : expected;
      if (expected === 'own' ? status >= 300 : body?.code !== code) wrong.push(`${name}: ${status} ${told}`);
      const words = [...secrets, 'secret-', 'acme.example', '10.9.8.7'];
      if (expected === 'own' && tells !== 'shared')
        for (const word of words) if (told.includes(word)) wrong.push(`${name} tells of ${word}: ${told}`);
    }
    assert.deepEqual(wrong, []);
    assert.equal(await picture(), before, 'nothing has changed');
  });

  test('nobody acts in an organisation by naming it', async () => {
    const named = by(strangerToken, things.organisation);
    for (const { name, method, path, access } of operations) {
      if (access === 'public') continue;
      const tenantCase = caseOf(name);
      const { body } = await named(method, filled(path, tenantCase), tenantCase.body?.(things));
      assert.equal(body?.code, 'organisation-unknown', name);
    }
  });

  test('a member without the permission is refused', async () => {
    for (const { name, method, path, access } of operations) {
      if (access === 'signed-in' || access === 'public') continue;
      const tenantCase = caseOf(name);
      const { body } = await member(method, filled(path, tenantCase), tenantCase.body?.(things));
      assert.equal(body?.code, 'rights-missing', name);
    }
  });

  test('a key with every scope but the one is refused, and one that is limited to another resource', async () => {
    const other = await must(inside('POST', '/resources', { name: 'Else', host: 'else.acme.example' }));
    const all = [...ORGANISATION_PERMISSIONS];
    const limited = await must(inside('POST', '/keys', { name: 'l', scopes: all, resourceIds: [other.id] }));
    const keys = new Map<string, Call>();
    for (const scope of all) {
      const scopes = all.filter((one) => one !== scope);
      keys.set(scope, by((await must(inside('POST', '/keys', { name: scope, scopes }))).key));
    }
    const any = keys.get('audit.read') as Call;
    for (const { name, method, path, access } of operations) {
      if (access === 'public') continue;
      const tenantCase = caseOf(name);
      for (const call of [keys.get(access) ?? any, by(limited.key)]) {
        const { body } = await call(method, filled(path, tenantCase), tenantCase.body?.(things));
        assert.equal(body?.code, 'rights-missing', name);
      }
    }
  });

  test('nobody who is not signed in is answered', async () => {
    for (const { name, method, path, access } of operations) {
      if (access === 'public') continue;
      const tenantCase = caseOf(name);
      const answer = await world.call(method, `/api/v1${filled(path, tenantCase)}`, tenantCase.body?.(things));
      assert.equal(answer.body?.code, 'authentication-required', name);
    }
  });
});
