import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { after, before, describe, test } from 'node:test';
import {
  HTTP2_CONCURRENT_STREAMS,
  HTTP2_HEADER_LIST_BYTES,
  HTTP2_IDLE_BYTES_BURST,
  HTTP2_PINGS_BURST,
  HTTP2_RESETS_BURST,
  HTTP2_STREAM_WINDOW_BYTES,
} from '../io/http/constants.ts';
import { Http2Client } from '../testing/http2-client.ts';
import { FLAG, FRAME, fieldBlock, frame, RawHttp2 } from '../testing/http2-frames.ts';
import { APP_HOST, PopWorld, PUBLIC, resource } from '../testing/pop-world.ts';
import { MAXIMUM_HEADER_BYTES } from './constants.ts';

const HEAD: (readonly [string, string])[] = [
  [':method', 'GET'],
  [':scheme', 'https'],
  [':authority', APP_HOST],
  [':path', '/'],
];
const POST = HEAD.map(([name, value]) => [name, name === ':method' ? 'POST' : value] as const);
const MEGABYTE = 1024 * 1024;
/** What a whole flood may leave behind in memory: a small part of what it would if it were kept. */
const MEMORY_BYTES_MAX = 160 * MEGABYTE;

describe('floods of HTTP/2', () => {
  let world: PopWorld;
  let honest: Http2Client;
  const held: ServerResponse[] = [];
  before(async () => {
    world = await PopWorld.start();
    const backend = createServer((request, response) => {
      if (request.url === '/held') held.push(response);
      else response.end('good');
    });
    world.publishBasics(resource(await world.listen(backend), { policy: PUBLIC }));
    honest = await Http2Client.open(world, APP_HOST);
  });
  after(async () => {
    honest.close();
    await world.stop();
  });

  /** Under any of these names: which limit is met first is a matter of how the frames come. */
  const counted = (...reasons: string[]): number =>
    reasons.reduce((sum, reason) => sum + (world.pop.counters()['problems']?.[reason] ?? 0), 0);

  /** The library tells of the end of a connection when its client has seen it already. */
  async function untilCounted(times: number, ...reasons: string[]): Promise<void> {
    while (counted(...reasons) < times) await new Promise((resolve) => setImmediate(resolve));
    assert.equal(counted(...reasons), times);
  }

  /** Sends what `next` makes until the connection is over; honest clients are served meanwhile, and memory stays bounded. */
  async function flood(next: (round: number) => readonly Uint8Array[], rounds: number): Promise<RawHttp2> {
    const raw = await RawHttp2.open(world, APP_HOST);
    const before = process.memoryUsage().rss;
    for (let round = 0; round < rounds && !raw.isClosed; round++) {
      await raw.send(...next(round));
      if (round % 16 === 0) assert.equal((await honest.ask(APP_HOST, '/')).body, 'good');
    }
    const grown = process.memoryUsage().rss - before;
    assert.ok(grown < MEMORY_BYTES_MAX, `${Math.round(grown / MEGABYTE)} MB more`);
    return raw;
  }

  const many = (count: number, make: (index: number) => Uint8Array): Uint8Array[] =>
    Array.from({ length: count }, (_, index) => make(index));
  const request = (stream: number, fields = HEAD, flags: number = FLAG.endStream): Uint8Array =>
    frame(FRAME.headers, FLAG.endHeaders | flags, stream, fieldBlock(fields));
  const code = (value: number): Buffer => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value);
    return bytes;
  };

  const table: [name: string, reasons: string[], next: (round: number) => readonly Uint8Array[]][] = [
    [
      'requests that are taken back at once (CVE-2023-44487)',
      ['http2-resets', 'http2-streams'],
      (round) =>
        many(64, (index) => {
          const stream = 2 * (round * 64 + index) + 1;
          return Buffer.concat([request(stream), frame(FRAME.reset, 0, stream, code(8))]);
        }),
    ],
    ['PINGs', ['http2-pings'], () => many(256, () => frame(FRAME.ping, 0, 0, Buffer.alloc(8)))],
    ['SETTINGS', ['http2-settings'], () => many(64, () => frame(FRAME.settings, 0, 0))],
    [
      'empty DATA',
      ['http2-bytes-for-nothing', 'http2-protocol-error'],
      (round) => [...(round === 0 ? [request(1, POST, 0)] : []), ...many(4_096, () => frame(FRAME.data, 0, 1))],
    ],
    [
      'windows that open byte by byte',
      ['http2-bytes-for-nothing', 'http2-protocol-error'],
      () => many(4_096, () => frame(FRAME.windowUpdate, 0, 0, code(1))),
    ],
    [
      'priorities',
      ['http2-bytes-for-nothing', 'http2-protocol-error'],
      () => many(4_096, () => frame(FRAME.priority, 0, 1, Buffer.from([0, 0, 0, 0, 1]))),
    ],
    [
      'frames that nobody knows',
      ['http2-bytes-for-nothing', 'http2-protocol-error'],
      () => many(64, () => frame(0x2a, 0, 0, Buffer.alloc(4_096))),
    ],
  ];
  for (const [name, reasons, next] of table)
    test(`${name}: the connection is cut and counted as ${reasons[0]}`, async () => {
      const before = counted(...reasons);
      const raw = await flood(next, 4_096);
      await raw.closed();
      await untilCounted(before + 1, ...reasons);
    });

  test('CONTINUATION without end (CVE-2024-27316) is cut by the library', async () => {
    const before = counted('http2-continuations');
    const start = frame(FRAME.headers, FLAG.endStream, 1, fieldBlock(HEAD));
    const raw = await flood(
      (round) => [
        ...(round === 0 ? [start] : []),
        ...many(64, () => frame(FRAME.continuation, 0, 1, fieldBlock([['x', 'y']]))),
      ],
      4_096,
    );
    await raw.closed();
    await untilCounted(before + 1, 'http2-continuations');
  });

  test('a head larger than the limit is answered 431, a much larger one is refused by the library', async () => {
    const raw = await RawHttp2.open(world, APP_HOST);
    const before = counted('http-head-too-large');
    const large = (bytes: number): (readonly [string, string])[] => [
      ...HEAD,
      ...many(8, () => new Uint8Array()).map((_, index) => [`x-${index}`, 'x'.repeat(bytes / 8)] as const),
    ];
    assert.equal(await raw.ask(1, large(8_192)), 200);
    // One frame holds 16 KiB, so the rest goes into frames of continuation.
    const split = (stream: number, block: Uint8Array): Uint8Array[] => {
      const frames = [frame(FRAME.headers, FLAG.endStream, stream, block.subarray(0, 16_000))];
      for (let at = 16_000; at < block.length; at += 16_000)
        frames.push(
          frame(
            FRAME.continuation,
            at + 16_000 >= block.length ? FLAG.endHeaders : 0,
            stream,
            block.subarray(at, at + 16_000),
          ),
        );
      return frames;
    };
    await raw.send(...split(3, fieldBlock(large(MAXIMUM_HEADER_BYTES + 1_024))));
    assert.equal(await raw.outcome(3), 431);
    assert.equal(counted('http-head-too-large'), before + 1);
    await raw.send(...split(5, fieldBlock(large(HTTP2_HEADER_LIST_BYTES + 1_024))));
    const outcome = await raw.outcome(5);
    assert.ok(typeof outcome === 'string', String(outcome));
    raw.close();
  });

  test('a small block that unfolds into a large head (HPACK bomb) is refused', async () => {
    const raw = await RawHttp2.open(world, APP_HOST);
    // One field into the dynamic table (RFC 7541 section 6.2.1), then named by its index of 62 again and again.
    const value = 'x'.repeat(3_000);
    const inserted = Buffer.concat([Buffer.from([0x40]), fieldBlock([['x-bomb', value]]).subarray(1)]);
    const bomb = Buffer.concat([fieldBlock(HEAD), inserted, Buffer.alloc(400, 0x80 | 62)]);
    await raw.send(frame(FRAME.headers, FLAG.endHeaders | FLAG.endStream, 1, bomb));
    const outcome = await raw.outcome(1);
    assert.ok(outcome !== 200, String(outcome));
    assert.equal((await honest.ask(APP_HOST, '/')).body, 'good');
    raw.close();
  });

  test('too many fields are answered 431, and crumbs of a cookie are one field', async () => {
    const fields = (count: number) => [...HEAD, ...Array.from({ length: count }, (_, i) => [`x-${i}`, 'y'] as const)];
    const crumbs = (count: number) => [
      ...HEAD,
      ...Array.from({ length: count }, (_, i) => ['cookie', `c${i}=1`] as const),
    ];
    const raw = await RawHttp2.open(world, APP_HOST);
    assert.deepEqual(
      [await raw.ask(1, fields(150)), await raw.ask(3, fields(300)), await raw.ask(5, crumbs(300))],
      [200, 431, 200],
    );
    raw.close();
  });

  test('streams beyond the limit are refused, and those that are open go on', async () => {
    const client = await Http2Client.open(world, APP_HOST);
    const raw = await RawHttp2.open(world, APP_HOST);
    await raw.send(
      ...many(HTTP2_CONCURRENT_STREAMS + 5, (i) =>
        request(
          2 * i + 1,
          HEAD.map(([n, v]) => [n, n === ':path' ? '/held' : v] as const),
        ),
      ),
    );
    const last = await raw.outcome(2 * (HTTP2_CONCURRENT_STREAMS + 4) + 1);
    // REFUSED_STREAM: it may be sent again.
    assert.equal(last, 'reset 7');
    while (held.length < HTTP2_CONCURRENT_STREAMS) await new Promise((resolve) => setTimeout(resolve, 10));
    assert.equal((await client.ask(APP_HOST, '/')).body, 'good');
    for (const response of held.splice(0)) response.end('late');
    assert.equal(await raw.outcome(1), 200);
    raw.close();
    client.close();
  });

  test('honest bursts are no floods: a page that is left, PINGs, small answers, uploads that nobody wants', async () => {
    const client = await Http2Client.open(world, APP_HOST);
    for (let burst = 0; burst < 2; burst++) {
      const streams = Array.from({ length: 90 }, () => {
        const stream = client.request(APP_HOST, '/held');
        stream.end();
        return stream;
      });
      const closed = streams.map((stream) => once(stream, 'close'));
      for (const stream of streams) stream.close(8);
      await Promise.all(closed);
    }
    assert.ok(180 < HTTP2_RESETS_BURST);
    for (let i = 0; i < HTTP2_PINGS_BURST / 4; i++) client.session.ping(() => undefined);
    for (let i = 0; i < 300; i++) assert.equal((await client.ask(APP_HOST, '/')).body, 'good');
    const upload = client.request(APP_HOST, '/', { ':method': 'POST' });
    const answered = once(upload, 'response');
    for (let i = 0; i < 2_000; i++) upload.write('a');
    upload.end();
    await answered;
    // Of each, as much as its window allows may be on its way when it is refused: on a slow machine all of it is.
    for (let i = 0; i < HTTP2_IDLE_BYTES_BURST / HTTP2_STREAM_WINDOW_BYTES - 1; i++) {
      const refused = client.request(APP_HOST, '/.manis/callback', { ':method': 'POST', 'content-length': '400000' });
      refused.end(Buffer.alloc(400_000));
      const [headers] = await once(refused, 'response');
      assert.equal(headers[':status'], 405);
      refused.resume();
      await once(refused, 'close');
    }
    assert.deepEqual([client.isClosed, client.goneAway], [false, []]);
    client.close();
    for (const response of held.splice(0)) response.end();
  });
});
