// Public answers of a real nginx that a whole PoP keeps: asked about, renewed, and given where nginx is gone.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
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

interface Nginx {
  readonly port: number;
  write(text: string): void;
  /** Status, If-None-Match and If-Modified-Since of each request. */
  seen(): readonly string[][];
  stop(): Promise<void>;
}

async function startNginx(): Promise<Nginx> {
  const folder = mkdtempSync(join(tmpdir(), 'manis-cached-'));
  const port = await freePort();
  const log = join(folder, 'seen.log');
  const configuration = `daemon off; master_process off; worker_processes 1; user root; pid ${folder}/pid; error_log /dev/null;
events { worker_connections 64; }
http {
  log_format seen escape=none '$status\\t$http_if_none_match\\t$http_if_modified_since';
  access_log ${log} seen;
  client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy; fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;
  server {
    listen 127.0.0.1:${port};
    root ${folder};
    add_header Cache-Control "public, max-age=60, stale-if-error=80000";
  }
}`;
  writeFileSync(join(folder, 'nginx.conf'), configuration);
  const child = spawn('nginx', ['-p', folder, '-e', 'stderr', '-c', join(folder, 'nginx.conf')], { stdio: 'ignore' });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  for (let waitedMs = 0; !existsSync(join(folder, 'pid')); waitedMs += 20) {
    if (child.exitCode !== null || waitedMs > START_TIMEOUT_MS) throw new Error('nginx did not start');
    await sleep(20);
  }
  let writes = 0;
  return {
    port,
    write(text) {
      const file = join(folder, 'style.css');
      writeFileSync(file, text);
      // Its tag is made of the second of this, and of the length.
      const seconds = 1_700_000_000 + 100 * writes++;
      utimesSync(file, seconds, seconds);
    },
    seen: () =>
      readFileSync(log, 'utf8')
        .split('\n')
        .filter(Boolean)
        .map((line) => line.split('\t')),
    async stop() {
      if (child.exitCode === null && child.kill()) await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
