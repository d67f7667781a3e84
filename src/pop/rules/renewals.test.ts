/** Public answers that are renewed while nobody waits for them, through a whole PoP. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { after, before, beforeEach, describe, test } from 'node:test';
import type { HttpSettings } from '../../core/http-rules/index.ts';
import type { Policy } from '../../core/policy/index.ts';
import { APP_HOST, PopWorld, PUBLIC, resource, SIGNED_IN, target, user } from '../../testing/pop-world.ts';
import { RENEWALS_AT_ONCE } from './constants.ts';

interface Asked {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Gives what the target has now: 304 where that is known. */
  answer(): void;
}

let world: PopWorld;
let port: number;
let published = 0;
let text = '';
let caching = '';
let vary: string | undefined;
/** Requests that are left unanswered, in the order they came; undefined: each is answered at once. */
let waiting: Asked[] | undefined;
let asked: string[] = [];
let came: (() => void) | undefined;

before(async () => {
  world = await PopWorld.start();
  const server = createServer((request, response) => {
    response.sendDate = false;
    asked.push(`${request.method} ${request.url}`);
    const answer = (): void => {
      const isKnown = request.headers['if-none-match'] === `"${text}"`;
      const head = { 'Cache-Control': caching, ETag: `"${text}"`, ...(vary !== undefined && { Vary: vary }) };
      response.writeHead(isKnown ? 304 : 200, head).end(isKnown ? undefined : text);
    };
    if (waiting) waiting.push({ request, response, answer });
    else answer();
    came?.();
  });
  port = await world.listen(server);
});
after(() => world.stop());
beforeEach(() => {
  [asked, waiting, text, vary] = [[], undefined, 'first', undefined];
  caching = 'public, max-age=60, stale-while-revalidate=600';
  publish();
});

function publish(policy: Policy = PUBLIC, more: HttpSettings = {}): void {
  // Changed, so that nothing is kept of the test before.
  const http = { cache: { answerBytes: 1_000 + ++published }, ...more };
  world.publishBasics(resource(port, { http, policy, targets: [target(port)] }), user('ada', []));
}

async function ask(headers: Record<string, string> = {}, path = '/a.css', method = 'GET') {
  const { body, headers: fields } = await world.fetch(APP_HOST, path, { method, headers });
  return [body, String(fields['cache-status']).replace(/^Manis; /, '')];
}

/** What reaches the target next. */
async function next(): Promise<Asked> {
  while (waiting?.length === 0) {
    const { promise, resolve } = Promise.withResolvers<void>();
    came = resolve;
    await promise;
  }
  return waiting?.shift() as Asked;
}

/** Until a counter of exchanges has grown by one. */
async function counted(name: string, from: number): Promise<void> {
  while (count(name) === from) await new Promise((resolve) => setImmediate(resolve));
}
const count = (name: string): number => world.pop.counters().exchanges[name] ?? 0;

/** Keeps an answer, and lets it become stale. */
async function stale(headers: Record<string, string> = {}): Promise<void> {
  await ask(headers);
  world.clock.advance(61_000);
  waiting = [];
}

describe('what is stale, and may be given while its target is asked,', () => {
  test('is given at once, and its target asked once for all who come meanwhile', async () => {
    await stale();
    text = 'second';
    for (let i = 0; i < 3; i++) assert.deepEqual(await ask(), ['first', 'hit; ttl=-1']);
    const renewal = await next();
    const complete = count('complete');
    renewal.answer();
    await counted('complete', complete);
    assert.deepEqual(await ask(), ['second', 'hit; ttl=60']);
    assert.equal(asked.length, 2);
  });

  test('is asked about by its tag, and fresh again where it is still so, with HEAD too', async () => {
    await stale();
    assert.deepEqual(await ask({}, '/a.css', 'HEAD'), ['', 'hit; ttl=-1']);
    const renewal = await next();
    assert.deepEqual([renewal.request.method, renewal.request.headers['if-none-match']], ['GET', '"first"']);
    const complete = count('complete');
    renewal.answer();
    await counted('complete', complete);
    assert.deepEqual(await ask(), ['first', 'hit; ttl=60']);
  });

  test('is asked for on nobody’s behalf: nothing of a client, but what the answer was chosen by', async () => {
    vary = 'Accept-Language';
    const client = {
      ...{
        cookie: 'app=of-a-client',
        authorization: 'Basic YTpi',
        'x-api-key': 'of-a-client',
        origin: 'https://a.example',
      },
      ...{ 'user-agent': 'of-a-client', referer: 'https://app.example/of-a-client', 'accept-language': 'de' },
    };
    await stale(client);
    await ask(client);
    const { request, answer } = await next();
    assert.deepEqual(Object.keys(request.headers).sort(), [
      ...['accept', 'accept-language', 'connection', 'forwarded', 'host', 'if-none-match', 'x-forwarded-for'],
      ...[
        'x-forwarded-host',
        'x-forwarded-port',
        'x-forwarded-proto',
        'x-manis-pop',
        'x-manis-request-id',
        'x-real-ip',
      ],
    ]);
    assert.deepEqual([request.headers['x-forwarded-for'], request.headers['x-real-ip']], ['', '']);
    assert.equal(request.headers['accept-language'], 'de');
    assert.match(String(request.headers['x-manis-request-id']), /-renewal$/);
    answer();
  });

  test('stays as it is where its target fails, and is asked about again when it is next wanted', async () => {
    await stale();
    for (let i = 0; i < 2; i++) {
      assert.equal((await ask())[0], 'first');
      const { response } = await next();
      const complete = count('complete');
      response.writeHead(503).end('sorry');
      await counted('complete', complete);
    }
  });

  test('goes to nobody once its target gives it to one person', async () => {
    await stale();
    await ask();
    const { response } = await next();
    const complete = count('complete');
    response.writeHead(401, { 'Cache-Control': 'private' }).end('who?');
    await counted('complete', complete);
    waiting = undefined;
    assert.deepEqual(await ask(), ['first', 'fwd=miss; stored']);
  });

  test('is read no further than may be kept', async () => {
    await stale();
    await ask();
    const { response } = await next();
    response.writeHead(200, { 'Cache-Control': caching });
    response.write('x'.repeat(5_000));
    await once(response, 'close');
    assert.deepEqual(response.writableFinished, false);
  });

  test('is asked for no more once the policy lets nobody in any more', async () => {
    await stale();
    await ask();
    const { response } = await next();
    const [cut] = [count('cut')];
    publish(SIGNED_IN);
    await once(response, 'close');
    assert.equal(count('cut'), cut + 1);
  });

  test('is asked for with no more than so many at once; who comes then waits', async () => {
    for (let i = 0; i <= RENEWALS_AT_ONCE; i++) await ask({}, `/${i}`);
    world.clock.advance(61_000);
    waiting = [];
    const begun = count('renewal');
    const refused = count('renewal-no-room');
    const answers: string[] = [];
    let last: Promise<unknown> | undefined;
    for (let i = 0; count('renewal-no-room') === refused; i++) {
      last = ask({}, `/${i}`).then(([, status = '']) => answers.push(status));
      while (answers.length === i && count('renewal-no-room') === refused)
        await new Promise((resolve) => setImmediate(resolve));
    }
    const hits = answers.filter((status) => status === 'hit; ttl=-1').length;
    assert.deepEqual([hits, answers.length], [count('renewal') - begun, hits]);
    assert.ok(hits > 0 && hits < RENEWALS_AT_ONCE, 'one organisation takes most, and never all');
    const left = waiting.splice(0);
    waiting = undefined;
    for (const { answer } of left) answer();
    await last;
    assert.equal(answers.at(-1), 'fwd=stale; fwd-status=304');
    publish(SIGNED_IN);
  });

  test('costs the target no more requests at once than it may have', async () => {
    publish(PUBLIC, { limits: { concurrent: 1 } });
    await stale();
    const answer = ask();
    (await next()).answer();
    assert.deepEqual(await answer, ['first', 'fwd=stale; fwd-status=304']);
  });
});

describe('whoever finds it stale waits for the target, as their own request,', () => {
  for (const [who, policy, headers] of [
    ['who had to sign in', SIGNED_IN, () => as('ada')],
    ['who is signed in where nobody has to be', PUBLIC, () => as('ada')],
  ] as const)
    test(who, async () => {
      publish(policy);
      await stale(headers());
      const answer = ask(headers());
      const { request, answer: give } = await next();
      assert.equal(request.headers['remote-user'] !== undefined, true);
      give();
      assert.deepEqual(await answer, ['first', 'fwd=stale; fwd-status=304']);
    });

  test('where it was chosen by what may be a credential', async () => {
    vary = 'X-Api-Key';
    await stale({ 'x-api-key': 'k' });
    const answer = ask({ 'x-api-key': 'k' });
    (await next()).answer();
    assert.deepEqual(await answer, ['first', 'fwd=stale; fwd-status=304']);
  });

  test('and where it is stale for too long', async () => {
    await stale();
    world.clock.advance(600_000);
    const answer = ask();
    (await next()).answer();
    assert.deepEqual(await answer, ['first', 'fwd=stale; fwd-status=304']);
  });
});

function as(userId: string): Record<string, string> {
  return { cookie: world.sessionCookie('app', APP_HOST, { subject: { kind: 'user', userId } }) };
}
