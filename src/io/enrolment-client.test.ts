import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { certificateSha256, issueLeaf, openLocalCa } from './certificates.ts';
import { enrol } from './enrolment-client.ts';
import { createRandom } from './random.ts';

const folder = mkdtempSync(join(tmpdir(), 'manis-enrol-'));
let server: Server;
let url: URL;
let ca = '';
const asked: string[] = [];

before(async () => {
  const random = createRandom();
  const authority = await openLocalCa(folder, Date.now(), random);
  const leaf = issueLeaf(authority, { dns: ['localhost'], ip: ['127.0.0.1'] }, Date.now(), random);
  ca = authority.certificatePem;
  server = createServer({ key: leaf.keyPem, cert: leaf.chainPem }, async (request, response) => {
    if (request.url === '/enrol/v1/ca') return void response.writeHead(200).end(JSON.stringify({ pem: ca }));
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { token } = JSON.parse(Buffer.concat(chunks).toString()) as { token: string };
    asked.push(`${request.method} ${request.url} ${token}`);
    const answers: Record<string, [number, object]> = {
      good: [201, { connectorId: 'c' }],
      rooted: [201, { connectorId: 'c', rootKey: 'root' }],
      used: [409, { code: 'enrolment-token-used', detail: 'this token was used' }],
      odd: [500, {}],
      cut: [503, { code: 'control-unreachable', detail: 'no link to control' }],
    };
    const [status, body] = answers[token] ?? [404, {}];
    response.writeHead(status).end(JSON.stringify(body));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = new URL(`https://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
after(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true });
});

const spend = (token: string): Promise<string> =>
  enrol({ urls: [url], ca }, { as: 'connector', body: { token, wireguardKey: 'k', name: 'n' } });

test('a token is posted to the door of its kind and the answer comes back as text', async () => {
  assert.equal(await spend('good'), '{"connectorId":"c"}');
  assert.deepEqual(asked, ['POST /enrol/v1/connector good']);
});

test('a refusal carries the code of control and its sentence', async () => {
  await assert.rejects(spend('used'), { code: 'enrolment-token-used', message: /this token was used/ });
});

test('a refusal without a code still says where it came from', async () => {
  await assert.rejects(spend('odd'), { code: 'enrolment-refused', message: /answered 500/ });
});

test('a door with an unknown certificate is not entered', async () => {
  const body = { token: 'good', wireguardKey: 'k', name: 'n' };
  await assert.rejects(enrol({ urls: [url] }, { as: 'connector', body }), { code: 'server-unreachable' });
});

const request = (token: string) => ({ as: 'connector', body: { token, wireguardKey: 'k', name: 'n' } }) as const;

test('the fingerprint of a CA is enough to trust it, and whoever shows another is not asked', async () => {
  const caSha256 = certificateSha256(ca);
  assert.match(await enrol({ urls: [url], caSha256 }, request('good')), /connectorId/);
  const before = asked.length;
  const other = new Uint8Array(32).fill(1);
  await assert.rejects(enrol({ urls: [url], caSha256: other }, request('good')), { code: 'enrolment-ca-unknown' });
  assert.equal(asked.length, before, 'the token was not shown');
});

test('an answer with another root key than the one of the token is refused', async () => {
  const doors = { urls: [url], ca };
  assert.match(await enrol({ ...doors, rootKey: 'root' }, request('rooted')), /"rootKey":"root"/);
  for (const token of ['good', 'rooted'])
    await assert.rejects(enrol({ ...doors, rootKey: 'other' }, request(token)), { code: 'enrolment-root-unknown' });
});

test('a door that is closed is passed over for the next; a refusal counts', async () => {
  const closed = new URL('https://127.0.0.1:1');
  assert.match(await enrol({ urls: [closed, url], ca }, request('good')), /connectorId/);
  await assert.rejects(enrol({ urls: [url, closed], ca }, request('used')), { code: 'enrolment-token-used' });
  await assert.rejects(enrol({ urls: [closed, url], ca }, request('cut')), { code: 'control-unreachable' });
  await assert.rejects(enrol({ urls: [url, closed], ca }, request('cut')), { code: 'server-unreachable' });
});
