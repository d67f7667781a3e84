// biome-ignore-all lint/suspicious/noThenProperty: a rule is written when and then; it is an object, so nothing awaits it
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { test } from 'node:test';
import type { Policy } from '../core/policy/index.ts';
import { issue } from '../testing/client-pki.ts';
import { answerOf, Http2Client } from '../testing/http2-client.ts';
import { FRAME, RawHttp2 } from '../testing/http2-frames.ts';
import { APP_HOST, PORTAL_HOST, PopWorld, PUBLIC, resource } from '../testing/pop-world.ts';

const OTHER_HOST = `other.${PORTAL_HOST}`;
const BY_CERTIFICATE: Policy = {
  rules: [
    {
      ...{ id: 'machines', name: 'Machines', enabled: true, when: { all: [] } },
      then: { kind: 'authenticate', anyOf: { credentials: ['certificate'] } },
    },
  ],
};

interface Context {
  after(fn: () => unknown): void;
}

async function openWorld(
  t: Context,
  handle: (request: IncomingMessage, response: ServerResponse) => unknown,
  options: Parameters<typeof PopWorld.start>[0] = {},
): Promise<{ world: PopWorld; port: number }> {
  const world = await PopWorld.start(options);
  t.after(() => world.stop());
  const port = await world.listen(createServer((request, response) => void handle(request, response)));
  world.publishBasics(resource(port, { policy: PUBLIC }));
  return { world, port };
}

async function connect(t: Context, world: PopWorld, host = APP_HOST, tls = {}): Promise<Http2Client> {
  const client = await Http2Client.open(world, host, tls);
  t.after(() => client.close());
  return client;
}

test('a connection serves every host of its certificate, and no other', async (t) => {
  const { world, port } = await openWorld(t, (request, response) => response.end(request.headers.host));
  world.publish(resource(port, { id: 'other', host: OTHER_HOST, policy: PUBLIC }));
  const client = await connect(t, world);
  assert.equal((await client.ask(OTHER_HOST, '/')).body, `${OTHER_HOST}:${world.port}`);
  assert.equal((await client.ask(PORTAL_HOST, '/sign-in')).status, 200);
  const elsewhere = await client.ask('a.example', '/');
  assert.deepEqual([elsewhere.status, JSON.parse(elsewhere.body).reason], [421, 'server-name-differs']);
  // HTTP/1.1 has no such habit.
  const http1 = await world.exchange(APP_HOST, `GET / HTTP/1.1\r\nHost: ${OTHER_HOST}\r\nConnection: close\r\n\r\n`);
  assert.match(http1, /^HTTP\/1\.1 421 /);
});

test('a host that asks for certificates has its connections for itself', async (t) => {
  const { world, port } = await openWorld(t, (request, response) =>
    response.end(String(request.headers['x-manis-client-cert-common-name'])),
  );
  const now = world.clock.unixMs();
  const root = await issue(now, { name: 'Root', isAuthority: true });
  const robot = await issue(now, { name: 'robot-1' }, root);
  world.publish(resource(port, { id: 'other', host: OTHER_HOST, policy: BY_CERTIFICATE }), {
    ...{ kind: 'clientAuthority', id: 'authority', name: 'Root', organisationId: 'org-1' },
    ...{ certificatePem: root.certificatePem, resourceIds: ['other'] },
  } as never);
  const tls = { cert: robot.certificatePem, key: robot.keyPem };
  const asked = await connect(t, world, OTHER_HOST, tls);
  const answer = await asked.ask(OTHER_HOST, '/');
  assert.deepEqual([answer.status, answer.body], [200, 'robot-1']);
  assert.equal((await asked.ask(APP_HOST, '/')).status, 421);
  const open = await connect(t, world, APP_HOST, tls);
  assert.equal((await open.ask(OTHER_HOST, '/')).status, 421);
  assert.equal((await open.ask(APP_HOST, '/')).status, 200);
});

test('what is revoked is cut, and the connection goes on for the others', async (t) => {
  const { world, port } = await openWorld(t, (_request, response) => response.write('first'));
  world.publish(resource(port, { id: 'other', host: OTHER_HOST }));
  const client = await connect(t, world);
  const mine = client.request(OTHER_HOST, '/', { cookie: world.sessionCookie('other', OTHER_HOST) });
  const open = client.request(APP_HOST, '/');
  for (const stream of [mine, open]) {
    stream.end();
    await once(stream, 'data');
  }
  const closed = new Promise((resolve) => mine.once('close', resolve));
  world.revoke({ kind: 'user', userId: 'ada', minimumEpoch: 1, atUnixMs: world.clock.unixMs() });
  await closed;
  assert.notEqual(mine.rstCode, 0);
  assert.deepEqual([open.closed, client.isClosed], [false, false]);
});

test('a PoP that stops tells clients by GOAWAY, and finishes what is open', async (t) => {
  let finish = (): void => undefined;
  const { world } = await openWorld(
    t,
    (request, response) => {
      if (request.url !== '/slow') return void response.end('quick');
      response.write('first ');
      finish = () => response.end('last');
    },
    { drain: { graceMs: 0, streamsMs: 60_000 } },
  );
  const client = await connect(t, world);
  const quiet = await connect(t, world);
  const slow = client.request(APP_HOST, '/slow');
  slow.end();
  const answer = answerOf(slow);
  await once(slow, 'data');
  const told = once(client.session, 'goaway');
  const gone = once(quiet.session, 'close');
  const stopped = world.pop.stop();
  await Promise.all([told, gone]);
  assert.deepEqual(client.goneAway[0], 0);
  finish();
  assert.match((await answer).body, /last$/);
  await stopped;
});

test('a connection on which requests go on is told, too, and knows which of them nobody took', async (t) => {
  const { world } = await openWorld(t, (_request, response) => response.end('good'), {
    drain: { graceMs: 0, streamsMs: 60_000 },
  });
  const raw = await RawHttp2.open(world, APP_HOST);
  const head = Object.entries({ ':method': 'GET', ':scheme': 'https', ':authority': APP_HOST, ':path': '/' });
  let stream = 1;
  assert.equal(await raw.ask(stream, head), 200);
  const stopped = world.pop.stop();
  let last = 0;
  while (raw.goneAway === undefined && !raw.isClosed) {
    stream += 2;
    // Where it is not answered it came after the notice, which says so by the number of the last that was.
    if ((await raw.ask(stream, head)) === 200) last = stream;
  }
  assert.equal(raw.goneAway, 0);
  assert.ok((raw.frames.find(({ type }) => type === FRAME.goAway)?.payload.readUInt32BE(0) ?? 0) >= last);
  raw.close();
  await stopped;
});
