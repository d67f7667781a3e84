/** heavy: the package as `npm pack` makes it holds all that the command needs, and a whole network runs from it. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { get } from 'node:https';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, test } from 'node:test';
import type { ReadyEvent } from '../../src/cli/up/announce.ts';
import { VERSION } from '../../src/cli/version.ts';
import { makePackage } from '../../src/io/package/make-package.ts';
import { freePortBase, remove, temporaryFolder } from '../e2e/network.ts';

const ROOT = join(import.meta.dirname, '..', '..');

describe('the npm package', { timeout: 300_000 }, () => {
  const folder = temporaryFolder();
  const installed = join(folder, 'node_modules', 'manis');
  const command = join(installed, 'scripts', 'manis.mjs');
  let network: ChildProcess | undefined;

  before(() => {
    run('npm', ['pack', '--silent', '--pack-destination', folder], ROOT);
    mkdirSync(installed, { recursive: true });
    run('tar', ['-xzf', join(folder, `manis-${VERSION}.tgz`), '--strip-components=1', '-C', installed], folder);
    linkDependencies(join(folder, 'node_modules'));
  });
  after(async () => {
    if (network?.exitCode === null) {
      network.kill('SIGTERM');
      await once(network, 'exit');
    }
    remove(folder);
  });

  test('holds programs, console and what starts them, and no tests, sources or secrets', () => {
    const files = readdirSync(installed, { recursive: true, encoding: 'utf8' });
    const strangers = files.filter((name) =>
      /\.test\.|(?<!\.d)\.tsx?$|(^|\/)(testing|\.env|\.manis|\.ci)(\/|$)/.test(name),
    );
    assert.deepEqual(strangers, []);
    for (const name of ['README.md', 'LICENSE', 'package.json', 'dist/program/dist/console/index.html'])
      assert.ok(existsSync(join(installed, name)), name);
  });

  test('is what a control node that runs from it gives to machines that join', async () => {
    const { path } = await makePackage(installed, join(folder, 'own'), 'manis.tgz');
    const list = (file: string) => run('tar', ['-tzf', file], folder).trim().split('\n').sort();
    assert.deepEqual(list(path), list(join(folder, `manis-${VERSION}.tgz`)));
  });

  test('says its version', () => assert.equal(run('node', [command, '--version'], folder).trim(), VERSION));

  test('lists its commands', () => assert.match(run('node', [command, '--help'], folder), /connector/));

  test('runs a complete network in a folder of the caller, its console too', async () => {
    const base = await freePortBase();
    network = spawn('node', [command, 'up', '--json', '--port-base', String(base)], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ready = await readyOf(network);
    assert.equal(ready.dataDir, join(folder, '.manis'));
    const page = await fetchPage(base, new URL(ready.dashboard).hostname, readFileSync(ready.caFile, 'utf8'));
    assert.match(page, /^200 <!doctype html>/);
  });
});

function run(program: string, args: readonly string[], cwd: string): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, { cwd, encoding: 'utf8' });
  assert.equal(status, 0, `${program} ${args.join(' ')}: ${error?.message ?? ''}${stdout}${stderr}`);
  return stdout;
}

/** As npm would install them, without those that only developers need: a program that needs one of those fails. */
function linkDependencies(modules: string): void {
  const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { dev?: boolean; devOptional?: boolean }>;
  };
  for (const [path, entry] of Object.entries(lock.packages)) {
    const isOurs = /^node_modules\/(@[^/]+\/)?[^/]+$/.test(path) && !entry.dev && !entry.devOptional;
    if (!isOurs || !existsSync(join(ROOT, path))) continue;
    const link = join(modules, path.slice('node_modules/'.length));
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(ROOT, path), link);
  }
}

async function readyOf(network: ChildProcess): Promise<ReadyEvent> {
  assert.ok(network.stdout);
  for await (const line of createInterface({ input: network.stdout })) {
    const event = JSON.parse(line) as { event: string };
    if (event.event === 'ready') return event as ReadyEvent;
  }
  throw new Error(`the network ended with ${network.exitCode} before it was ready`);
}

async function fetchPage(port: number, host: string, ca: string): Promise<string> {
  const asked = get({ host: '127.0.0.1', port, servername: host, ca, path: '/console/', headers: { host } });
  const [answer] = await once(asked, 'response');
  let text = '';
  for await (const chunk of answer) text += chunk;
  return `${answer.statusCode} ${text}`;
}
