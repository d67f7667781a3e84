/**
 * A lab: hosts in network namespaces, joined by links, for tests and benchmarks against foreign software.
 *
 *     await using lab = Lab.open();
 *     const [left, right] = [lab.host(), lab.host()];
 *     const link = lab.link(left, right, { mtu: 1500 });     // link.left.address is 10.77.1.1, link.right.address 10.77.1.2
 *     right.spawn('iperf3', ['-s']);
 *
 * Links are veth pairs as the kernel makes them: same MTU at both ends, checksum and segmentation offload on (the
 * default) on both, no queueing discipline. Ours and a peer that it is compared with each get their own pair of hosts
 * from here, so nothing about their links differs. Names carry the pid, so labs side by side do not meet. Everything goes with `close()`, with the process's exit, or, after a kill -9, with the next lab.
 */
import { readdirSync } from 'node:fs';
import { missingRequirement } from '../interop/requirements.ts';
import { Host, removeNamespace } from './host.ts';

/** What every lab needs; see `missingRequirement`. */
export const LAB_REQUIREMENTS = ['root', 'ip'] as const;

/** The machine cannot carry a lab; the message is the reason. */
export class LabUnavailable extends Error {
  override readonly name = 'LabUnavailable';
}

export interface LinkOptions {
  /** Largest IP packet of the link, the same at both ends. */
  readonly mtu: number;
}

export interface LinkEnd {
  readonly interfaceName: string;
  /** IPv4 address. */
  readonly address: string;
  readonly address6: string;
}

export interface Link {
  readonly left: LinkEnd;
  readonly right: LinkEnd;
}

const NAME = /^manis-(\d+)-\d+$/;
const NAMESPACES = '/run/netns';

/** Labs of this process that are open. */
const openLabs = new Set<Lab>();

export class Lab {
  readonly #hosts: Host[] = [];
  #links = 0;

  /** Throws `LabUnavailable` where something that it or the caller needs is missing. */
  static open(requirements: readonly string[] = []): Lab {
    const missing = missingRequirement([...LAB_REQUIREMENTS, ...requirements]);
    if (missing !== undefined) throw new LabUnavailable(missing);
    removeLeftovers();
    return new Lab();
  }

  private constructor() {
    if (openLabs.size === 0) watchForTheEnd();
    openLabs.add(this);
  }

  /** A new host, alone until it is linked. */
  host(): Host {
    const host = Host.create(`manis-${process.pid}-${nextNumber()}`);
    this.#hosts.push(host);
    return host;
  }

  /** Joins two hosts by a veth pair with an IPv4 and an IPv6 subnet of its own. */
  link(left: Host, right: Host, options: LinkOptions): Link {
    const number = ++this.#links;
    const interfaceName = `link${number}`;
    left.ip('link', 'add', interfaceName, 'type', 'veth', 'peer', 'name', interfaceName, 'netns', right.namespace);
    const end = (host: Host, last: number): LinkEnd => {
      const address = `10.77.${number}.${last}`;
      const address6 = `fd77:${number}::${last}`;
      host.ip('addr', 'add', `${address}/24`, 'dev', interfaceName);
      // Duplicate address detection would keep the address from use for a second.
      host.ip('addr', 'add', `${address6}/64`, 'dev', interfaceName, 'nodad');
      host.ip('link', 'set', interfaceName, 'mtu', String(options.mtu), 'up');
      return { interfaceName, address, address6 };
    };
    return { left: end(left, 1), right: end(right, 2) };
  }

  async close(): Promise<void> {
    await Promise.all(this.#hosts.splice(0).map((host) => host.close()));
    openLabs.delete(this);
    if (openLabs.size === 0) stopWatching();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  closeNow(): void {
    for (const host of this.#hosts.splice(0)) host.closeNow();
    openLabs.delete(this);
  }
}

let lastNumber = 0;
/** Names are unique in this process, over all its labs. */
export function nextNumber(): number {
  return ++lastNumber;
}

function closeAllNow(): void {
  for (const lab of openLabs) lab.closeNow();
}

function endedBySignal(signal: NodeJS.Signals): void {
  closeAllNow();
  stopWatching();
  process.kill(process.pid, signal);
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

function watchForTheEnd(): void {
  process.on('exit', closeAllNow);
  for (const signal of SIGNALS) process.on(signal, endedBySignal);
}

function stopWatching(): void {
  process.off('exit', closeAllNow);
  for (const signal of SIGNALS) process.off(signal, endedBySignal);
}

/** Removes namespaces of processes that are gone. */
function removeLeftovers(): void {
  for (const name of namespaces()) {
    const pid = Number(NAME.exec(name)?.[1]);
    if (pid > 0 && !isAlive(pid)) removeNamespace(name);
  }
}

function namespaces(): string[] {
  try {
    return readdirSync(NAMESPACES);
  } catch {
    return [];
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
