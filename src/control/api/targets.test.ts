/** How a target is spoken to: what the API takes, what is published to whom, and that its private key goes nowhere else. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { GrantedTarget, SiteGrant, TargetRecord } from '../../core/link/index.ts';
import { type Issued, issue } from '../../testing/client-pki.ts';
import { controlWithPop } from '../../testing/control-with-pop.ts';
import type { PopWorld } from '../../testing/control-world.ts';

let pop: PopWorld;
let path: string;
let siteId: string;
let resourceId: string;
let authority: Issued;
let client: Issued;

const world = controlWithPop(async (one) => {
  pop = one;
  siteId = (await world.must('POST', '/sites', { name: 'office' })).id;
  resourceId = (await world.must('POST', '/resources', { name: 'Wiki', host: 'wiki.manis.localhost' })).id;
  path = `/resources/${resourceId}/targets`;
  const now = Date.now();
  authority = await issue(now, { name: 'Inner', isAuthority: true });
  client = await issue(now, { name: 'pop' }, authority);
});

function published(id: string): TargetRecord | undefined {
  return pop.find('resource', resourceId)?.targets.find((target) => target.id === id);
}

function granted(id: string): GrantedTarget | undefined {
  const signed = pop.find('siteGrant', siteId)?.signed;
  return signed && (JSON.parse(signed.payload) as SiteGrant).targets.find((target) => target.id === id);
}

const PLACES: readonly (readonly [url: string, record: object, grant: object])[] = [
  ['h2c://grpc:50051', { scheme: 'http', protocol: 'h2' }, { host: 'grpc', port: 50_051 }],
  [
    'h2://grpc:443',
    { scheme: 'https', protocol: 'h2', tls: { serverName: 'grpc', verify: true } },
    { host: 'grpc', port: 443 },
  ],
  [
    'https://[2001:db8::1]:443',
    { scheme: 'https', tls: { serverName: '2001:db8::1', verify: true } },
    { host: '2001:db8::1', port: 443 },
  ],
  ['unix:/run/app.sock', { scheme: 'http' }, { host: '/run/app.sock', port: 1, transport: 'unix' }],
  ['h2c+unix:/run/app.sock', { scheme: 'http', protocol: 'h2' }, { host: '/run/app.sock', transport: 'unix', port: 1 }],
];

for (const [url, record, grant] of PLACES)
  test(`${url} is published as PoPs and connectors need it`, async () => {
    const made = await world.must('POST', path, { siteId, url });
    assert.equal(made.url, url);
    const { id, overlayPort } = made;
    await pop.until(() => published(id) !== undefined && granted(id) !== undefined);
    assert.deepEqual(published(id), { id, siteId, overlayPort, priority: 0, weight: 1, ...record });
    assert.deepEqual(granted(id), { id, overlayPort, ...grant });
    await world.must('DELETE', `/targets/${id}`);
  });

test('a client certificate reaches PoPs alone, and its key no answer, no audit event and no plain row', async () => {
  const clientCertificate = { chainPem: client.certificatePem, keyPem: client.keyPem };
  const tls = { serverName: 'inner', caPem: authority.certificatePem, clientCertificate };
  const made = await world.must('POST', path, { siteId, url: 'h2://10.0.0.9', tls, check: { kind: 'http' } });
  const { id } = made;
  await pop.until(() => published(id) !== undefined && granted(id) !== undefined);
  assert.deepEqual(published(id)?.tls, { ...tls, verify: true });
  const check = { serverName: 'inner', verify: true, caPem: authority.certificatePem, onlyHandshake: true };
  const checked = granted(id)?.check;
  assert.ok(checked?.kind === 'http');
  assert.deepEqual([checked.tls, checked.protocol], [check, 'h2']);

  const shown = made.tls.clientCertificate;
  assert.deepEqual([shown.subject, shown.chainPem], ['CN=pop', client.certificatePem]);
  const secret = client.keyPem.split('\n')[1] ?? '';
  const files = readdirSync(world.dataDir).filter((name) => name.includes('.sqlite') || name.includes('.db'));
  assert.ok(files.length > 0);
  const stored = files.map((name) => readFileSync(join(world.dataDir, name), 'latin1')).join('');
  const events = await world.must('GET', `/audit?subject=${id}`);
  const grants = JSON.stringify(pop.find('siteGrant', siteId));
  for (const text of [JSON.stringify(made), stored, JSON.stringify(events), grants])
    assert.ok(!text.includes(secret), 'the key');

  const changed = await world.must('PATCH', `/targets/${id}`, { tls: { serverName: null } });
  assert.deepEqual(changed.tls, { ...made.tls, serverName: null }, 'what is left out stays');
  await world.must('PATCH', `/targets/${id}`, { url: 'h2c://10.0.0.9' });
  await pop.until(() => published(id)?.scheme === 'http');
  assert.equal(published(id)?.tls, undefined, 'there is no TLS to go with');
  await world.must('PATCH', `/targets/${id}`, { url: 'https://10.0.0.9', tls: { clientCertificate: null } });
  await pop.until(() => published(id)?.scheme === 'https');
  assert.deepEqual(published(id)?.tls, { serverName: '10.0.0.9', verify: true, caPem: authority.certificatePem });
  assert.equal(published(id)?.protocol, undefined);
  await world.must('DELETE', `/targets/${id}`);
});

test('every wrong setting names its field', async () => {
  const other = await issue(Date.now(), { name: 'other' }, authority);
  const chainPem = client.certificatePem;
  const caPem = authority.certificatePem;
  const pair = (certificate: string, keyPem: string) => ({ clientCertificate: { chainPem: certificate, keyPem } });
  const wrong: readonly (readonly [body: object, code: string, field: string])[] = [
    [{ url: 'unix:relative' }, 'target-invalid', 'url'],
    [{ url: 'http://a', tls: { serverName: 'inner' } }, 'target-invalid', 'tls.serverName'],
    [{ url: 'h2c://a', tls: { verify: false } }, 'target-invalid', 'tls.verify'],
    [{ url: 'unix:/run/a', tls: { caPem } }, 'target-invalid', 'tls.caPem'],
    [{ url: 'http://a', tls: pair(chainPem, client.keyPem) }, 'target-invalid', 'tls.clientCertificate'],
    [{ url: 'https://a', tls: { caPem: 'nonsense' } }, 'target-invalid', 'tls.caPem'],
    [{ url: 'https://a', tls: { caPem: `${caPem}\n${client.keyPem}` } }, 'target-invalid', 'tls.caPem'],
    [{ url: 'https://a', tls: { caPem, verify: false } }, 'target-invalid', 'tls.verify'],
    [{ url: 'https://a', tls: pair('x', client.keyPem) }, 'target-invalid', 'tls.clientCertificate.chainPem'],
    [{ url: 'https://a', tls: pair(chainPem, 'x') }, 'target-invalid', 'tls.clientCertificate.keyPem'],
    [{ url: 'https://a', tls: pair(chainPem, other.keyPem) }, 'target-invalid', 'tls.clientCertificate.keyPem'],
    [{ url: 'https://a', tls: { clientCertificate: { chainPem } } }, 'request-invalid', 'tls.clientCertificate.keyPem'],
    [{ url: 'https://a', tls: { serverName: '' } }, 'request-invalid', 'tls.serverName'],
  ];
  for (const [body, code, field] of wrong) {
    const answer = await world.api('POST', path, { siteId, ...body });
    const problems = answer.body.problems as { path: string }[];
    assert.deepEqual(
      [answer.status, answer.body.code, problems[0]?.path],
      [400, code, field],
      JSON.stringify(body).slice(0, 80),
    );
    assert.ok(!JSON.stringify(answer.body).includes('PRIVATE'));
  }
  const { id } = await world.must('POST', path, { siteId, url: 'https://10.0.0.9', tls: { caPem } });
  const answer = await world.api('PATCH', `/targets/${id}`, { tls: { verify: false } });
  assert.equal(answer.body.code, 'target-invalid', 'together with what is there');
});
