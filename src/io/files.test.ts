import assert from 'node:assert/strict';
import { chmod, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { EVERYBODY_READS, ensureFolder, OWNER_ONLY, readJson, readText, replaceFile, writeJson } from './files.ts';

describe('files', () => {
  let folder = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'manis-files-'));
  });
  after(() => rm(folder, { recursive: true }));

  test('a missing file reads as undefined', async () => {
    assert.equal(await readText(join(folder, 'none')), undefined);
    assert.equal(await readJson(join(folder, 'none')), undefined);
  });

  test('JSON comes back as it was written', async () => {
    const path = join(folder, 'value.json');
    await writeJson(path, { a: [1, 'ü'] }, OWNER_ONLY);
    assert.deepEqual(await readJson(path), { a: [1, 'ü'] });
  });

  test('a file is replaced whole and nothing stays beside it', async () => {
    const path = join(folder, 'replaced');
    await replaceFile(path, 'a long text', OWNER_ONLY);
    await replaceFile(path, 'short', EVERYBODY_READS);
    assert.equal(await readText(path), 'short');
    assert.equal((await stat(path)).mode & 0o777, EVERYBODY_READS);
    assert.deepEqual(
      (await readdir(folder)).filter((name) => name.startsWith('.')),
      [],
    );
  });

  test('a secret is for its owner alone', async () => {
    const path = join(folder, 'secret');
    await writeFile(path, '');
    await chmod(path, 0o644);
    await replaceFile(path, 'x', OWNER_ONLY);
    assert.equal((await stat(path)).mode & 0o777, OWNER_ONLY);
  });

  const failures = [
    {
      name: 'writing into a missing folder',
      act: () => replaceFile(join(folder, 'no', 'f'), '', OWNER_ONLY),
      code: 'file-unwritable',
    },
    { name: 'reading a folder', act: () => readText(folder), code: 'file-unreadable' },
    {
      name: 'making a folder below a file',
      act: () => ensureFolder(join(folder, 'broken', 'x'), 0o700),
      code: 'file-unwritable',
    },
    { name: 'JSON that is none', act: () => readJson(join(folder, 'broken')), code: 'file-malformed' },
  ];
  for (const { name, act, code } of failures) {
    test(`${name} fails as ${code}`, async () => {
      await writeFile(join(folder, 'broken'), '{"half":');
      await assert.rejects(act, { name: 'FileFailure', code });
    });
  }
});
