// What every script starts with: the dependencies are installed, and the program runs on Node 26. Plain JavaScript
// for Node >= 20 with nothing installed; everything behind it is TypeScript that Node 26 runs as it stands.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  accessSync,
  constants,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

const lockfile = join(root, 'package-lock.json');
const modules = join(root, 'node_modules');
const installedMark = join(modules, '.manis-lock');
/** A package brings its programs as JavaScript, and npm put the rest beside it: see `pack.mjs`. */
const isPacked = !existsSync(join(root, 'src'));
const programs = isPacked ? join(root, 'dist', 'program') : root;
const WANTED_MAJOR = 26;
const PROGRAM = 'src/cli/main.ts';
const LONG_LIVED = new Set(['up', 'pop', 'connector']);

/** Installs what the lockfile names where that has not happened yet. Says so on stderr: stdout may be JSON. */
export function ensureInstalled() {
  if (isPacked) return;
  const lock = readFileSync(lockfile, 'utf8');
  const digest = createHash('sha256').update(lock).digest('hex');
  if (readOrNothing(installedMark) === digest) return;
  if (!matchesLockfile(JSON.parse(lock))) install();
  writeFileOrNothing(installedMark, digest);
}

/** The Node that runs the TypeScript: this one where it is new enough, else the one from the package `node`. */
export function findNode() {
  if (Number(process.versions.node.split('.')[0]) >= WANTED_MAJOR) return process.execPath;
  const folder = folderOfNode();
  const packagedNode = join(folder, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  if (!runs(packagedNode)) unpackNode(folder);
  if (runs(packagedNode)) return packagedNode;
  fail(
    `Manis runs on Node ${WANTED_MAJOR}; this is ${process.version}, and the package "node" has no binary for ` +
      `${process.platform}-${process.arch} that runs here (on Debian it needs libatomic1). Install Node ${WANTED_MAJOR} and try again.`,
  );
}

/** npm may have put it beside this package rather than into it. */
function folderOfNode() {
  try {
    return dirname(createRequire(import.meta.url).resolve('node/package.json'));
  } catch {
    return join(modules, 'node');
  }
}

/** Runs a file of this repository on Node 26 in the current folder and ends as it ends. */
export function run(entry, args, nodeFlags = []) {
  ensureInstalled();
  if (entry === PROGRAM && isLongLived(args)) ensurePrepared();
  const child = spawn(findNode(), [...defaultFlags, ...nodeFlags, fileOf(entry), ...args], {
    // The channel has no messages: its end tells the program that this process is gone, however it went.
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: nodeEnvironment(),
  });
  endWith(child);
}

function fileOf(entry) {
  return join(programs, isPacked ? entry.replace(/\.ts$/, '.js') : entry);
}

/** Whether it is a PoP, a connector or a whole network that is started, and not a command that manages them. */
function isLongLived([name, second]) {
  return LONG_LIVED.has(name) && (second === undefined || second === 'join' || second.startsWith('-'));
}

/** Compiles the programs where the code changed since, so that none of those that live long has to (see `prepare.ts`). */
function ensurePrepared() {
  const env = nodeEnvironment();
  const mark = join(env.NODE_COMPILE_CACHE, 'prepared');
  const digest = codeDigest();
  if (readOrNothing(mark) === digest) return;
  const { status } = spawnSync(findNode(), [...defaultFlags, fileOf(PROGRAM), 'prepare'], { stdio: 'ignore', env });
  // What went wrong is told by the program itself, when it is started.
  if (status === 0) writeFileOrNothing(mark, digest);
}

/** Of names, sizes and times of change: reading all of it would take longer than it saves. */
function codeDigest() {
  const digest = createHash('sha256').update(process.version);
  for (const name of readdirSync(join(programs, 'src'), { recursive: true }).sort()) {
    if (!/\.[jt]s$/.test(name) || name.endsWith('.test.ts')) continue;
    const { size, mtimeMs } = statSync(join(programs, 'src', name));
    digest.update(`${name} ${size} ${mtimeMs}\n`);
  }
  return digest.digest('hex');
}

export const defaultFlags = ['--disable-warning=ExperimentalWarning'];

/** Passes signals on, and ends this process the way the child ends: its exit code or its signal. */
export function endWith(child) {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => fail(`cannot start Node: ${error.message}`));
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

/** The environment with a compile cache, so that a start does not strip and compile everything anew. */
export function nodeEnvironment() {
  if (process.env.NODE_COMPILE_CACHE !== undefined) return process.env;
  return { ...process.env, NODE_COMPILE_CACHE: compileCacheFolder() };
}

function compileCacheFolder() {
  const own = join(root, '.manis', 'cache', 'compile');
  try {
    mkdirSync(own, { recursive: true });
    accessSync(own, constants.W_OK);
    return own;
  } catch {
    return join(tmpdir(), `manis-compile-cache-${process.getuid?.() ?? 'user'}`);
  }
}

/** Whether npm's record of what it installed holds every package of the lockfile that this machine needs. */
function matchesLockfile(lock) {
  const record = readOrNothing(join(modules, '.package-lock.json'));
  if (record === undefined) return false;
  const installed = JSON.parse(record).packages;
  return Object.entries(lock.packages).every(
    ([path, entry]) => path === '' || entry.optional || installed[path]?.version === entry.version,
  );
}

function install() {
  // npm empties the folder first: through a link it would take the dependencies of another checkout.
  if (lstatSync(modules, { throwIfNoEntry: false })?.isSymbolicLink()) {
    fail(
      `node_modules is a link, and does not hold what package-lock.json names: remove ${modules}, or run "npm ci" where it leads.`,
    );
  }
  say('Installing dependencies (once; about half a minute) ...');
  const first = npm(['ci', '--no-fund', '--no-audit']);
  if (first.status === 0) return;
  // Some registries lack optional packages for other machines, and `npm ci` then calls the lockfile incomplete.
  // `npm install` accepts that; versions and checksums still come from the lockfile, which --no-save leaves alone.
  const second = /EUSAGE/.test(first.output) ? npm(['install', '--no-save', '--no-fund', '--no-audit']) : first;
  if (second.status !== 0) fail(`npm could not install the dependencies:\n${lastLines(second.output)}`);
}

function npm(args) {
  const result = spawnSync('npm', args, {
    cwd: root,
    encoding: 'utf8',
    shell: process.platform === 'win32',
    env: { ...process.env, NODE_ENV: 'development' },
  });
  if (result.error) fail(`npm is needed to install the dependencies: ${result.error.message}`);
  return { status: result.status, output: `${result.stdout}${result.stderr}` };
}

/** Does what the package's install script does, for an npm that was told not to run such scripts. */
function unpackNode(folder) {
  if (!existsSync(join(folder, 'installArchSpecificPackage.js'))) return;
  say(`Unpacking Node ${WANTED_MAJOR} ...`);
  spawnSync(process.execPath, ['installArchSpecificPackage'], { cwd: folder, stdio: 'ignore' });
}

function runs(node) {
  return existsSync(node) && spawnSync(node, ['--version']).status === 0;
}

function readOrNothing(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** A folder that belongs to somebody else is fine: the comparison is then made at every start. */
function writeFileOrNothing(path, text) {
  try {
    writeFileSync(path, text);
  } catch {}
}

function lastLines(text) {
  return text.trimEnd().split('\n').slice(-15).join('\n');
}

export function say(line) {
  process.stderr.write(`${line}\n`);
}

export function fail(message) {
  say(message);
  process.exit(1);
}
