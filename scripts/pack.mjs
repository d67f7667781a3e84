// `npm pack` runs this first, and a control node that is asked for its package: the programs as JavaScript, because Node
// strips no types below node_modules, and the console as it is built. `dist/program` mirrors this repository, so that paths
// between its files stay as they are.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureInstalled, fail, findNode, root, say } from './bootstrap.mjs';
import { ensureConsole } from './console.mjs';

const program = join(root, 'dist', 'program');
const mark = join(root, 'dist', 'program-of');

ensureInstalled();
ensureConsole();
const digest = digestOfSources();
const isMade = existsSync(program) && existsSync(mark) && readFileSync(mark, 'utf8') === digest;
if (!isMade) compile();

/** Beside what is there, which somebody else may be reading, and then in its place. */
function compile() {
  say('Compiling the programs ...');
  const fresh = `${program}-${process.pid}`;
  const before = `${fresh}-before`;
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const args = [tsc, '-p', 'tsconfig.package.json', '--outDir', fresh];
  const { status, stdout } = spawnSync(findNode(), args, { cwd: root, encoding: 'utf8' });
  if (status !== 0) {
    rmSync(fresh, { recursive: true, force: true });
    fail(`the programs could not be compiled:\n${stdout}`);
  }
  cpSync(join(root, 'dist', 'console'), join(fresh, 'dist', 'console'), { recursive: true });
  if (existsSync(program)) renameSync(program, before);
  renameSync(fresh, program);
  rmSync(before, { recursive: true, force: true });
  writeFileSync(mark, digest);
}

function digestOfSources() {
  const hash = createHash('sha256');
  for (const name of ['package-lock.json', 'tsconfig.base.json', 'tsconfig.package.json', 'dist/console/.sources'])
    hash.update(readFileSync(join(root, name)));
  for (const name of readdirSync(join(root, 'src'), { recursive: true }).sort()) {
    if (!name.endsWith('.ts') || name.endsWith('.test.ts')) continue;
    hash.update(name).update(readFileSync(join(root, 'src', name)));
  }
  return hash.digest('hex');
}
