/** Debian's wireguard-go in a network namespace of its own, joined to this one by a veth pair. For interop tests. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { toBase64 } from '../../src/base/index.ts';

export interface RemotePeer {
  readonly publicKey: Uint8Array;
  readonly allowedIps: string;
  readonly presharedKey?: Uint8Array;
  readonly endpoint?: string;
  readonly persistentKeepaliveSeconds?: number;
}

const run = (command: string, args: readonly string[]): string =>
  execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();

export class WireguardGoPeer {
  /** Address of this namespace's end of the veth pair, and of the other end. */
  readonly hostAddress: string;
  readonly guestAddress: string;
  /** Inner address of wireguard-go. */
  readonly innerAddress = '10.99.0.2';
  readonly listenPort = 51820;
  readonly #namespace: string;
  readonly #interface: string;
  readonly #veth: string;
  readonly #folder = mkdtempSync(join(tmpdir(), 'manis-wireguard-'));
  #process: ChildProcess | undefined;
  readonly #children = new Set<ChildProcess>();

  constructor() {
    const unique = process.pid % 100_000;
    this.#namespace = `manis${unique}`;
    this.#interface = `mwg${unique}`;
    this.#veth = `mve${unique}`;
    const subnet = `10.213.${process.pid % 250}`;
    this.hostAddress = `${subnet}.1`;
    this.guestAddress = `${subnet}.2`;
  }

  /** Without a key the interface waits for `configure`. */
  async start(privateKey?: Uint8Array): Promise<void> {
    const guestVeth = `${this.#veth}g`;
    run('ip', ['netns', 'add', this.#namespace]);
    run('ip', ['link', 'add', this.#veth, 'type', 'veth', 'peer', 'name', guestVeth, 'netns', this.#namespace]);
    run('ip', ['addr', 'add', `${this.hostAddress}/24`, 'dev', this.#veth]);
    run('ip', ['link', 'set', this.#veth, 'up']);
    this.#ip('addr', 'add', `${this.guestAddress}/24`, 'dev', guestVeth);
    this.#ip('link', 'set', guestVeth, 'up');
    this.#ip('link', 'set', 'lo', 'up');
    this.#process = this.spawn('wireguard-go', ['-f', this.#interface]);
    await this.#interfaceIsThere();
    if (!privateKey) return;
    this.#wg('set', this.#interface, 'listen-port', String(this.listenPort), 'private-key', this.#keyFile(privateKey));
    this.#ip('addr', 'add', `${this.innerAddress}/24`, 'dev', this.#interface);
    this.#ip('link', 'set', this.#interface, 'mtu', '1420', 'up');
  }

  /** What `wg-quick up` does with a configuration, as far as a test's namespace needs it. */
  configure(text: string): void {
    const path = join(this.#folder, `${this.#interface}.conf`);
    writeFileSync(path, text, { mode: 0o600 });
    const stripped = join(this.#folder, 'stripped');
    writeFileSync(stripped, `${run('wg-quick', ['strip', path])}\n`, { mode: 0o600 });
    this.#wg('setconf', this.#interface, stripped);
    const settingOf = (name: string) => new RegExp(`^${name} = (.+)$`, 'm').exec(text)?.[1] ?? '';
    this.#ip('addr', 'add', settingOf('Address'), 'dev', this.#interface);
    this.#ip('link', 'set', this.#interface, 'mtu', settingOf('MTU'), 'up');
    this.#ip('route', 'add', settingOf('AllowedIPs'), 'dev', this.#interface);
  }

  /** Gives the machine one more address. */
  addAddress(address: string): void {
    this.#ip('addr', 'add', `${address}/32`, 'dev', 'lo');
  }

  setPeer(peer: RemotePeer): void {
    const args = ['set', this.#interface, 'peer', toBase64(peer.publicKey), 'allowed-ips', peer.allowedIps];
    if (peer.endpoint) args.push('endpoint', peer.endpoint);
    if (peer.presharedKey) args.push('preshared-key', this.#keyFile(peer.presharedKey));
    if (peer.persistentKeepaliveSeconds !== undefined)
      args.push('persistent-keepalive', String(peer.persistentKeepaliveSeconds));
    this.#wg(...args);
  }

  removePeer(publicKey: Uint8Array): void {
    this.#wg('set', this.#interface, 'peer', toBase64(publicKey), 'remove');
  }

  /** One column of `wg show` for a peer, such as `endpoints` or `latest-handshakes`. */
  show(column: string, publicKey: Uint8Array): string | undefined {
    const lines = this.#wg('show', this.#interface, column).split('\n');
    return lines.map((line) => line.split('\t')).find(([key]) => key === toBase64(publicKey))?.[1];
  }

  /** Starts a command inside the namespace; it is ended by `stop` at the latest. */
  spawn(command: string, args: readonly string[]): ChildProcess {
    const child = spawn('ip', ['netns', 'exec', this.#namespace, command, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, LOG_LEVEL: 'error' },
    });
    this.#children.add(child);
    child.once('exit', () => this.#children.delete(child));
    return child;
  }

  async stop(): Promise<void> {
    const children = [...this.#children];
    await Promise.all(
      children.map(
        (child) =>
          new Promise<void>((resolve) => {
            child.once('exit', () => resolve());
            child.kill('SIGTERM');
          }),
      ),
    );
    for (const args of [
      ['link', 'del', this.#veth],
      ['netns', 'del', this.#namespace],
    ])
      tolerate(() => run('ip', args));
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #ip(...args: readonly string[]): string {
    return run('ip', ['-n', this.#namespace, ...args]);
  }

  /** `wg` finds wireguard-go by a socket in the file system, which the namespace shares. */
  #wg(...args: readonly string[]): string {
    return run('ip', ['netns', 'exec', this.#namespace, 'wg', ...args]);
  }

  #keyFile(key: Uint8Array): string {
    const path = join(this.#folder, 'key');
    writeFileSync(path, `${toBase64(key)}\n`, { mode: 0o600 });
    return path;
  }

  async #interfaceIsThere(): Promise<void> {
    for (let i = 0; i < 100; i++) {
      if (this.#process?.exitCode !== null) throw new Error('wireguard-go ended at once');
      if (tolerate(() => this.#wg('show', this.#interface)) !== undefined) return;
      await sleep(50);
    }
    throw new Error('wireguard-go made no interface within 5 s');
  }
}

function tolerate<Value>(operation: () => Value): Value | undefined {
  try {
    return operation();
  } catch {
    return undefined;
  }
}
