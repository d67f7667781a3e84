// HTTP/2 at a whole PoP, by clients that others wrote: Debian's curl and h2load.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { after, before, describe, type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { APP_HOST, PopWorld, PUBLIC, resource } from '../../src/testing/pop-world.ts';
import { requireTools } from './requirements.ts';

const run = promisify(execFile);
const BODY = 'x'.repeat(100_000);

describe('HTTP/2 by the clients of others', () => {
  let world: PopWorld;
  let caFile = '';
  before(async () => {
    world = await PopWorld.start();
    caFile = join(world.dataDir, 'authority.pem');
    await writeFile(caFile, world.ca.certificatePem);
    const backend = createServer(async (request, response) => {
      let length = 0;
      for await (const part of request) length += (part as Buffer).length;
      response.setHeader('Trailer', 'X-Length');
      response.write(request.method === 'POST' ? `${length} bytes` : BODY);
      response.addTrailers({ 'X-Length': String(length) });
      response.end();
    });
    world.publishBasics(resource(await world.listen(backend), { policy: PUBLIC }));
  });
  after(() => world.stop());

  const curl = async (...args: readonly string[]): Promise<string> => {
    const at = ['--resolve', `${APP_HOST}:${world.port}:127.0.0.1`, '--cacert', caFile, '--silent', '--show-error'];
    const { stdout } = await run('curl', [...at, ...args, `https://${APP_HOST}:${world.port}/`], {
      maxBuffer: 1 << 22,
    });
    return stdout;
  };
  test('curl chooses it, gets and posts, and may choose HTTP/1.1', async (t: TestContext) => {
    if (!requireTools(t, ['curl'])) return;
    const version = ['--output', '/dev/null', '--write-out', '%{http_version} %{response_code}'];
    assert.equal(await curl('--http2', ...version), '2 200');
    assert.equal(await curl('--http1.1', ...version), '1.1 200');
    assert.equal(await curl('--http2'), BODY);
    const file = join(world.dataDir, 'large');
    await writeFile(file, Buffer.alloc(5_000_000));
    assert.equal(await curl('--http2', '--data-binary', `@${file}`), '5000000 bytes');
    // Without a length, and told to go on first.
    const chunked = ['--header', 'Transfer-Encoding: chunked', '--header', 'Expect: 100-continue'];
    assert.equal(await curl('--http2', ...chunked, '--data-binary', `@${file}`), '5000000 bytes');
  });

  test('a thousand requests of h2load on four connections are all good, and trailers do not break one', async (t: TestContext) => {
    if (!requireTools(t, ['h2load'])) return;
    const [name, to] = [`https://${APP_HOST}:${world.port}/`, `--connect-to=127.0.0.1:${world.port}`];
    const { stdout } = await run('h2load', ['-n1000', '-c4', '-m16', to, name]);
    assert.match(stdout, /1000 total, 1000 started, 1000 done, 1000 succeeded, 0 failed, 0 errored, 0 timeout/);
    assert.match(stdout, /status codes: 1000 2xx, 0 3xx, 0 4xx, 0 5xx/);
  });
});
