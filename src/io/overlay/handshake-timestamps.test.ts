import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { openPair } from '../../testing/loopback-node.ts';
import { HandshakeTimestamps } from './handshake-timestamps.ts';

function newFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'manis-time-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

test('there is no timestamp before the first start', async (t) => {
  assert.equal(await new HandshakeTimestamps(newFolder(t)).load(), undefined);
});

test('the newest timestamp that was sent is there after a restart', async (t) => {
  const dataDir = newFolder(t);
  const { near } = await openPair(t);
  const timestamps = new HandshakeTimestamps(dataDir);
  timestamps.keep(near.device);
  await timestamps.close();
  const kept = await new HandshakeTimestamps(dataDir).load();
  assert.ok(kept);
  assert.deepEqual(new Uint8Array(kept), near.device.latestSentTimestamp());
});

for (const text of ['{}', '{"sent":5}', '{"sent":"AAAA"}', 'null']) {
  test(`a file that holds ${text} counts as none`, async (t) => {
    const dataDir = newFolder(t);
    writeFileSync(join(dataDir, 'handshake-time.json'), text);
    assert.equal(await new HandshakeTimestamps(dataDir).load(), undefined);
  });
}
