/** heavy: the README's walk-through: the plug is pulled while a download runs, and the download goes on. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { freePortBase, manis, Network, remove, temporaryFolder } from './network.ts';
import { Visitor } from './visitor.ts';

const PASSWORD = 'seven quiet otters at noon';
const EMAIL = 'owner@example.com';
const BYTES = 300_000_000;
/** Of the byte at offset `i` is `i mod 251`. */
const PERIOD = 251;

interface Downloaded {
  readonly status: number;
  readonly bytes: number;
  readonly corrupted: number;
  readonly longestGapMs: number;
  readonly broke: boolean;
}

describe('a plug that is pulled', { timeout: 180_000 }, () => {
  const folder = temporaryFolder();
  const dataDir = join(folder, 'data');
  let network: Network;
  let visitor: Visitor;
  let demo: URL;

  before(async () => {
    writeFileSync(join(folder, 'password'), PASSWORD, { mode: 0o600 });
    const flags = ['--admin-email', EMAIL, '--admin-password-file', join(folder, 'password')];
    network = await Network.start(['--port-base', String(await freePortBase()), '--data-dir', dataDir, ...flags]);
    demo = new URL(network.ready.apps[0]?.url ?? '');
    visitor = new Visitor({ ca: network.ca });
    await visitor.signIn(`${demo.origin}/whoami`, EMAIL, PASSWORD);
  });
  after(async () => {
    await network?.stop();
    remove(folder);
  });

  const drill = (...words: string[]): string => manis(dataDir, 'drill', ...words);

  /** Downloads by a PoP from an offset on; `hurt` is called once, when a tenth has arrived. */
  function download(endpoint: string, from: number, hurt: () => void): Promise<Downloaded> {
    const [, host = '', port = ''] = /^\[?([^\]]+)\]?:(\d+)$/.exec(endpoint) ?? [];
    const headers = { host: demo.host, cookie: visitor.cookieFor(demo.host), range: `bytes=${from}-` };
    return new Promise((resolve, reject) => {
      const place = { host, port, servername: demo.hostname, ca: network.ca, agent: false as const };
      const asked = request({ ...place, path: `/download?bytes=${BYTES}`, headers }, (answer) => {
        let [at, corrupted, longestGapMs, lastMs, isHurt] = [from, 0, 0, performance.now(), false];
        const end = (broke: boolean) =>
          resolve({ status: answer.statusCode ?? 0, bytes: at - from, corrupted, longestGapMs, broke });
        answer.on('data', (chunk: Buffer) => {
          longestGapMs = Math.max(longestGapMs, performance.now() - lastMs);
          if (chunk[0] !== at % PERIOD || chunk[chunk.length - 1] !== (at + chunk.length - 1) % PERIOD) corrupted++;
          at += chunk.length;
          if (!isHurt && at - from > BYTES / 10) {
            isHurt = true;
            hurt();
          }
          lastMs = performance.now();
        });
        answer.on('end', () => end(false));
        answer.on('error', () => end(true));
      });
      asked.on('error', reject);
      asked.end();
    });
  }

  test('the tunnel of the PoP in front is cut: the download goes on by the other PoP', async (t) => {
    const [front] = network.ready.pops;
    assert.ok(front);
    const result = await download(front.https, 0, () => void drill('cut', front.name));
    t.diagnostic(`longest gap ${Math.round(result.longestGapMs)} ms`);
    assert.deepEqual(
      { ...result, longestGapMs: 0 },
      { status: 206, bytes: BYTES, corrupted: 0, broke: false, longestGapMs: 0 },
    );
    assert.match(drill('heal'), /Healed/);
  });

  test('the PoP in front is killed: the next one goes on where the download broke', async () => {
    const [front, next] = network.ready.pops;
    assert.ok(front && next);
    const first = await download(front.https, 0, () => void process.kill(front.pid, 'SIGKILL'));
    assert.equal(first.broke, true);
    const rest = await download(next.https, first.bytes, () => undefined);
    assert.deepEqual(
      { ...rest, longestGapMs: 0 },
      { status: 206, bytes: BYTES - first.bytes, corrupted: 0, broke: false, longestGapMs: 0 },
    );
  });
});
