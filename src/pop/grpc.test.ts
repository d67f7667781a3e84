// biome-ignore-all lint/suspicious/noThenProperty: a rule is written when and then; it is an object, so nothing awaits it
/** gRPC from a client of @grpc/grpc-js through a PoP to a server of it: every kind of call, and everything that can go wrong. */
import assert from 'node:assert/strict';
import { createServer, type ServerHttp2Stream } from 'node:http2';
import { createServer as createNetServer } from 'node:net';
import { after, before, describe, test } from 'node:test';
import {
  type CallOptions,
  type Client,
  type ClientDuplexStream,
  type ClientReadableStream,
  credentials,
  Metadata,
  type ServiceError,
  status,
} from '@grpc/grpc-js';
import type { ResourceRecord } from '../core/link/index.ts';
import type { Policy } from '../core/policy/index.ts';
import { hashSecret } from '../io/secrets.ts';
import { ECHO, type EchoServer, echoClient, startEcho } from '../testing/grpc-echo.ts';
import { PopWorld, resource, SIGNED_IN, target } from '../testing/pop-world.ts';

const TOKEN = `mnt_${'g'.repeat(43)}`;
const BY_TOKEN: Policy = {
  rules: [
    {
      ...{ id: 'r', name: 'r', enabled: true, when: { all: [] } },
      then: { kind: 'authenticate', anyOf: { signedIn: true, credentials: ['service-token'] } },
    },
  ],
};
const NOBODY: Policy = { rules: [] };

function withToken(value = `Bearer ${TOKEN}`): Metadata {
  const metadata = new Metadata();
  metadata.set('authorization', value);
  return metadata;
}

describe('gRPC through a PoP', () => {
  let world: PopWorld;
  let echo: EchoServer;
  const clients: Client[] = [];

  const app = (name: string, port: number, changes: Partial<ResourceRecord> = {}): ResourceRecord =>
    resource(port, {
      ...{ id: name, name, host: `${name}.manis.localhost`, policy: BY_TOKEN },
      targets: [target(port, { id: `target-${name}`, protocol: 'h2' })],
      ...changes,
    });

  before(async () => {
    world = await PopWorld.start();
    echo = await startEcho();
    const silent = await world.listen(createNetServer());
    const refusing = await world.listen(
      createServer().on('stream', (stream) => void stream.on('error', () => undefined).close(0x7)) as never,
    );
    const breaking = await world.listen(
      createServer().on('stream', (stream: ServerHttp2Stream) => {
        stream.on('error', () => undefined).respond({ ':status': 200, 'content-type': 'application/grpc' });
        stream.write(Buffer.from([0, 0, 0, 0, 5, 1]), () => stream.destroy(new Error('broken')));
      }) as never,
    );
    const page = await world.listen(
      createServer().on('stream', (stream: ServerHttp2Stream) => {
        stream.respond({ ':status': 503, 'content-type': 'text/html' });
        stream.end('<h1>down</h1>');
      }) as never,
    );
    const measured = await world.listen(
      createServer().on('stream', (stream: ServerHttp2Stream) => {
        const head = { ':status': 200, 'content-type': 'application/grpc', 'content-length': '6' };
        stream.respond(head, { waitForTrailers: true });
        stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
        stream.end(Buffer.from([0, 0, 0, 0, 1, 65]));
      }) as never,
    );
    const names = ['measured', 'echo', 'silent', 'refusing', 'breaking', 'page', 'down', 'closed', 'people'];
    world.publishBasics(
      app('echo', echo.port),
      app('silent', silent),
      app('refusing', refusing),
      app('breaking', breaking),
      app('page', page),
      app('measured', measured),
      app('down', echo.port, { targets: [] }),
      app('closed', echo.port, { policy: NOBODY }),
      app('people', echo.port, { policy: SIGNED_IN }),
      {
        ...{ kind: 'credential', id: 'crd_token', name: 'robot', method: 'service-token', resourceIds: names },
        ...{ version: 1, secretHash: hashSecret(TOKEN) },
      },
    );
  });
  after(async () => {
    for (const client of clients) client.close();
    echo.close();
    await world.stop();
  });

  function clientOf(name: string): Client {
    const host = `${name}.manis.localhost`;
    const ca = Buffer.from(world.ca.certificatePem);
    const client = echoClient(`127.0.0.1:${world.port}`, credentials.createSsl(ca), {
      'grpc.ssl_target_name_override': host,
      'grpc.default_authority': `${host}:${world.port}`,
    });
    clients.push(client);
    return client;
  }

  function unary(client: Client, body: Buffer | string, options: CallOptions = {}, metadata = withToken()) {
    const { path, requestSerialize, responseDeserialize } = ECHO.unary;
    const { promise, resolve, reject } = Promise.withResolvers<{ body: Buffer; trailers: Metadata }>();
    let trailers = new Metadata();
    const call = client.makeUnaryRequest(
      path,
      requestSerialize,
      responseDeserialize,
      Buffer.from(body as never),
      metadata,
      options,
      (error, value) => (error ? reject(error) : queueMicrotask(() => resolve({ body: value as Buffer, trailers }))),
    );
    call.on('status', (told) => {
      trailers = told.metadata;
    });
    return { promise, call };
  }

  /** The status and details of a call that fails. */
  async function failure(promise: Promise<unknown>): Promise<ServiceError> {
    return promise.then(
      () => assert.fail('it did not fail'),
      (error: ServiceError) => error,
    );
  }

  test('a unary call brings its message, its metadata and its trailers', async () => {
    const metadata = withToken();
    metadata.set('x-key', 'value');
    metadata.set('x-data-bin', Buffer.from([0, 255]));
    const { body, trailers } = await unary(clientOf('echo'), 'hello', {}, metadata).promise;
    assert.equal(body.toString(), 'hello');
    assert.deepEqual(trailers.get('x-trailer'), ['told at the end']);
    const seen = echo.seen.metadata.at(-1);
    assert.deepEqual([seen?.get('x-key'), seen?.get('x-data-bin')], [['value'], [Buffer.from([0, 255])]]);
    assert.deepEqual(seen?.get('authorization'), [], 'the token is ours');
    assert.equal(seen?.get('x-manis-assertion').length, 1, 'who calls is told');
    assert.deepEqual(seen?.get('remote-user'), ['credential:crd_token']);
  });

  test('a status of the server arrives with its message', async () => {
    const error = await failure(unary(clientOf('echo'), 'fail').promise);
    assert.deepEqual([error.code, error.details], [status.NOT_FOUND, 'there is no such thing: 50%']);
    assert.deepEqual(error.metadata.get('x-trailer'), ['told at the end']);
  });

  test('trailers pass after an answer that tells its length', async () => {
    assert.equal((await unary(clientOf('measured'), 'x').promise).body.toString(), 'A');
  });

  test('a large message passes whole', async () => {
    const large = Buffer.alloc(20_000_000, 'manis');
    assert.ok((await unary(clientOf('echo'), large).promise).body.equals(large));
  });

  test('a client streams, a server streams, and both talk at once', async () => {
    const client = clientOf('echo');
    const { collect, repeat, chat } = ECHO;
    const joined = await new Promise<Buffer>((resolve, reject) => {
      const call = client.makeClientStreamRequest(
        collect.path,
        collect.requestSerialize,
        collect.responseDeserialize,
        withToken(),
        (error, value) => (error ? reject(error) : resolve(value as Buffer)),
      );
      for (const part of ['a', 'b', 'c']) call.write(Buffer.from(part));
      call.end();
    });
    assert.equal(joined.toString(), 'abc');

    const repeated: string[] = [];
    const from = client.makeServerStreamRequest(
      repeat.path,
      repeat.requestSerialize,
      repeat.responseDeserialize,
      Buffer.from('x'),
      withToken(),
    );
    for await (const part of from as AsyncIterable<Buffer>) repeated.push(part.toString());
    assert.deepEqual(repeated, ['x', 'x', 'x']);

    const talk: ClientDuplexStream<Buffer, Buffer> = client.makeBidiStreamRequest(
      chat.path,
      chat.requestSerialize,
      chat.responseDeserialize,
      withToken(),
    );
    const heard: string[] = [];
    talk.write(Buffer.from('1'));
    // Each word is said only when the one before has come back.
    for await (const part of talk as AsyncIterable<Buffer>) {
      heard.push(part.toString());
      if (heard.length < 5) talk.write(Buffer.from(String(heard.length + 1)));
      else talk.end();
    }
    assert.deepEqual(heard, ['1', '2', '3', '4', '5']);
  });

  test('a deadline reaches the server, and the PoP keeps it where the server does not', async () => {
    const client = clientOf('echo');
    await unary(client, 'in time', { deadline: Date.now() + 600_000 }).promise;
    assert.equal(echo.seen.metadata.at(-1)?.get('grpc-timeout').length ?? 0, 0, 'grpc-js takes it for itself');
    // A client that waits longer than it says: what ends the call is the PoP.
    for (const name of ['echo', 'silent']) {
      const metadata = withToken();
      metadata.set('grpc-timeout', '150m');
      const error = await failure(unary(clientOf(name), 'silence', {}, metadata).promise);
      assert.equal(error.code, status.DEADLINE_EXCEEDED, name);
      assert.match(error.details, /deadline-exceeded/);
    }
  });

  test('a call that its caller cancels is cancelled at the server, before an answer and within one', async () => {
    const client = clientOf('echo');
    const before = echo.seen.cancelled;
    const calls = echo.seen.metadata.length;
    const { promise, call } = unary(client, 'silence');
    while (echo.seen.metadata.length === calls) await new Promise((resolve) => setTimeout(resolve, 5));
    call.cancel();
    assert.equal((await failure(promise)).code, status.CANCELLED);
    while (echo.seen.cancelled === before) await new Promise((resolve) => setTimeout(resolve, 5));

    const { repeat } = ECHO;
    const endless: ClientReadableStream<Buffer> = client.makeServerStreamRequest(
      repeat.path,
      repeat.requestSerialize,
      repeat.responseDeserialize,
      Buffer.from('endless'),
      withToken(),
    );
    endless.on('error', () => undefined);
    await new Promise((resolve) => endless.once('data', resolve));
    endless.cancel();
    while (echo.seen.cancelled === before + 1) await new Promise((resolve) => setTimeout(resolve, 5));
  });

  const REFUSED: readonly (readonly [
    what: string,
    app: string,
    metadata: () => Metadata,
    code: number,
    reason: RegExp,
  ])[] = [
    ['nobody', 'people', () => new Metadata(), status.UNAUTHENTICATED, /not-signed-in/],
    ['an unknown token', 'echo', () => withToken('Bearer mnt_wrong'), status.UNAUTHENTICATED, /./],
    ['somebody whom nothing admits', 'closed', withToken, status.PERMISSION_DENIED, /./],
    ['no target', 'down', withToken, status.UNAVAILABLE, /no-healthy-target/],
    ['a target that refuses every stream', 'refusing', withToken, status.UNAVAILABLE, /target-aborted/],
    ['an answer that breaks', 'breaking', withToken, status.UNAVAILABLE, /target-aborted/],
    ['an answer that is no gRPC', 'page', withToken, status.UNAVAILABLE, /./],
    ['an unknown host', 'nothing', withToken, status.UNIMPLEMENTED, /host-unknown/],
  ];

  for (const [what, name, metadata, code, reason] of REFUSED)
    test(`${what}: the status says it`, async () => {
      const error = await failure(unary(clientOf(name), 'hello', {}, metadata()).promise);
      assert.equal(error.code, code, error.message);
      assert.match(error.details, reason);
    });

  const ENDED: readonly (readonly [what: string, end: () => unknown, code: number, reason: RegExp])[] = [
    [
      'is no longer admitted',
      () => world.publishDelta(app('echo', echo.port, { policy: NOBODY })),
      status.PERMISSION_DENIED,
      /denied/,
    ],
    ['outlasts its PoP', () => void world.pop.stop(), status.UNAVAILABLE, /pop-stopping/],
  ];
  for (const [what, end, code, reason] of ENDED)
    test(`a call that ${what} ends, and its caller is told`, async () => {
      world.publishDelta(app('echo', echo.port));
      const { path, requestSerialize, responseDeserialize } = ECHO.repeat;
      const endless: ClientReadableStream<Buffer> = clientOf('echo').makeServerStreamRequest(
        ...([path, requestSerialize, responseDeserialize] as const),
        ...([Buffer.from('endless'), withToken()] as const),
      );
      const ended = new Promise<ServiceError>((resolve) => endless.on('error', resolve as never));
      await new Promise((resolve) => endless.once('data', resolve));
      endless.resume();
      end();
      const error = await ended;
      assert.equal(error.code, code, error.message);
      assert.match(error.details, reason);
    });
});
