/** A machine of its own as far as the network goes: a network namespace with loopback, and processes inside. */
import { spawn } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { HostProcess } from './host-process.ts';
import { attempt, execute } from './shell.ts';

export interface SpawnOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Opens a channel for `call`. */
  readonly channel?: boolean;
}

const root = fileURLToPath(new URL('../..', import.meta.url));

export class Host {
  /** Name of the network namespace. */
  readonly namespace: string;
  readonly #processes = new Set<HostProcess>();

  private constructor(namespace: string) {
    this.namespace = namespace;
  }

  /** Called by the lab alone. */
  static create(namespace: string): Host {
    execute('ip', ['netns', 'add', namespace]);
    const host = new Host(namespace);
    host.ip('link', 'set', 'lo', 'up');
    return host;
  }

  /** Runs `ip` for this host. */
  ip(...args: readonly string[]): string {
    return execute('ip', ['-n', this.namespace, ...args]);
  }

  /** Runs a short command inside to its end and gives its output. */
  execute(command: string, ...args: readonly string[]): string {
    return execute('ip', ['netns', 'exec', this.namespace, command, ...args]);
  }

  /** Runs a short command inside with standard input. */
  executeWithInput(input: string, command: string, ...args: readonly string[]): string {
    return execute('ip', ['netns', 'exec', this.namespace, command, ...args], input);
  }

  /** Starts a process inside. `ip netns exec` becomes the command, so the pid is the command's own. */
  spawn(command: string, args: readonly string[], options: SpawnOptions = {}): HostProcess {
    const child = spawn('ip', ['netns', 'exec', this.namespace, command, ...args], {
      cwd: root,
      env: { ...process.env, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe', ...(options.channel ? (['ipc'] as const) : [])],
    });
    const started = new HostProcess(child, command);
    this.#processes.add(started);
    void started.ended.then(() => this.#processes.delete(started));
    return started;
  }

  /** Starts a TypeScript file of this repository (path from its root) that answers calls. */
  spawnNode(file: string, args: readonly string[] = [], nodeFlags: readonly string[] = []): HostProcess {
    const flags = ['--disable-warning=ExperimentalWarning', ...nodeFlags];
    return this.spawn(process.execPath, [...flags, file, ...args], { channel: true });
  }

  /** Drops packets that come in, at random. Needs nftables with `numgen`. */
  dropIncoming(percent: number): void {
    const rules = `table inet lab { chain input { type filter hook input priority 0;
      meta l4proto udp numgen random mod 1000 < ${Math.round(percent * 10)} drop; }; }`;
    this.executeWithInput(rules, 'nft', '-f', '-');
  }

  /** Makes names known to processes that are started afterwards (`ip netns exec` puts the file in place of /etc/hosts). */
  nameHosts(names: Readonly<Record<string, string | readonly string[]>>): void {
    const lines = Object.entries({ localhost: '127.0.0.1', ...names }).flatMap(([name, addresses]) =>
      [addresses].flat().map((address) => `${address} ${name}\n`),
    );
    const folder = settingsFolder(this.namespace);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'hosts'), lines.join(''));
  }

  /** Lets processes that are started afterwards ask these name servers. */
  askNameServers(addresses: readonly string[]): void {
    const folder = settingsFolder(this.namespace);
    mkdirSync(folder, { recursive: true });
    const lines = addresses.map((address) => `nameserver ${address}\n`);
    writeFileSync(join(folder, 'resolv.conf'), `${lines.join('')}options timeout:1 attempts:2\n`);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#processes].map((one) => one.stop()));
    removeNamespace(this.namespace);
  }

  /** For the exit of the test's own process, where nothing can be waited for. */
  closeNow(): void {
    for (const one of this.#processes) one.killNow();
    removeNamespace(this.namespace);
  }
}

/** Removes a namespace and what `ip netns exec` would lay over /etc in it. */
export function removeNamespace(namespace: string): void {
  attempt('ip', ['netns', 'del', namespace]);
  rmSync(settingsFolder(namespace), { recursive: true, force: true });
}

function settingsFolder(namespace: string): string {
  return `/etc/netns/${namespace}`;
}
