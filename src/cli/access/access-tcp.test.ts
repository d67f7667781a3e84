import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { after, before, test } from 'node:test';
import type { ResourceRecord } from '../../core/link/index.ts';
import { hiddenInput, PopBrowser } from '../../testing/pop-browser.ts';
import { APP_HOST, PORTAL_HOST, PopWorld, PUBLIC, resource } from '../../testing/pop-world.ts';

const MAIN = join(import.meta.dirname, '..', 'main.ts');

let world: PopWorld;
let home: string;
let caFile: string;
/** Gives back what it gets. */
let backend: number;

before(async () => {
  world = await PopWorld.start();
  home = await mkdtemp(join(tmpdir(), 'manis-access-'));
  caFile = join(home, 'ca.pem');
  await writeFile(caFile, world.ca.certificatePem);
  const echo = createServer({ allowHalfOpen: true }, (socket) => socket.pipe(socket));
  backend = await world.listen(echo);
});
after(async () => {
  await world.stop();
  await rm(home, { recursive: true });
});

function publish(changes: Partial<ResourceRecord> = {}): void {
  world.publishBasics(resource(backend, { access: true, ...changes }));
}

function run(
  ...flags: readonly string[]
): ChildProcess & { stdin: NodeJS.WritableStream; stdout: Readable; stderr: Readable } {
  const words = ['access', 'tcp', `${APP_HOST}:${world.port}`, '--ca-file', caFile, '--no-browser', ...flags];
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', MAIN, ...words], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'], HOME: home },
  });
  world.onStop(() => child.kill('SIGKILL'));
  return child as never;
}

/** What a stream says, up to where it says this. */
async function until(stream: Readable, pattern: RegExp): Promise<RegExpExecArray> {
  let text = '';
  for await (const part of stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    text += part.toString();
    const match = pattern.exec(text);
    if (match) return match;
  }
  assert.fail(text);
}

async function all(stream: Readable): Promise<string> {
  return Buffer.concat(await stream.toArray()).toString();
}

/** Signs in where the command says, presses the button, and goes where that leads. */
async function signInAt(address: string): Promise<string> {
  const browser = new PopBrowser(world);
  browser.have(PORTAL_HOST, '__Host-manis_portal', world.portalToken());
  const { pathname, search } = new URL(address);
  const page = await browser.open(APP_HOST, pathname + search);
  const names = ['csrf', 'challenge', 'port', 'state'];
  const fields = Object.fromEntries(names.map((name) => [name, hiddenInput(page, name)]));
  const { headers } = await browser.go(APP_HOST, pathname, fields);
  return (await fetch(headers.location ?? '')).text();
}

async function echoed(port: number, text: string): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true });
  socket.end(text);
  return all(socket);
}

test('a local port leads to the target once somebody has signed in, and the next command needs no browser', async () => {
  publish();
  const first = run();
  const [, address = ''] = await until(first.stderr, /(https:\S+)/);
  assert.match(await signInAt(address), /Connected/);
  const [, port] = await until(first.stdout, /^127\.0\.0\.1:(\d+) leads to app/);
  assert.deepEqual(await Promise.all(['one', 'two'].map((text) => echoed(Number(port), text))), ['one', 'two']);
  first.kill('SIGTERM');
  await once(first, 'exit');
  const folder = join(home, '.local/share/manis/access');
  const [file = ''] = await readdir(folder);
  assert.equal((await stat(join(folder, file))).mode & 0o777, 0o600);
  const second = run();
  const [, again] = await until(second.stdout, /^127\.0\.0\.1:(\d+) leads to app/);
  assert.equal(await echoed(Number(again), 'three'), 'three');
  second.kill('SIGTERM');
  assert.doesNotMatch(await readFile(join(folder, file), 'utf8'), /verifier|code/);
});

test('standard input and output carry one connection, and nothing else is on them', async () => {
  publish({ policy: PUBLIC });
  const child = run('--stdio', '--no-cache');
  child.stdin.end('through');
  assert.deepEqual([await all(child.stdout), await all(child.stderr)], ['through', '']);
  if (child.exitCode === null) await once(child, 'exit');
  assert.equal(child.exitCode, 0);
});

test('a refusal is one line, and exit code 1', async () => {
  publish({ policy: { rules: [] } });
  const child = run('--no-cache');
  assert.match(await all(child.stderr), /^manis: app\.manis\.localhost:\d+ refuses the connection: .*\(denied\)\n$/);
  if (child.exitCode === null) await once(child, 'exit');
  assert.equal(child.exitCode, 1);
});
