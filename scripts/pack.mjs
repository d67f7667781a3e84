// `npm pack` runs this first: the programs as JavaScript, because Node strips no types below node_modules, and the
// console as it is built. `dist/program` mirrors this repository, so that paths between its files stay as they are.
import { spawnSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ensureInstalled, fail, findNode, root, say } from './bootstrap.mjs';
import { ensureConsole } from './console.mjs';

const program = join(root, 'dist', 'program');

ensureInstalled();
ensureConsole();
say('Compiling the programs ...');
rmSync(program, { recursive: true, force: true });
const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
const { status, stdout } = spawnSync(findNode(), [tsc, '-p', 'tsconfig.package.json'], { cwd: root, encoding: 'utf8' });
if (status !== 0) fail(`the programs could not be compiled:\n${stdout}`);
cpSync(join(root, 'dist', 'console'), join(program, 'dist', 'console'), { recursive: true });
