/** Answers that are compressed on their way out, through a whole PoP. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { request } from 'node:https';
import { after, before, describe, test } from 'node:test';
import { brotliDecompressSync, createGunzip, gunzipSync, zstdDecompressSync } from 'node:zlib';
import type { HttpSettings } from '../../core/http-rules/index.ts';
import { createRandom } from '../../io/random.ts';
import { APP_HOST, PopWorld, PUBLIC, resource, target, user } from '../../testing/pop-world.ts';

const PAGE = `<p>${'all work and no play '.repeat(2_000)}</p>`;
const DECODERS = { br: brotliDecompressSync, zstd: zstdDecompressSync, gzip: gunzipSync } as const;
let world: PopWorld;
let port: number;
const FIRST = 'data: 0\n\n';
let streaming: ServerResponse | undefined;

before(async () => {
  world = await PopWorld.start();
  const server = createServer((asked, response) => {
    const type = new URL(asked.url ?? '/', 'http://x').searchParams.get('type') ?? 'text/html';
    response.setHeader('Content-Type', type);
    if (asked.url?.startsWith('/stream')) {
      streaming = response;
      return void response.write(FIRST);
    }
    if (asked.url?.startsWith('/trailers')) {
      response.setHeader('Trailer', 'X-Sum');
      response.write(PAGE);
      response.addTrailers({ 'X-Sum': '7' });
      return void response.end();
    }
    if (asked.url?.startsWith('/break')) {
      response.write(PAGE);
      return void setTimeout(() => response.destroy(), 20);
    }
    response.setHeader('ETag', '"v1"');
    response.setHeader('Content-Length', PAGE.length);
    response.end(PAGE);
  });
  port = await world.listen(server);
  publish({ compression: {} });
});
after(() => world.stop());

function publish(http: HttpSettings): void {
  world.publishBasics(resource(port, { http, policy: PUBLIC, targets: [target(port)] }), user('ada', []));
}

async function open(path: string, headers: Record<string, string>, method = 'GET'): Promise<IncomingMessage> {
  const asked = request({
    ...{ host: '127.0.0.1', port: world.port, servername: APP_HOST, agent: world.agent, path, method },
    headers: { host: `${APP_HOST}:${world.port}`, ...headers },
  });
  asked.end();
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  return response;
}

async function read(path: string, headers: Record<string, string> = {}, method = 'GET') {
  const response = await open(path, headers, method);
  const parts: Buffer[] = [];
  for await (const part of response) parts.push(part as Buffer);
  return {
    headers: response.headers,
    trailers: response.trailers,
    bytes: Buffer.concat(parts),
    status: response.statusCode,
  };
}

describe('an answer is compressed', () => {
  for (const encoding of ['br', 'zstd', 'gzip'] as const)
    test(`by ${encoding}, where the client takes it`, async () => {
      const { headers, bytes } = await read('/', { 'accept-encoding': encoding });
      assert.equal(headers['content-encoding'], encoding);
      assert.ok(bytes.length < PAGE.length / 10);
      assert.equal(DECODERS[encoding](bytes).toString(), PAGE);
      assert.deepEqual(
        [headers['content-length'], headers['etag'], headers['vary']],
        [undefined, 'W/"v1"', 'Accept-Encoding'],
      );
    });

  test('with its trailers', async () => {
    const { trailers, bytes } = await read('/trailers', { 'accept-encoding': 'gzip' });
    assert.equal(gunzipSync(bytes).toString(), PAGE);
    assert.equal(trailers['x-sum'], '7');
  });

  test('but for somebody who is signed in only where it holds nothing of theirs', async () => {
    const cookie = world.sessionCookie('app', APP_HOST);
    const ask = { 'accept-encoding': 'gzip', cookie };
    assert.equal((await read('/', ask)).headers['content-encoding'], undefined);
    assert.equal((await read('/?type=text/css', ask)).headers['content-encoding'], 'gzip');
  });
});

describe('an answer goes as it is', () => {
  const asIs: readonly (readonly [name: string, path: string, headers: Record<string, string>, method?: string])[] = [
    ['where the client does not take it', '/', {}],
    ['where a part was asked for', '/', { 'accept-encoding': 'gzip', range: 'bytes=0-9' }],
    ['that is a picture', '/?type=image/png', { 'accept-encoding': 'gzip' }],
    ['of which only the head was asked for', '/', { 'accept-encoding': 'gzip' }, 'HEAD'],
  ];
  for (const [name, path, headers, method] of asIs)
    test(name, async () => {
      const answer = await read(path, headers, method);
      assert.deepEqual([answer.headers['content-encoding'], answer.headers['etag']], [undefined, '"v1"']);
      assert.equal(answer.headers['content-length'], String(PAGE.length));
    });
});

test('a stream gives out what it has when its source falls silent', async () => {
  const response = await open('/stream?type=text/plain', { 'accept-encoding': 'gzip' });
  const plain = response.pipe(createGunzip());
  for (const part of [FIRST, 'one', 'two']) {
    if (part !== FIRST) streaming?.write(part);
    const [seen] = (await once(plain, 'data')) as [Buffer];
    assert.equal(seen.toString(), part);
  }
  streaming?.end();
  await once(plain.resume(), 'end');
});

test('events are compressed where the settings name them, and each goes out at once', async () => {
  assert.equal(
    (await open('/stream?type=text/event-stream', { 'accept-encoding': 'gzip' })).headers['content-encoding'],
    undefined,
  );
  streaming?.end();
  publish({ compression: { types: ['text/event-stream'] } });
  const response = await open('/stream?type=text/event-stream', { 'accept-encoding': 'gzip' });
  assert.equal(response.headers['content-encoding'], 'gzip');
  const [seen] = (await once(response.pipe(createGunzip()), 'data')) as [Buffer];
  assert.equal(seen.toString(), FIRST);
  streaming?.end();
});

test('an answer that breaks off is not made whole by the compressor', async () => {
  publish({ compression: {} });
  await assert.rejects(read('/break', { 'accept-encoding': 'gzip' }));
});

test('a client that does not read holds the backend up', async () => {
  const response = await open('/stream?type=text/plain', { 'accept-encoding': 'gzip' });
  response.pause();
  const random = createRandom();
  let written = 0;
  while (streaming && written < 100_000_000) {
    const noise = random.bytes(65_536);
    written += noise.length;
    const isFree = streaming.write(noise);
    if (!isFree && !(await drained(streaming))) break;
  }
  assert.ok(written < 60_000_000, `${written} bytes were taken`);
  response.destroy();
  streaming?.destroy();
});

/** False where nothing drains within many turns of the loop. */
async function drained(response: ServerResponse): Promise<boolean> {
  let isDrained = false;
  response.once('drain', () => {
    isDrained = true;
  });
  const quiet = AbortSignal.timeout(1_000);
  while (!isDrained && !quiet.aborted) await new Promise(setImmediate);
  return isDrained;
}
