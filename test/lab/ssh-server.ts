/** An sshd of the test's own: a host key, a user's key and a port that nobody else has, without a word of the machine's configuration. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../src/testing/free-ports.ts';

const SSHD = '/usr/sbin/sshd';

/** What a test asks for with `requireTools`. */
export const SSH_REQUIREMENTS = [SSHD, 'ssh', 'ssh-keygen'] as const;

/** What sshd says when it can be connected to. */
const LISTENING = /Server listening on 127\.0\.0\.1/;

export class SshServer {
  readonly port: number;
  readonly folder: string;
  readonly #child: ChildProcess;

  private constructor(folder: string, port: number, child: ChildProcess) {
    this.folder = folder;
    this.port = port;
    this.#child = child;
  }

  /** Lets in whoever runs the test, by a key. */
  static async start(): Promise<SshServer> {
    const folder = mkdtempSync(join(tmpdir(), 'manis-ssh-'));
    for (const name of ['host', 'user'])
      execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', join(folder, name)]);
    const port = await freePort();
    writeFileSync(join(folder, 'known'), `shell ${readFileSync(join(folder, 'host.pub'), 'utf8')}`);
    writeFileSync(join(folder, 'config'), configuration(folder, port));
    // Where it is root, it shuts a part of itself up in this folder.
    if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
    const child = spawn(SSHD, ['-D', '-e', '-f', join(folder, 'config')], { stdio: ['ignore', 'ignore', 'pipe'] });
    const server = new SshServer(folder, port, child);
    let words = '';
    for await (const part of child.stderr.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      words += part.toString();
      if (LISTENING.test(words)) {
        child.stderr.resume();
        return server;
      }
    }
    await server.stop();
    throw new Error(`sshd ended: ${words}`);
  }

  /** Arguments of ssh for one command there, whatever carries it. */
  words(proxyCommand: string, ...command: readonly string[]): string[] {
    const options = [
      ...['IdentitiesOnly=yes', 'BatchMode=yes', 'StrictHostKeyChecking=yes', 'HostKeyAlias=shell', 'LogLevel=ERROR'],
      ...[`UserKnownHostsFile=${join(this.folder, 'known')}`, 'GlobalKnownHostsFile=/dev/null'],
      `ProxyCommand=${proxyCommand}`,
    ];
    const flags = ['-F', '/dev/null', '-i', join(this.folder, 'user'), '-l', userInfo().username];
    return [...flags, ...options.flatMap((option) => ['-o', option]), 'shell', ...command];
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const ended = once(this.#child, 'exit');
      this.#child.kill('SIGTERM');
      await ended;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function configuration(folder: string, port: number): string {
  return [
    ...[`Port ${port}`, 'ListenAddress 127.0.0.1', `HostKey ${join(folder, 'host')}`, 'PidFile none'],
    ...[`AuthorizedKeysFile ${join(folder, 'user.pub')}`, 'StrictModes no', 'PermitRootLogin prohibit-password'],
    ...['PasswordAuthentication no', 'KbdInteractiveAuthentication no', 'UsePAM no', ''],
  ].join('\n');
}
