import assert from 'node:assert/strict';
import { appendFileSync, copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, type TestContext, test } from 'node:test';
import { SealedSpool } from './sealed-spool.ts';

const SECRET = new Uint8Array(32).fill(7);

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'manis-spool-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
const opened: SealedSpool[] = [];
after(() => Promise.all(opened.map((spool) => spool.close().catch(() => undefined))));

async function openIn(folder: string, secret = SECRET): Promise<SealedSpool> {
  const spool = await SealedSpool.open(folder, 'audit', secret);
  opened.push(spool);
  return spool;
}
const files = (folder: string) => readdirSync(folder).sort();

async function readAll(spool: SealedSpool): Promise<string[]> {
  const all: string[] = [];
  for (let segment = spool.segments[0]; segment; segment = spool.segments[0]) {
    all.push(...(await spool.readOldest()));
    await spool.remove(segment);
  }
  return all;
}

test('what is appended is read in order, by the next process too, and is gone when it is removed', async (t) => {
  const folder = folderOf(t);
  const first = await openIn(folder);
  await first.append(['a', 'b']);
  await first.append(['c']);
  // Not closed: the process was killed.
  const second = await openIn(folder);
  assert.deepEqual([second.entries, second.torn], [3, 0]);
  await second.append(['d']);
  assert.deepEqual(await readAll(second), ['a', 'b', 'c', 'd']);
  assert.deepEqual([second.entries, second.bytes, files(folder)], [0, 0, []]);
});

test('a segment that is read is appended to no more', async (t) => {
  const spool = await openIn(folderOf(t));
  await spool.append(['a']);
  assert.deepEqual(await spool.readOldest(), ['a']);
  await spool.append(['b']);
  assert.deepEqual(await readAll(spool), ['a', 'b']);
});

test('a full segment is followed by another', async (t) => {
  const folder = folderOf(t);
  const spool = await openIn(folder);
  for (let i = 0; i < 4; i++) await spool.append(['x'.repeat(200_000)]);
  assert.equal(spool.segments.length, 2);
  assert.equal(files(folder).length, 2);
});

test('a torn end loses what was not promised, and nothing else', async (t) => {
  const folder = folderOf(t);
  const spool = await openIn(folder);
  await spool.append(['a']);
  const [file = ''] = files(folder);
  const path = join(folder, file);
  const whole = readFileSync(path).length;
  await spool.append(['b'.repeat(100)]);
  const { length } = readFileSync(path);
  for (const left of [whole + 1, whole + 4, whole + 50, length - 1]) {
    const other = folderOf(t);
    copyFileSync(path, join(other, file));
    truncateSync(join(other, file), left);
    const again = await openIn(other);
    assert.deepEqual([again.torn, await readAll(again)], [1, ['a']], `${left} of ${length} bytes`);
  }
  appendFileSync(path, new Uint8Array(64));
  const padded = await openIn(folder);
  assert.deepEqual([padded.torn, await readAll(padded)], [1, ['a', 'b'.repeat(100)]]);
});

test('nobody reads or moves what is in it', async (t) => {
  const folder = folderOf(t);
  const spool = await openIn(folder);
  await spool.append(['secret of ada']);
  await spool.close();
  const [file = ''] = files(folder);
  assert.ok(!readFileSync(join(folder, file)).includes('ada'));
  copyFileSync(join(folder, file), join(folder, 'audit-0000000009.spool'));
  const moved = await openIn(folder);
  assert.deepEqual([moved.torn, moved.entries], [1, 1]);
  assert.equal((await openIn(folder, new Uint8Array(32).fill(8))).entries, 0);
});

test('a disk that takes no more is told of, and a later append goes on', async (t) => {
  const folder = folderOf(t);
  const spool = await openIn(folder);
  rmSync(folder, { recursive: true });
  await assert.rejects(spool.append(['a']), { code: 'file-unwritable' });
  const again = await openIn(folder);
  await again.append(['b']);
  assert.deepEqual(await readAll(again), ['b']);
});
