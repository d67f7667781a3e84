// What a PoP answers to authorities, over its real listeners.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { after, before, test } from 'node:test';
import { connect, type TLSSocket } from 'node:tls';
import type { AcmeAnswer, LinkRecord } from '../../core/link/index.ts';
import { issueLeaf } from '../../io/certificates.ts';
import { ACME_TLS } from '../../io/proving-server.ts';
import { createRandom } from '../../io/random.ts';
import { PORTAL_HOST, PopWorld } from '../../testing/pop-world.ts';
import { zonesOf } from '../steering/zones-of-view.ts';
import { AcmeAnswers } from './acme-answers.ts';

const NAME = 'new.manis.localhost';
const answer = (id: string, challenge: AcmeAnswer): LinkRecord => ({
  kind: 'acmeChallenge',
  id,
  name: NAME,
  challenge,
});

let world: PopWorld;
let proof: { certificatePem: string; keyPem: string };
before(async () => {
  world = await PopWorld.start({ redirect: true });
  const leaf = issueLeaf(world.ca, { dns: [NAME], ip: [] }, world.clock.unixMs(), createRandom());
  proof = { certificatePem: leaf.chainPem, keyPem: leaf.keyPem };
  world.publishBasics(
    answer('one', { kind: 'http-01', token: 'token-1', keyAuthorization: 'token-1.print' }),
    answer('two', { kind: 'tls-alpn-01', ...proof }),
  );
});
after(() => world.stop());

function ask(host: string, path: string, method = 'GET'): Promise<{ status: number | undefined; text: string }> {
  return new Promise((resolve, reject) => {
    const { port } = world.pop.httpRedirect ?? {};
    const asked = request({ host: '127.0.0.1', port, path, method, headers: { host } }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part) => (text += part));
      response.on('end', () => resolve({ status: response.statusCode, text }));
    });
    asked.on('error', reject).end();
  });
}

for (const [what, host, path, method, status, text] of [
  [
    'the token of a name that is being proved',
    NAME,
    '/.well-known/acme-challenge/token-1',
    'GET',
    200,
    'token-1.print',
  ],
  ['it with a port in Host', `${NAME}:80`, '/.well-known/acme-challenge/token-1', 'GET', 200, 'token-1.print'],
  ['its head alone', NAME, '/.well-known/acme-challenge/token-1', 'HEAD', 200, ''],
  ['the token of another name', PORTAL_HOST, '/.well-known/acme-challenge/token-1', 'GET', 308, ''],
  ['a token that nobody gave', NAME, '/.well-known/acme-challenge/token-2', 'GET', 404, undefined],
] as const) {
  test(`over HTTP, asked for ${what}: ${status}`, async () => {
    const got = await ask(host, path, method);
    assert.equal(got.status, status);
    if (text !== undefined) assert.equal(got.text, text);
  });
}

async function shake(servername: string, ALPNProtocols: string[]): Promise<TLSSocket> {
  const socket = connect({ host: '127.0.0.1', port: world.port, servername, ALPNProtocols, rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  return socket;
}

test('over acme-tls/1 the proof is shown, and nothing else can be said', async () => {
  const socket = await shake(NAME, [ACME_TLS]);
  assert.equal(socket.alpnProtocol, ACME_TLS);
  assert.match(socket.getPeerCertificate().subjectaltname ?? '', /new\.manis\.localhost/);
  assert.ok(proof.certificatePem.startsWith(socket.getPeerX509Certificate()?.toString() ?? 'none'));
  socket.resume();
  await once(socket, 'end');
});

test('browsers see the ordinary certificate meanwhile, and a name that is not being proved has no proof', async () => {
  const socket = await shake(NAME, ['http/1.1']);
  assert.match(socket.getPeerCertificate().subjectaltname ?? '', /\*\.manis\.localhost/);
  socket.destroy();
  await assert.rejects(shake(PORTAL_HOST, [ACME_TLS]));
  assert.equal((await world.fetch(PORTAL_HOST, '/')).status < 500, true);
});

test('TXT records of one name are given together, in the zone that is theirs', () => {
  const dns = (id: string, text: string) => answer(id, { kind: 'dns-01', recordName: `_acme-challenge.${NAME}`, text });
  const records = [dns('a', 'first'), dns('b', 'second')];
  const state = { ofKind: () => records, records: {} };
  const acme = AcmeAnswers.of(state as never);
  assert.deepEqual(acme.texts.get(`_acme-challenge.${NAME}`), ['first', 'second']);
  const installation = { dnsZone: 'manis.localhost', portalHost: PORTAL_HOST, publicPort: 443 };
  const view = {
    installation,
    acme,
    resources: new Map(),
    state: { version: { epoch: 1, revision: 1 }, ofKind: () => [] },
  };
  const name = `_acme-challenge.${NAME}`;
  const at = zonesOf(view as never)
    .of(name)
    ?.at(name);
  assert.deepEqual(at?.kind === 'name' && at.texts, ['first', 'second']);
});
