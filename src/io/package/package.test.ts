/** The package that a node makes of itself: what is in it, byte for byte the same each time, and readable by tar. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, beforeEach, describe, test } from 'node:test';
import { KeptPackage } from './kept-package.ts';
import { makePackage } from './make-package.ts';
import { packageRootOf } from './package-files.ts';

const LONG = `lib/${'deep/'.repeat(30)}end.js`;

describe('the package of this program', () => {
  const folder = mkdtempSync(join(tmpdir(), 'manis-package-'));
  const root = join(folder, 'root');
  const shelf = join(folder, 'shelf');
  after(() => rmSync(folder, { recursive: true, force: true }));

  const write = (path: string, text = path): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  beforeEach(() => {
    for (const each of [root, shelf]) rmSync(each, { recursive: true, force: true });
    for (const path of ['README.md', 'LICENSE', 'run.mjs', 'lib/a.js', LONG, 'lib/.npmrc', 'lib/node_modules/x.js'])
      write(path);
    for (const path of ['.env', 'secret.key', 'other/b.js']) write(path);
    symlinkSync('/etc/passwd', join(root, 'lib', 'passwd'));
    const bin = { tool: 'run.mjs' };
    write('package.json', JSON.stringify({ name: 'tool', version: '1.2.3', files: ['lib', 'run.mjs'], bin }));
  });

  const list = (path: string): string[] => execFileSync('tar', ['-tzf', path], { encoding: 'utf8' }).trim().split('\n');

  test('holds what package.json names and what npm always takes, and nothing else of the folder', async () => {
    const { path } = await makePackage(root, shelf, 'tool-1.2.3.tgz');
    const expected = ['LICENSE', 'README.md', 'lib/a.js', LONG, 'package.json', 'run.mjs'];
    assert.deepEqual(
      list(path),
      expected.map((name) => `package/${name}`),
    );
  });

  test('comes out of the archive as it went in, commands ready to be run', async () => {
    const { path } = await makePackage(root, shelf, 'tool-1.2.3.tgz');
    const out = join(folder, 'out');
    mkdirSync(out);
    execFileSync('tar', ['-xzf', path, '-C', out]);
    assert.equal(readFileSync(join(out, 'package', LONG), 'utf8'), LONG);
    const modes = execFileSync('tar', ['-tvzf', path], { encoding: 'utf8' });
    assert.match(modes, /^-rwxr-xr-x .* package\/run\.mjs$/m);
    assert.match(modes, /^-rw-r--r-- .* package\/lib\/a\.js$/m);
  });

  test('is the same bytes each time, and says their digest', async () => {
    const first = await makePackage(root, shelf, 'tool-1.2.3.tgz');
    const bytes = readFileSync(first.path);
    const second = await makePackage(root, join(folder, 'elsewhere'), 'tool-1.2.3.tgz');
    assert.deepEqual(readFileSync(second.path), bytes);
    assert.deepEqual(Buffer.from(first.sha512), createHash('sha512').update(bytes).digest());
    assert.equal(first.sizeBytes, bytes.length);
  });

  test('takes the place of one of an earlier version', async () => {
    mkdirSync(shelf, { recursive: true });
    writeFileSync(join(shelf, 'tool-1.2.2.tgz'), '');
    await makePackage(root, shelf, 'tool-1.2.3.tgz');
    assert.deepEqual(readdirSync(shelf), ['tool-1.2.3.tgz']);
  });

  test('is made once however many ask, anew where the file is gone, and again where it failed', async () => {
    let times = 0;
    let isBroken = true;
    const kept = new KeptPackage('tool', '1.2.3', (fileName) => {
      times++;
      if (isBroken) return Promise.reject(new Error('no space'));
      return makePackage(root, shelf, fileName);
    });
    await assert.rejects(kept.made(), /no space/);
    isBroken = false;
    const [made] = await Promise.all([kept.made(), kept.made(), kept.made()]);
    assert.equal(times, 2);
    rmSync(made?.path ?? '');
    const chunks = await (await kept.open()).toArray();
    assert.equal(Buffer.concat(chunks).length, made?.sizeBytes);
    assert.equal(times, 3);
    assert.deepEqual([kept.fileName, kept.alias], ['tool-1.2.3.tgz', 'tool.tgz']);
  });

  test('is refused in one line where a file is missing that it is to hold', async () => {
    rmSync(join(root, 'run.mjs'));
    await assert.rejects(makePackage(root, shelf, 'tool-1.2.3.tgz'), /root\/run\.mjs is missing/);
    assert.deepEqual(readdirSync(shelf), []);
  });

  test('is of the folder above a file of the program that has a package.json', () => {
    assert.equal(packageRootOf(`file://${root}/lib/a.js`), root);
  });
});
