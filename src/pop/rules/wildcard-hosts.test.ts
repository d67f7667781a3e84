/** Hosts by wildcard: one resource, many hosts, each with sessions of its own. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { issueLeaf } from '../../io/certificates.ts';
import { createRandom } from '../../io/random.ts';
import { PopWorld, PUBLIC, resource, target, user } from '../../testing/pop-world.ts';

const [ONE, OTHER] = ['one.shops.example', 'other.shops.example'];
let world: PopWorld;

before(async () => {
  world = await PopWorld.start();
  const server = createServer((request, response) =>
    response.end(`${request.headers.host} ${request.headers['x-shop'] ?? ''}`),
  );
  const port = await world.listen(server);
  const leaf = issueLeaf(world.ca, { dns: ['*.shops.example'], ip: [] }, world.clock.unixMs(), createRandom());
  const http = { headers: { request: [{ set: 'X-Shop', value: '{host}' }] } };
  world.publishBasics(
    { kind: 'certificate', id: 'shops', hosts: ['*.shops.example'], ...leaf },
    resource(port, { id: 'shops', host: '*.shops.example', http }),
    resource(port, {
      id: 'status',
      host: 'status.shops.example',
      policy: PUBLIC,
      targets: [target(port, { id: 'status' })],
    }),
    user('ada', []),
  );
});
after(() => world.stop());

test('every host of a wildcard is served under its certificate, and told apart in templates', async () => {
  for (const host of [ONE, OTHER]) {
    const { status, body } = await world.fetch(host, '/', { headers: { cookie: world.sessionCookie('shops', host) } });
    assert.deepEqual([status, body], [200, `${host}:${world.port} ${host}`]);
  }
});

test('a session with one host is none with another', async () => {
  const cookie = world.sessionCookie('shops', ONE);
  assert.equal((await world.fetch(OTHER, '/', { headers: { cookie } })).status, 401);
});

test('a host that has a resource of its own is not the wildcard’s', async () => {
  assert.equal((await world.fetch('status.shops.example', '/')).body, `status.shops.example:${world.port} `);
});

test('a wildcard stands for one label: its own name and what is deeper are nobody’s', async () => {
  for (const host of ['shops.example', 'a.b.shops.example'])
    await assert.rejects(world.fetch(host, '/'), /alert|certificate|disconnected/i);
});
