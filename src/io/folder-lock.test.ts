import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { lockFolder } from './folder-lock.ts';

test('a folder is locked for everybody else until it is released', (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'manis-lock-'));
  context.after(() => rmSync(folder, { recursive: true }));
  const lock = lockFolder(folder);
  assert.throws(() => lockFolder(folder), { code: 'folder-in-use' });
  lock.release();
  lockFolder(folder).release();
});

test('a killed process holds no lock', async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'manis-lock-'));
  context.after(() => rmSync(folder, { recursive: true }));
  const module = join(import.meta.dirname, 'folder-lock.ts');
  const program = `import { lockFolder } from ${JSON.stringify(module)}; globalThis.lock = lockFolder(${JSON.stringify(folder)}); console.log('held'); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  context.after(() => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  assert.throws(() => lockFolder(folder), { code: 'folder-in-use' });
  child.kill('SIGKILL');
  await once(child, 'exit');
  lockFolder(folder).release();
});

test('a folder that is not there is a clear failure', () => {
  assert.throws(() => lockFolder('/nowhere/at/all'), { code: 'folder-unusable' });
});
