import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { utf8 } from '../base/index.ts';
import { sealedFile } from './sealed-file.ts';

async function folder(run: (path: string) => Promise<void>): Promise<void> {
  const path = await mkdtemp(join(tmpdir(), 'manis-sealed-'));
  try {
    await run(path);
  } finally {
    await rm(path, { recursive: true });
  }
}

test('what was written is read back, and a missing file is nothing', () =>
  folder(async (path) => {
    const file = sealedFile(join(path, 'snapshot'), randomBytes(32), 'snapshot');
    assert.equal(await file.read(), undefined);
    await file.write(utf8('first'));
    await file.write(utf8('second'));
    assert.deepEqual(Buffer.from((await file.read()) ?? []).toString(), 'second');
    assert.deepEqual(await readdir(path), ['snapshot']);
  }));

test('only the owner may read the file, and it does not show what it holds', () =>
  folder(async (path) => {
    const place = join(path, 'snapshot');
    await sealedFile(place, randomBytes(32), 'snapshot').write(utf8('a very secret certificate key'));
    assert.equal((await stat(place)).mode & 0o777, 0o600);
    assert.ok(!(await readFile(place)).includes('secret'));
  }));

test('every changed byte, a shorter file, another key and another purpose are refused', () =>
  folder(async (path) => {
    const place = join(path, 'snapshot');
    const secret = randomBytes(32);
    const file = sealedFile(place, secret, 'snapshot');
    await file.write(utf8('contents'));
    const good = await readFile(place);
    for (let i = 0; i < good.length; i++) {
      const bad = Buffer.from(good);
      bad[i] = (bad[i] ?? 0) ^ 1;
      await writeFile(place, bad);
      await assert.rejects(file.read(), { code: 'sealed-file-damaged' }, `byte ${i}`);
    }
    for (const length of [0, 1, 35, good.length - 1]) {
      await writeFile(place, good.subarray(0, length));
      await assert.rejects(file.read(), { code: 'sealed-file-damaged' });
    }
    await writeFile(place, good);
    await assert.rejects(sealedFile(place, randomBytes(32), 'snapshot').read(), { code: 'sealed-file-damaged' });
    await assert.rejects(sealedFile(place, secret, 'other').read(), { code: 'sealed-file-damaged' });
    assert.ok(await file.read());
  }));

test('many writes at once leave the last', () =>
  folder(async (path) => {
    const file = sealedFile(join(path, 'snapshot'), randomBytes(32), 'snapshot');
    await Promise.all(Array.from({ length: 20 }, (_, i) => file.write(utf8(`version ${i}`))));
    assert.equal(Buffer.from((await file.read()) ?? []).toString(), 'version 19');
  }));

test('a folder that is not there is a clear failure, and the next write is tried all the same', () =>
  folder(async (path) => {
    const file = sealedFile(join(path, 'missing', 'snapshot'), randomBytes(32), 'snapshot');
    await assert.rejects(file.write(utf8('x')), { code: 'sealed-file-unwritable' });
    await assert.rejects(file.write(utf8('x')), { code: 'sealed-file-unwritable' });
    await assert.rejects(sealedFile(path, randomBytes(32), 'snapshot').read(), { code: 'sealed-file-unreadable' });
  }));
