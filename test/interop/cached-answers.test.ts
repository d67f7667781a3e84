// Public answers of a real nginx that a whole PoP keeps: asked about, renewed, and given where nginx is gone.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../src/testing/free-ports.ts';
import { APP_HOST, PopWorld, PUBLIC, resource } from '../../src/testing/pop-world.ts';
import { requireTools } from './requirements.ts';

const START_TIMEOUT_MS = 10_000;

test('an answer of nginx is asked about by its tag and time, and outlives nginx', async (t: TestContext) => {
  if (!requireTools(t, ['nginx'])) return;
  const nginx = await startNginx();
  t.after(() => nginx.stop());
  const world = await PopWorld.start();
  t.after(() => world.stop());
  world.publishBasics(resource(nginx.port, { policy: PUBLIC, http: { cache: {}, compression: {} } }));
  /** An hour later. */
  const ask = async (headers: Record<string, string> = {}) => {
    world.clock.advance(3_600_000);
    const { status, body, headers: fields } = await world.fetch(APP_HOST, '/style.css', { headers });
    const { etag = '', 'last-modified': modified = '', 'cache-status': cache } = fields;
    return { answer: [status, body, cache], etag, modified };
  };

  nginx.write('first');
  assert.deepEqual((await ask()).answer, [200, 'first', 'Manis; fwd=miss; stored']);
  const { answer, etag, modified } = await ask();
  assert.deepEqual(answer, [200, 'first', 'Manis; fwd=stale; fwd-status=304']);
  const conditions = { 'if-none-match': etag };
  assert.deepEqual((await ask(conditions)).answer, [304, '', 'Manis; fwd=stale; fwd-status=304']);
  nginx.write('second');
  assert.deepEqual((await ask(conditions)).answer, [200, 'second', 'Manis; fwd=stale; fwd-status=200; stored']);
  const asked = [etag, modified];
  assert.deepEqual(nginx.seen(), [
    ['200', '', ''],
    ['304', ...asked],
    ['304', ...asked],
    ['200', ...asked],
  ]);
  await nginx.stop();
  const { answer: outlived } = await ask();
  assert.deepEqual(outlived.slice(0, 2), [200, 'second']);
});

/** One that keeps answers, and its client: gives body and what it says of its cache. */
type Keeper = (headers: Record<string, string>) => Promise<readonly [body: string, cache: string]>;

test('what is stale is renewed in the background as nginx does it, but on nobody’s behalf', async (t: TestContext) => {
  if (!requireTools(t, ['nginx'])) return;
  let text = '';
  let cookies: (string | undefined)[] = [];
  const target = createHttpServer((request, response) => {
    cookies.push(request.headers.cookie);
    response.sendDate = false;
    response.writeHead(200, { 'Cache-Control': 'public, max-age=1, stale-while-revalidate=600' }).end(text);
  });
  target.listen(0, '127.0.0.1');
  await once(target, 'listening');
  t.after(() => target.close());
  const { port } = target.address() as AddressInfo;
  const nginx = await runNginx((folder) => proxyConfiguration(folder, port));
  t.after(() => nginx.stop());
  const world = await PopWorld.start();
  t.after(() => world.stop());
  world.publishBasics(resource(port, { policy: PUBLIC, http: { cache: {} } }));

  const byNginx: Keeper = async (headers) => {
    const answer = await fetch(`http://127.0.0.1:${nginx.port}/`, { headers });
    return [await answer.text(), answer.headers.get('x-cache') ?? ''];
  };
  const byManis: Keeper = async (headers) => {
    world.clock.advance(300);
    const { body, headers: fields } = await world.fetch(APP_HOST, '/', { headers });
    return [body, /hit; ttl=-/.test(String(fields['cache-status'])) ? 'STALE' : 'fresh'];
  };
  const course = async (ask: Keeper) => {
    [text, cookies] = ['first', []];
    const cookie = 'session=of-a-client';
    const bodies = [(await ask({ cookie }))[0]];
    text = 'second';
    for (;;) {
      const [body, cache] = await ask({ cookie });
      if (body !== bodies.at(-1) || cache === 'STALE') bodies.push(body);
      if (body === 'second') return { bodies: [...new Set(bodies)], gotStale: bodies.length > 2, cookies };
      await sleep(10);
    }
  };
  const asked = ['session=of-a-client'];
  assert.deepEqual(await course(byNginx), {
    bodies: ['first', 'second'],
    gotStale: true,
    cookies: [...asked, ...asked],
  });
  assert.deepEqual(await course(byManis), {
    bodies: ['first', 'second'],
    gotStale: true,
    cookies: [...asked, undefined],
  });
});

function proxyConfiguration(folder: string, port: number): string {
  return `access_log off; proxy_cache_path ${folder}/kept keys_zone=kept:1m;
  server {
    listen 127.0.0.1:PORT;
    location / {
      proxy_pass http://127.0.0.1:${port};
      proxy_cache kept;
      proxy_cache_background_update on;
      add_header X-Cache $upstream_cache_status;
    }
  }`;
}

interface Nginx extends RunningNginx {
  write(text: string): void;
  /** Status, If-None-Match and If-Modified-Since of each request. */
  seen(): readonly string[][];
}

async function startNginx(): Promise<Nginx> {
  const nginx = await runNginx(
    (folder) => `log_format seen escape=none '$status\\t$http_if_none_match\\t$http_if_modified_since';
  access_log ${folder}/seen.log seen;
  server {
    listen 127.0.0.1:PORT;
    root ${folder};
    add_header Cache-Control "public, max-age=60, stale-if-error=80000";
  }`,
  );
  const { folder } = nginx;
  let writes = 0;
  return {
    ...nginx,
    write(text) {
      const file = join(folder, 'style.css');
      writeFileSync(file, text);
      // Its tag is made of the second of this, and of the length.
      const seconds = 1_700_000_000 + 100 * writes++;
      utimesSync(file, seconds, seconds);
    },
    seen: () =>
      readFileSync(join(folder, 'seen.log'), 'utf8')
        .split('\n')
        .filter(Boolean)
        .map((line) => line.split('\t')),
  };
}

interface RunningNginx {
  readonly port: number;
  readonly folder: string;
  stop(): Promise<void>;
}

/** `httpBlock`: what is in it, with PORT where it listens. */
async function runNginx(httpBlock: (folder: string) => string): Promise<RunningNginx> {
  const folder = mkdtempSync(join(tmpdir(), 'manis-cached-'));
  const port = await freePort();
  const configuration = `daemon off; master_process off; worker_processes 1; user root; pid ${folder}/pid; error_log /dev/null;
events { worker_connections 64; }
http {
  client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy; fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;
  ${httpBlock(folder).replace('PORT', String(port))}
}`;
  writeFileSync(join(folder, 'nginx.conf'), configuration);
  const child = spawn('nginx', ['-p', folder, '-e', 'stderr', '-c', join(folder, 'nginx.conf')], { stdio: 'ignore' });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  for (let waitedMs = 0; !existsSync(join(folder, 'pid')); waitedMs += 20) {
    if (child.exitCode !== null || waitedMs > START_TIMEOUT_MS) throw new Error('nginx did not start');
    await sleep(20);
  }
  return {
    ...{ port, folder },
    async stop() {
      if (child.exitCode === null && child.kill()) await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
