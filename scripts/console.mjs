// The console is built from src/dashboard when it is missing or older than its sources; a packaged Manis brings it built.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { defaultFlags, ensureInstalled, fail, findNode, root, say } from './bootstrap.mjs';

const sources = join(root, 'src', 'dashboard');
const built = join(root, 'dist', 'console');
const mark = join(built, '.sources');

export function ensureConsole() {
  if (!existsSync(sources)) return;
  ensureInstalled();
  const digest = digestOfSources();
  if (existsSync(mark) && readFileSync(mark, 'utf8') === digest) return;
  say('Building the console (once; a few seconds) ...');
  const { status, stderr } = spawnSync(findNode(), [...defaultFlags, join(root, 'scripts', 'build-console.ts')], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, NODE_ENV: 'production' },
  });
  if (status !== 0) fail(`the console could not be built:\n${stderr}`);
  writeFileSync(mark, digest);
}

function digestOfSources() {
  const hash = createHash('sha256').update(readFileSync(join(root, 'package-lock.json')));
  hash.update(readFileSync(join(root, 'scripts', 'build-console.ts')));
  for (const name of readdirSync(sources, { recursive: true }).sort()) {
    if (!/\.(tsx?|css|html|svg)$/.test(name)) continue;
    hash.update(name).update(readFileSync(join(sources, name)));
  }
  return hash.digest('hex');
}
