import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import {
  EVERYBODY_READS,
  ensureFolder,
  ensureOwnFolder,
  OWNER_ONLY,
  readJson,
  readSmallText,
  readText,
  replaceFile,
  writeJson,
} from './files.ts';

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

  test('a small text is that of an ordinary file: nothing waits for a pipe, and no device is read to its end', async () => {
    const path = (name: string): string => join(folder, name);
    await writeFile(path('small'), 'text');
    await writeFile(path('exact'), 'x'.repeat(10));
    await writeFile(path('large'), 'x'.repeat(11));
    await symlink(path('small'), path('link'));
    await symlink('/dev/zero', path('zero'));
    await mkdir(path('folder'));
    assert.equal(spawnSync('mkfifo', [path('pipe')]).status, 0);
    assert.equal(await readSmallText(path('none'), 10), undefined);
    assert.equal(await readSmallText(path('small'), 10), 'text');
    assert.equal(await readSmallText(path('exact'), 10), 'x'.repeat(10));
    assert.equal(await readSmallText(path('link'), 10), 'text');
    for (const name of ['large', 'zero', 'folder', 'pipe'])
      await assert.rejects(readSmallText(path(name), 10), { code: 'file-unreadable' }, name);
  });

  test('a folder of a node’s own is closed to others where it is new or empty', async () => {
    const modeOf = async (path: string): Promise<number> => (await stat(path)).mode & 0o777;
    const [made, empty, used] = ['own-made', 'own-empty', 'own-used'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    for (const path of [empty, used]) await mkdir(path).then(() => chmod(path, 0o755));
    await writeFile(join(used, 'file'), '');
    for (const path of [made, empty, used]) await ensureOwnFolder(path);
    assert.deepEqual([await modeOf(made), await modeOf(empty), await modeOf(used)], [0o700, 0o700, 0o755]);
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
