/** One of everything that an organisation can have, for tests that ask every operation of the API. */
import type { SentRequest } from '../core/link/index.ts';
import { issue } from './client-pki.ts';
import type { Answer, ControlWorld, PopWorld } from './control-world.ts';
import { eventually } from './eventually.ts';
import type { TenantCase, TenantThings } from './tenant-cases.ts';

/** Asks the API as somebody in one organisation. */
export type Call = (method: string, path: string, body?: unknown) => Promise<Answer>;

/** The body of what has to work. */
export async function bodyOf(answer: Promise<Answer>): Promise<Answer['body']> {
  const { status, body } = await answer;
  if (status >= 300) throw new Error(JSON.stringify(body));
  return body;
}

/** @param inside asks within the organisation, as an administrator of the installation. */
export async function fillOrganisation(
  world: ControlWorld,
  inside: Call,
  organisation: string,
  pop: PopWorld,
): Promise<TenantThings> {
  const add = async (path: string, body: unknown): Promise<Answer['body']> => bodyOf(inside('POST', path, body));
  const site = await add('/sites', { name: 'secret-site' });
  const { token: enrolment } = await add(`/sites/${site.id}/enrolment-tokens`, {});
  const wireguardKey = Buffer.alloc(32, 7).toString('base64');
  const enrolled = { token: enrolment, wireguardKey, name: 'secret-connector' };
  const connector = await bodyOf(world.call('POST', '/enrol/v1/connector', enrolled));
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
  await bodyOf(inside('PUT', '/lists/secret-list', list));
  const tried = { applications: [{ url: 'http://10.9.8.7', host: 'secret-try.acme.example' }] };
  const quick = await add('/quick-tunnels', tried);
  const credentials = { email: 'ann@acme.example', password, clientAddress: '192.0.2.9' };
  const session = await bodyOf(world.call('POST', '/internal/v1/sign-in', credentials, pop.headers));
  const request = await logged(inside, resource.id, pop);
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
    ...(await fillNotices(inside)),
  };
}

/** A webhook with a delivery that nobody tries any more, and a rule. */
async function fillNotices(inside: Call): Promise<Pick<TenantThings, 'webhook' | 'delivery' | 'alertRule'>> {
  const add = async (path: string, body?: unknown): Promise<Answer['body']> => bodyOf(inside('POST', path, body));
  const hook = { name: 'secret-hook', url: 'https://secret.acme.example/hook', events: ['site.offline'] };
  const webhook = await add('/webhooks', hook);
  const sent = await add(`/webhooks/${webhook.id}/test`);
  // So that nothing of it moves any more.
  await bodyOf(inside('PATCH', `/webhooks/${webhook.id}`, { enabled: false }));
  await bodyOf(inside('POST', `/webhooks/${webhook.id}/deliveries/${sent.deliveryId}/retry`));
  const stateNow = async () => (await bodyOf(inside('GET', `/webhooks/${webhook.id}/deliveries`))).items[0].state;
  await eventually(stateNow, (state) => state === 'dead');
  const alertRule = await add('/alert-rules', { name: 'secret-rule', kind: 'site', webhookIds: [webhook.id] });
  return { webhook: webhook.id, delivery: sent.deliveryId, alertRule: alertRule.id };
}

/** A request at a resource, as a PoP tells of it; its id. */
async function logged(inside: Call, resourceId: string, pop: PopWorld): Promise<string> {
  await pop.until(() => pop.find('resource', resourceId) !== undefined);
  const record: SentRequest = {
    ...{ id: 'secret-request', unixMs: Date.now(), resourceId, method: 'GET', host: 'secret.acme.example', path: '/' },
    ...{ protocol: 'HTTP/2.0', status: 200, outcome: 'allowed', reason: 'authenticated', subject: null },
    ...{ address: '192.0.2.1', bytesOut: 3, way: null, targetId: null },
    stageMs: { judge: 0.2, way: null, backend: null, total: 4 },
  };
  await bodyOf(inside('PUT', `/resources/${resourceId}/capture`, { capture: {} }));
  await pop.until(() => pop.find('resource', resourceId)?.capture !== undefined);
  const { id, unixMs, method, host } = record;
  const captured = {
    ...{ id, unixMs, resourceId, method, host, target: '/?secret-word' },
    fields: ['A', 'secret-field'],
  };
  pop.client.send({ type: 'requests', unixMs: Date.now(), lost: 0, records: [record], traffic: [] });
  pop.client.send({ type: 'captures', records: [captured] });
  const [first] = await eventually(
    async () => (await bodyOf(inside('GET', '/requests?captured=true'))).items,
    (items) => items.length > 0,
  );
  return first.id;
}

/** A path of an operation with the ids of these. */
export function pathWith(things: TenantThings, path: string, { path: named = {} }: TenantCase): string {
  const noun = path.split('/')[1]?.replace(/s$/, '') ?? '';
  return path.replace(/\{(\w+)\}/g, (_, parameter: string) => {
    if (parameter === 'sequence') return 'latest';
    if (parameter === 'userId') return things.user;
    const thing = named[parameter] ?? (noun as keyof TenantThings);
    if (things[thing] === undefined) throw new Error(`say in tenant-cases.ts what {${parameter}} of ${path} is`);
    return things[thing];
  });
}
