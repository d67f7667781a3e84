import assert from 'node:assert/strict';
import { createServer, type IncomingMessage } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { FLAG, FRAME, fieldBlock, frame, type Outcome, RawHttp2 } from '../testing/http2-frames.ts';
import { APP_HOST, PORTAL_HOST, PopWorld, PUBLIC, resource } from '../testing/pop-world.ts';

type Fields = (readonly [name: string, value: string])[];

const PROTOCOL_ERROR = 1;
const text = (value: string): Buffer => Buffer.from(value, 'latin1');

describe('requests of HTTP/2 that two readers could understand in two ways', () => {
  let world: PopWorld;
  const seen: IncomingMessage[] = [];
  const bodies: string[] = [];
  before(async () => {
    world = await PopWorld.start();
    const backend = createServer(async (request, response) => {
      seen.push(request);
      let body = '';
      for await (const part of request) body += part;
      bodies.push(body);
      response.end('reached');
    });
    backend.on('error', () => undefined);
    world.publishBasics(resource(await world.listen(backend), { policy: PUBLIC }));
  });
  after(() => world.stop());

  const head = (changes: Record<string, string | undefined> = {}, ...more: Fields): Fields => {
    const all: Record<string, string | undefined> = {
      ':method': 'GET',
      ':scheme': 'https',
      ':authority': APP_HOST,
      ':path': '/',
      ...changes,
    };
    const pseudo = Object.entries(all).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value] as const],
    );
    return [...pseudo, ...more];
  };

  async function ask(fields: Fields, options: Parameters<RawHttp2['ask']>[2] = {}): Promise<Outcome> {
    const raw = await RawHttp2.open(world, APP_HOST);
    const outcome = await raw.ask(1, fields, options);
    raw.close();
    return outcome;
  }

  test('never reach a backend, or reach it with what was odd taken away', async (t) => {
    const data = (body: string, flags: number = FLAG.endStream): Buffer => frame(FRAME.data, flags, 1, text(body));
    const post = (...more: Fields): Fields => head({ ':method': 'POST' }, ...more);
    const reset = `reset ${PROTOCOL_ERROR}` as const;
    const table: [name: string, fields: Fields, outcome: Outcome, options?: Parameters<RawHttp2['ask']>[2]][] = [
      ['an honest one', head(), 200],
      ['two methods', [...head(), [':method', 'POST']], reset],
      ['two paths', [[':path', '/a'], ...head()], reset],
      ['two authorities', [[':authority', APP_HOST], ...head()], reset],
      ['a pseudo field after a field', [...head({ ':path': undefined }), ['x', 'y'], [':path', '/']], reset],
      ['a pseudo field that nobody knows', head({ ':other': 'x' }), reset],
      ['the pseudo field of an answer', head({ ':status': '200' }), reset],
      ['no method', head({ ':method': undefined }), reset],
      ['no path', head({ ':path': undefined }), reset],
      ['no scheme', head({ ':scheme': undefined }), reset],
      ['another scheme', head({ ':scheme': 'http' }), 400],
      ['no authority and no Host', head({ ':authority': undefined }), reset],
      ['Host in place of the authority', head({ ':authority': undefined }, ['host', APP_HOST]), 200],
      ['Host beside the authority, the same', head({}, ['host', APP_HOST]), 200],
      ['Host beside the authority, another', head({}, ['host', PORTAL_HOST]), 400],
      ['two Hosts', head({ ':authority': undefined }, ['host', APP_HOST], ['host', APP_HOST]), reset],
      ['user information in the authority', head({ ':authority': `user@${APP_HOST}` }), reset],
      ['a path in the authority', head({ ':authority': `${APP_HOST}/x` }), reset],
      ['an authority with a space', head({ ':authority': `${APP_HOST} x` }), reset],
      ['an empty authority', head({ ':authority': '' }), reset],
      ['another host, another certificate', head({ ':authority': 'elsewhere.example' }), 421],
      ['an upper-case name', head({}, ['X-Upper', 'y']), reset],
      ['Connection', head({}, ['connection', 'close']), reset],
      ['Keep-Alive', head({}, ['keep-alive', 'timeout=5']), reset],
      ['Proxy-Connection', head({}, ['proxy-connection', 'keep-alive']), reset],
      ['Upgrade', head({}, ['upgrade', 'websocket']), reset],
      [
        'Transfer-Encoding',
        post(['transfer-encoding', 'chunked']),
        reset,
        { endStream: false, more: [data('0\r\n\r\n')] },
      ],
      ['TE other than trailers', head({}, ['te', 'gzip']), reset],
      ['a method that is none', head({ ':method': 'GET / HTTP/1.1' }), reset],
      ['a method that nobody knows', head({ ':method': 'FROBNICATE' }), 400],
      ['CONNECT', head({ ':method': 'CONNECT', ':scheme': undefined, ':path': undefined }), 405],
      ['TRACE', head({ ':method': 'TRACE' }), 405],
      ['a path that is no path', head({ ':path': 'x' }), reset],
      ['an empty path', head({ ':path': '' }), reset],
      ['a whole URL as path', head({ ':path': `https://${APP_HOST}/` }), reset],
      ['a star for GET', head({ ':path': '*' }), reset],
      ['a star for OPTIONS', head({ ':method': 'OPTIONS', ':path': '*' }), 400],
      ['a path with a space', head({ ':path': '/a b' }), reset],
      ['a path with the end of a line', head({ ':path': '/ HTTP/1.1\r\nHost: x\r\n\r\n' }), reset],
      ['a path with a fragment', head({ ':path': '/a#b' }), 400],
      ['a path with a NUL in it', head({ ':path': '/%00' }), 400],
      [
        'two lengths',
        post(['content-length', '1'], ['content-length', '1']),
        reset,
        { endStream: false, more: [data('a')] },
      ],
      ['a length with a sign', post(['content-length', '+1']), reset, { endStream: false, more: [data('a')] }],
      [
        'a body longer than its length',
        post(['content-length', '1']),
        'gone away 2',
        { endStream: false, more: [data('ab')] },
      ],
      [
        'a body shorter than its length',
        post(['content-length', '5']),
        reset,
        { endStream: false, more: [data('ab')] },
      ],
      ['a length and no body', post(['content-length', '5']), reset],
    ];
    for (const [name, fields, expected, options] of table)
      await t.test(name, async () => {
        seen.length = 0;
        bodies.length = 0;
        const outcome = await ask(fields, options);
        assert.equal(outcome, expected);
        // A short body is noticed at its end only; what went on before has no end at the backend either.
        assert.equal(bodies.length, expected === 200 ? 1 : 0);
        if (expected !== 200) assert.ok(seen.every(({ complete }) => !complete));
      });
  });

  test('characters that end a line or a value do not pass in any field', async () => {
    for (const odd of ['a\r\nX-Smuggled: 1', 'a\nx', 'a\0b', 'a\rb']) {
      seen.length = 0;
      const outcome = await ask(head({}, ['x-odd', odd], ['x-good', 'good']));
      assert.ok(outcome === 200 || typeof outcome === 'string', String(outcome));
      for (const request of seen) {
        assert.deepEqual([request.headers['x-odd'], request.headers['x-smuggled']], [undefined, undefined]);
        assert.equal(request.headers['x-good'], 'good');
      }
    }
    for (const name of ['x y', 'x:y', 'x\r\ny', '', 'x\0y']) {
      seen.length = 0;
      await ask(head({}, [name, 'value']));
      for (const request of seen) assert.ok(!request.rawHeaders.includes(name));
    }
  });

  test('who the client is, is said by nobody else', async () => {
    seen.length = 0;
    const forged: Fields = [
      ['x-forwarded-for', '1.2.3.4'],
      ['remote-user', 'root'],
      ['x_manis_assertion', 'x'],
      ['forwarded', 'for=1.2.3.4'],
    ];
    assert.equal(await ask(head({}, ...forged)), 200);
    const { headers } = seen[0] as IncomingMessage;
    assert.deepEqual(
      [headers['x-forwarded-for'], headers['remote-user'], headers['x_manis_assertion']],
      ['127.0.0.1', undefined, undefined],
    );
    assert.match(String(headers['forwarded']), /^for=127\.0\.0\.1;/);
  });

  test('the path that is judged is the path that the backend gets', async () => {
    const table: [path: string, url: string][] = [
      ['/a/./b/../c', '/a/c'],
      ['/%61dmin', '/admin'],
      ['/a?x=/../b', '/a?x=/../b'],
    ];
    for (const [path, url] of table) {
      seen.length = 0;
      assert.equal(await ask(head({ ':path': path })), 200);
      assert.equal(seen[0]?.url, url);
    }
  });

  test('trailers cannot be what a head may say', async () => {
    seen.length = 0;
    const trailers = fieldBlock([
      ['authorization', 'Bearer x'],
      ['x-sum', '7'],
      ['x-manis-assertion', 'x'],
    ]);
    const outcome = await ask(head({ ':method': 'POST' }, ['trailer', 'x-sum']), {
      endStream: false,
      more: [
        frame(FRAME.data, 0, 1, text('body')),
        frame(FRAME.headers, FLAG.endHeaders | FLAG.endStream, 1, trailers),
      ],
    });
    assert.equal(outcome, 200);
    assert.deepEqual([bodies.at(-1), seen[0]?.trailers], ['body', { 'x-sum': '7' }]);
    const pseudo = await ask(head({ ':method': 'POST' }), {
      endStream: false,
      more: [frame(FRAME.headers, FLAG.endHeaders | FLAG.endStream, 1, fieldBlock([[':path', '/other']]))],
    });
    assert.equal(pseudo, `reset ${PROTOCOL_ERROR}`);
  });
});
