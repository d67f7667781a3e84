/** heavy: the image is built and the compose file run, step by step as they are written, without a container engine. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse } from 'yaml';
import { VERSION } from '../../src/cli/version.ts';
import { remove, temporaryFolder } from '../e2e/network.ts';
import { missingRequirement, mustHaveTools } from '../interop/requirements.ts';
import { buildImage, copyContext, type Image, makeVolume, type RunOptions } from './image.ts';
import { PACKAGING, readArtefact } from './places.ts';

interface Service {
  readonly command?: readonly string[];
  readonly entrypoint?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly volumes?: readonly string[];
  readonly read_only?: boolean;
}

const COMPLETE_WITHIN_MS = 60_000;
const missing = missingRequirement(['root', 'unshare', 'setpriv', 'ip', 'curl', 'npm']);
const skip = missing !== undefined && !mustHaveTools() && missing;

describe('the image and the compose file', { timeout: 300_000, skip }, () => {
  const folder = temporaryFolder();
  const namespace = `manis-image-${process.pid}`;
  const { services } = parse(readArtefact('docker', 'compose.yaml'), { merge: true }) as {
    services: Readonly<Record<string, Service>>;
  };
  const running = new Map<string, ChildProcess>();
  const said: string[] = [];
  let image: Image;

  before(() => {
    copyContext(join(folder, 'context'));
    image = buildImage(readArtefact('docker', 'Dockerfile'), join(folder, 'context'), join(folder, 'image'));
    image.nameHosts(Object.fromEntries(Object.keys(services).map((name) => [name, '127.0.0.1'])));
    spawnSync('ip', ['netns', 'add', namespace]);
    spawnSync('ip', ['-n', namespace, 'link', 'set', 'lo', 'up']);
  });
  after(async () => {
    for (const child of running.values()) {
      if (child.exitCode !== null) continue;
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    spawnSync('ip', ['netns', 'del', namespace]);
    remove(folder);
  });

  const inNetwork = (words: readonly string[]): string[] => ['netns', 'exec', namespace, ...words];
  const options = (name: string): RunOptions => {
    const { environment = {}, read_only: isReadOnly = false, volumes = [] } = services[name] as Service;
    const mounts = volumes.map((volume) => {
      const [from = '', inside = '', mode] = volume.split(':');
      const isPath = from.startsWith('.');
      const here = isPath ? join(PACKAGING, 'docker', from) : makeVolume(join(folder, 'volumes', from), image.user);
      return [inside, mode === 'ro' ? `${here}:ro` : here] as const;
    });
    return { environment, isReadOnly, mounts: Object.fromEntries(mounts) };
  };
  const start = (name: string): ChildProcess => {
    const { entrypoint = image.entrypoint, command = image.command } = services[name] as Service;
    const line = image.commandLine([...entrypoint, ...command], options(name));
    const child = spawn('ip', inNetwork(line), { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => said.push(`${name}: ${String(chunk).slice(0, 500)}`));
    running.set(name, child);
    return child;
  };
  /** What `docker compose exec` does. */
  const execute = (name: string, words: readonly string[]): { status: number | null; stdout: string } => {
    const line = image.commandLine(words, options(name));
    return spawnSync('ip', inNetwork(line), { encoding: 'utf8' });
  };
  const curl = (url: string): string => {
    const { host } = new URL(url);
    const flags = [
      '-sS',
      '-H',
      'accept: text/html',
      '--cacert',
      join(folder, 'volumes', 'control', 'ca.pem'),
      '-o',
      '/dev/null',
    ];
    const format = ['-w', '%{http_code} %{redirect_url}', '--resolve', `${host}:127.0.0.1`];
    return spawnSync('ip', inNetwork(['curl', ...flags, ...format, url]), { encoding: 'utf8' }).stdout;
  };
  const until = async (what: string, isSo: () => boolean): Promise<void> => {
    const beganMs = performance.now();
    while (!isSo()) {
      const dead = [...running].filter(([name, { exitCode }]) => name !== 'first-start' && exitCode !== null);
      assert.deepEqual(dead.length, 0, `${what}\n${said.join('')}`);
      assert.ok(performance.now() - beganMs < COMPLETE_WITHIN_MS, `${what}\n${said.join('')}`);
      await sleep(200);
    }
  };
  const isHealthy = (name: string) => () => execute(name, image.healthcheck).status === 0;

  test('the image says its version, as a user without rights', () => {
    assert.equal(image.run([...image.entrypoint, '--version'], { isReadOnly: true }).stdout.trim(), VERSION);
    assert.equal(image.run(['id', '-u']).stdout.trim(), image.user.split(':')[0]);
  });

  test('control becomes healthy, and lets the PoP and the connector in', async () => {
    start('control');
    await until('control is healthy', isHealthy('control'));
    const [exitCode] = await once(start('first-start'), 'exit');
    assert.equal(exitCode, 0, said.join(''));
    for (const name of ['demo', 'pop']) start(name);
    await until('pop is healthy', isHealthy('pop'));
    start('connector');
    await until('connector is healthy', isHealthy('connector'));
  });

  test('it runs anew without doing anything twice', async () => {
    const [exitCode] = await once(start('first-start'), 'exit');
    assert.equal(exitCode, 0, said.join(''));
  });

  test('the tunnel comes up', async () => {
    const token = readFileSync(join(folder, 'volumes', 'control', 'api-token'), 'utf8').trim();
    const status = ['manis', 'status', '--url', 'https://control:8446', '--token', token, '--ca', '/data/ca.pem'];
    await until('the tunnel is up', () => /home +home +up/.test(execute('control', status).stdout));
  });

  test('browsers find the console, the first administrator a link, and the demo asks who they are', () => {
    const link = readFileSync(join(folder, 'volumes', 'control', 'set-up-link'), 'utf8').trim();
    assert.match(link, /^https:\/\/manis\.localhost:8443\/set-up\//);
    assert.equal(curl(link), '200 ');
    assert.equal(curl('https://manis.localhost:8443/console/'), '200 ');
    assert.match(curl('https://demo.manis.localhost:8443/'), /^302 https:\/\/manis\.localhost:8443\//);
  });

  test('what is asked to stop stops in order', async () => {
    for (const name of ['connector', 'demo', 'control']) {
      const child = running.get(name);
      assert.ok(child);
      child.kill('SIGTERM');
      if (child.exitCode === null) await once(child, 'exit');
      assert.deepEqual([name, child.exitCode, child.signalCode], [name, 0, null]);
    }
  });
});
