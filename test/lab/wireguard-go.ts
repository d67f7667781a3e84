/** Debian's wireguard-go in a host: an interface, its key, addresses and peers. */
import { generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Host } from './host.ts';
import type { HostProcess } from './host-process.ts';
import { type LinkEnd, nextNumber } from './lab.ts';

export const WIREGUARD_GO_REQUIREMENTS = ['/dev/net/tun', 'wireguard-go', 'wg'] as const;

/** A Curve25519 pair, base64 as `wg` writes it. */
export interface WireguardKeys {
  readonly privateKey: string;
  readonly publicKey: string;
}

export interface WireguardGoOptions {
  readonly keys: WireguardKeys;
  readonly listenPort: number;
  /** With prefix length: `10.9.0.1/24`. */
  readonly addresses: readonly string[];
  /** Inner MTU. */
  readonly mtu: number;
}

export interface WireguardGoPeerOptions {
  readonly publicKey: string;
  /** `address:port`. */
  readonly endpoint?: string;
  readonly allowedIps: readonly string[];
}

export interface WireguardGo {
  readonly process: HostProcess;
  readonly interfaceName: string;
  addPeer(peer: WireguardGoPeerOptions): void;
  /** What `wg show INTERFACE WHAT` says. */
  show(what: string): string;
}

const START_TIMEOUT_MS = 5_000;

export function wireguardKeys(): WireguardKeys {
  const { d, x } = generateKeyPairSync('x25519').privateKey.export({ format: 'jwk' });
  const base64 = (text: string | undefined): string => Buffer.from(text ?? '', 'base64url').toString('base64');
  return { privateKey: base64(d), publicKey: base64(x) };
}

/** Starts it and waits until its interface is up. */
export async function startWireguardGo(host: Host, options: WireguardGoOptions): Promise<WireguardGo> {
  // Its control socket lies in one folder for all namespaces, so the interface's name is unique on the machine.
  const interfaceName = `wg${process.pid.toString(36)}x${nextNumber()}`;
  const started = host.spawn('wireguard-go', ['-f', interfaceName], { env: { WG_PROCESS_FOREGROUND: '1' } });
  await waitForSocket(started, `/var/run/wireguard/${interfaceName}.sock`);
  const set = (...args: readonly string[]): string => host.execute('wg', 'set', interfaceName, ...args);
  withSecretFile(options.keys.privateKey, (file) =>
    set('listen-port', String(options.listenPort), 'private-key', file),
  );
  for (const address of options.addresses) {
    host.ip('addr', 'add', address, 'dev', interfaceName, ...(address.includes(':') ? ['nodad'] : []));
  }
  host.ip('link', 'set', interfaceName, 'mtu', String(options.mtu), 'up');
  return {
    process: started,
    interfaceName,
    addPeer: ({ publicKey, endpoint, allowedIps }) => {
      const route = ['allowed-ips', allowedIps.join(',')];
      set('peer', publicKey, ...(endpoint ? ['endpoint', endpoint] : []), ...route);
    },
    show: (what) => host.execute('wg', 'show', interfaceName, what),
  };
}

export interface WireguardGoPair {
  readonly left: WireguardGo;
  readonly right: WireguardGo;
  /** Addresses inside the tunnel. */
  readonly leftAddress: string;
  readonly rightAddress: string;
  readonly leftAddress6: string;
  readonly rightAddress6: string;
}

/** A tunnel between two hosts that are linked, with two wireguard-go and nothing else. */
export async function startWireguardGoPair(
  left: { host: Host; end: LinkEnd },
  right: { host: Host; end: LinkEnd },
  mtu: number,
): Promise<WireguardGoPair> {
  const keys = { left: wireguardKeys(), right: wireguardKeys() };
  const addresses = (last: number): string[] => [`10.99.0.${last}/24`, `fd99::${last}/64`];
  const port = 51820;
  const one = await startWireguardGo(left.host, { keys: keys.left, listenPort: port, addresses: addresses(1), mtu });
  const two = await startWireguardGo(right.host, { keys: keys.right, listenPort: port, addresses: addresses(2), mtu });
  const allowed = (last: number): string[] => [`10.99.0.${last}/32`, `fd99::${last}/128`];
  one.addPeer({
    publicKey: keys.right.publicKey,
    endpoint: `${right.end.address}:${port}`,
    allowedIps: allowed(2),
  });
  two.addPeer({ publicKey: keys.left.publicKey, endpoint: `${left.end.address}:${port}`, allowedIps: allowed(1) });
  return {
    left: one,
    right: two,
    leftAddress: '10.99.0.1',
    rightAddress: '10.99.0.2',
    leftAddress6: 'fd99::1',
    rightAddress6: 'fd99::2',
  };
}

/** `wg` reads keys from files alone. */
function withSecretFile(text: string, use: (file: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'manis-key-'));
  try {
    const file = join(folder, 'key');
    writeFileSync(file, text, { mode: 0o600 });
    use(file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function waitForSocket(started: HostProcess, path: string): Promise<void> {
  for (let waited = 0; waited < START_TIMEOUT_MS; waited += 20) {
    if (existsSync(path)) return;
    if (!started.isRunning) break;
    await sleep(20);
  }
  throw new Error(`wireguard-go did not start: ${started.stderr}`);
}
