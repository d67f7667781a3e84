/** heavy: psql and ssh through `manis access tcp`, signed in with Chromium, in a network that was started as people start it. */
import assert from 'node:assert/strict';
import { type ChildProcessWithoutNullStreams, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import type { BrowserContext } from 'playwright-core';
import { requireTools } from '../interop/requirements.ts';
import { POSTGRES_REQUIREMENTS, PostgresServer } from '../lab/postgres-server.ts';
import { SSH_REQUIREMENTS, SshServer } from '../lab/ssh-server.ts';
import { CHROMIUM, openChromium } from './chromium.ts';
import { freePortBase, MANIS, manis, Network, remove, temporaryFolder, untilLive } from './network.ts';

const run = promisify(execFile);
const PASSWORD = 'seven quiet otters at noon';
const EMAIL = 'admin@manis.localhost';
const HOST = 'db.manis.localhost';
const SHELL_HOST = 'shell.manis.localhost';
const MEGABYTE = 1_048_576;

describe('TCP for people who sign in', { timeout: 240_000 }, () => {
  const folder = temporaryFolder();
  const dataDir = join(folder, 'data');
  const closing: (() => unknown)[] = [];
  let network: Network;

  before(async () => {
    const passwordFile = join(folder, 'password');
    writeFileSync(passwordFile, PASSWORD, { mode: 0o600 });
    const flags = ['--admin-password-file', passwordFile, '--data-dir', dataDir];
    network = await Network.start(['--port-base', String(await freePortBase()), ...flags]);
  });
  after(async () => {
    for (const close of closing.reverse()) await close();
    await network?.stop();
    remove(folder);
  });

  function publish(name: string, host: string, port: number): void {
    const policy = join(folder, 'policy.yaml');
    writeFileSync(
      policy,
      'rules:\n  - { id: in, name: In, when: { all: [] }, then: { kind: authenticate, anyOf: signed-in } }\n',
    );
    const target = `tcp://127.0.0.1:${port}`;
    manis(dataDir, 'resource', 'add', name, '--access', '--host', host, '--target', target, '--policy', policy);
    untilLive(dataDir);
  }

  const accessWords = (name: string): string[] => {
    const host = `${name}:${new URL(network.ready.dashboard).port}`;
    return [MANIS, 'access', 'tcp', host, '--ca-file', network.ready.caFile, '--no-browser', '--no-cache'];
  };

  function start(command: string, words: readonly string[]): ChildProcessWithoutNullStreams {
    const child = spawn(command, words);
    closing.push(() => child.kill('SIGTERM'));
    return child;
  }

  /** Signs in where the command says, and presses the button. */
  async function signIn(browser: BrowserContext, address: string, name = 'db'): Promise<void> {
    const page = await browser.newPage();
    await page.goto(address);
    await page.fill('#email', EMAIL);
    await page.fill('#password', PASSWORD);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByRole('heading', { name: `Connect to ${name}` }).waitFor();
    await page.getByRole('button', { name: 'Connect' }).click();
    await page.getByRole('heading', { name: 'Connected' }).waitFor();
  }

  test('psql speaks with a PostgreSQL once its user has signed in with a browser, and is cut at a revocation', async (t) => {
    if (!requireTools(t, [...POSTGRES_REQUIREMENTS, 'psql', CHROMIUM])) return;
    const server = await PostgresServer.start();
    closing.push(() => server.stop());
    const database = await server.createDatabase();
    publish('db', HOST, server.port);
    const browser = await openChromium(network.ca, join(folder, 'profile'));
    closing.push(() => browser.close());
    const command = start('node', accessWords(HOST));
    const [, address = ''] = await said(command.stderr, /(https:\S+)/);
    await signIn(browser, address);
    const [, port = ''] = await said(command.stdout, /^127\.0\.0\.1:(\d+) leads to db/);
    const psql = async (...words: string[]) => {
      const where = ['-h', '127.0.0.1', '-p', port, '-U', 'manis', '-d', database];
      return (await run('psql', [...where, '-Atqc', ...words], { maxBuffer: 64 * MEGABYTE })).stdout;
    };
    assert.equal(await psql('select 6 * 7'), '42\n');
    const rows = await psql("select i, repeat('x', 1000) from generate_series(1, 5000) i");
    assert.equal(rows.length, 5_000 * 1_001 + [...Array(5_000).keys()].map((i) => `${i + 1}|`).join('').length);
    const asleep = psql('select pg_sleep(120)');
    manis(dataDir, 'session', 'revoke-user', EMAIL);
    await assert.rejects(asleep, /server closed the connection|reset by peer|connection to server was lost/);
    const again = psql('select 7');
    await signIn(browser, (await said(command.stderr, /(https:\S+)/))[1] ?? '');
    assert.equal(await again, '7\n');
  });

  test('ssh logs in and carries bytes both ways with the command as its ProxyCommand', async (t) => {
    if (!requireTools(t, [...SSH_REQUIREMENTS, CHROMIUM])) return;
    const server = await SshServer.start();
    closing.push(() => server.stop());
    publish('shell', SHELL_HOST, server.port);
    const browser = await openChromium(network.ca, join(folder, 'profile-of-ssh'));
    closing.push(() => browser.close());
    const proxy = ['node', ...accessWords(SHELL_HOST), '--stdio'].map((word) => `'${word}'`).join(' ');
    const ssh = start('ssh', server.words(proxy, 'cat; exit 7'));
    const output = ssh.stdout.toArray();
    const ended = once(ssh, 'exit');
    const sent = randomBytes(4 * MEGABYTE);
    ssh.stdin.end(sent);
    await signIn(browser, (await said(ssh.stderr, /(https:\S+)/))[1] ?? '', 'shell');
    ssh.stderr.resume();
    assert.deepEqual(await ended, [7, null], 'the status of the command comes back');
    assert.ok(Buffer.concat(await output).equals(sent), 'and so does every byte');
  });
});

/** What a stream says, up to where it says this. */
async function said(stream: Readable, pattern: RegExp): Promise<RegExpExecArray> {
  let text = '';
  for await (const part of stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    text += part.toString();
    const match = pattern.exec(text);
    if (match) return match;
  }
  assert.fail(text);
}
