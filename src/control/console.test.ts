/** What browsers get under `/console/`: the built files, the page for every path of the application, and nothing else. */
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import Fastify, { type FastifyInstance } from 'fastify';
import type { StaticFile } from '../io/static-files.ts';
import { SeededRandom } from '../testing/seeded-random.ts';
import { consoleRoutes } from './console.ts';

const file = (text: string, contentType: string, encoded: ['br' | 'gzip', string][] = []): StaticFile => ({
  bytes: Buffer.from(text),
  contentType,
  encoded: new Map(encoded.map(([coding, bytes]) => [coding, Buffer.from(bytes)])),
  etag: '"of-it"',
});

const FILES = new Map([
  ['index.html', file('<meta content="MANIS_NONCE">', 'text/html; charset=utf-8')],
  ['mark.svg', file('<svg/>', 'image/svg+xml')],
  [
    'assets/index-1.js',
    file('run()', 'text/javascript; charset=utf-8', [
      ['br', 'b'],
      ['gzip', 'g'],
    ]),
  ],
]);

describe('the console', () => {
  let app: FastifyInstance;

  before(() => {
    app = Fastify();
    app.setErrorHandler((error: Error & { code?: string }, _request, reply) => reply.code(404).send(error.code));
    consoleRoutes(app, FILES, new SeededRandom(1));
  });

  const get = (url: string, headers: Record<string, string> = {}) => app.inject({ url, headers });

  test('has one page for every path of the application, with a nonce of its own each time', async () => {
    const nonces = new Set<string>();
    for (const path of [
      '/console/',
      '/console/applications/res_1',
      '/console/index.html',
      '/console/..%2fetc/passwd',
    ]) {
      const answer = await get(path);
      const nonce = /<meta content="([\w-]{22})">/.exec(answer.body)?.[1] ?? '';
      assert.equal(answer.statusCode, 200, path);
      assert.match(String(answer.headers['content-security-policy']), /^default-src 'none'; script-src 'self'; /);
      assert.ok(String(answer.headers['content-security-policy']).includes(`'nonce-${nonce}'`));
      nonces.add(nonce);
    }
    assert.equal(nonces.size, 4);
  });

  test('leads from its name without a slash to the page', async () => {
    const answer = await get('/console');
    assert.deepEqual([answer.statusCode, answer.headers.location], [308, '/console/']);
  });

  const CODINGS = [
    ['br, gzip', 'br', 'b'],
    ['gzip', 'gzip', 'g'],
    ['br;q=0, gzip', 'gzip', 'g'],
    ['identity', undefined, 'run()'],
  ] as const;
  for (const [accepted, coding, body] of CODINGS) {
    test(`sends a built file as ${coding ?? 'it is'} to who accepts ${accepted}`, async () => {
      const answer = await get('/console/assets/index-1.js', { 'accept-encoding': accepted });
      assert.deepEqual([answer.headers['content-encoding'], answer.body], [coding, body]);
      assert.equal(answer.headers['cache-control'], 'public, max-age=31536000, immutable');
      assert.equal(answer.headers.vary, 'accept-encoding');
    });
  }

  test('says that a file is the same as before', async () => {
    for (const known of ['"of-it"', 'W/"of-it"', '"x", "of-it"', '*']) {
      const answer = await get('/console/mark.svg', { 'if-none-match': known });
      assert.deepEqual([answer.statusCode, answer.body, answer.headers['cache-control']], [304, '', 'no-cache'], known);
    }
    assert.equal((await get('/console/mark.svg', { 'if-none-match': '"x"' })).statusCode, 200);
  });

  test('has no page in place of a built file that is gone', async () => {
    assert.equal((await get('/console/assets/index-0.js')).statusCode, 404);
  });

  test('is not there where it was not built', async () => {
    const bare = Fastify();
    bare.setErrorHandler((error: Error & { code?: string }, _request, reply) => reply.code(404).send(error.code));
    consoleRoutes(bare, new Map(), new SeededRandom(1));
    assert.equal((await bare.inject('/console/')).body, 'not-found');
  });
});
