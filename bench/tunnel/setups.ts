/**
 * Two tunnels to compare: ours (PoP and connector) and two Debian wireguard-go. Each gets two hosts and one link of its
 * own from the lab, made by the same lines, so MTU and offloads are the same. In both, an iperf3 client runs beside the
 * left end and an iperf3 server beside the right end.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createRandom } from '../../src/io/random.ts';
import type { Host } from '../../test/lab/host.ts';
import type { HostProcess } from '../../test/lab/host-process.ts';
import { startIperfServer } from '../../test/lab/iperf.ts';
import type { Lab } from '../../test/lab/lab.ts';
import { startWireguardGoPair } from '../../test/lab/wireguard-go.ts';
import type { ConnectorSettings } from './connector-process.ts';
import { enrolled, publicNode } from './grant.ts';
import type { PopSettings } from './pop-process.ts';

export interface Setup {
  readonly client: Host;
  /** Where the client finds the server. */
  readonly target: { readonly host: string; readonly port: number };
  /** The two processes that make the tunnel. */
  readonly left: HostProcess;
  readonly right: HostProcess;
  close(): Promise<void>;
}

export interface SetupOptions {
  readonly linkMtu: number;
  readonly innerMtu: number;
  readonly udp: 'offload' | 'plain';
  /** Flags for our two processes, as `--cpu-prof`. */
  readonly nodeFlags?: readonly string[];
}

const SERVER_PORT = 5201;
const DOOR_PORT = 5300;
const OVERLAY_PORT = 20_000;
const UDP_PORT = 51820;
const TUNNEL_TIMEOUT_MS = 10_000;

export async function oursSetup(lab: Lab, options: SetupOptions): Promise<Setup> {
  const [popHost, connectorHost] = [lab.host(), lab.host()];
  const link = lab.link(popHost, connectorHost, { mtu: options.linkMtu });
  const server = await startIperfServer(connectorHost, SERVER_PORT);
  const dataDir = await mkdtemp(join(tmpdir(), 'manis-bench-'));
  const privateKey = createRandom().bytes(32);
  const connector = await enrolled({
    dataDir,
    pop: await publicNode(privateKey),
    popEndpoint: `${link.left.address}:${UDP_PORT}`,
    targets: [{ id: 'iperf', overlayPort: OVERLAY_PORT, host: '127.0.0.1', port: SERVER_PORT }],
  });
  const { innerMtu: mtu, udp, nodeFlags } = options;
  const left = popHost.spawnNode('bench/tunnel/pop-process.ts', [], nodeFlags);
  const right = connectorHost.spawnNode('bench/tunnel/connector-process.ts', [], nodeFlags);
  const popSettings: PopSettings = {
    privateKey: Buffer.from(privateKey).toString('base64'),
    address: link.left.address,
    port: UDP_PORT,
    mtu,
    udp,
    connectors: [{ kind: 'connector', id: 'connector', name: 'connector', siteId: 'site', ...connector }],
    door: { port: DOOR_PORT, overlayAddress: connector.overlayAddress, overlayPort: OVERLAY_PORT },
  };
  await left.call('open', popSettings);
  await right.call('open', { dataDir, mtu, udp } satisfies ConnectorSettings);
  await tunnelUp(left);
  const close = async (): Promise<void> => {
    await Promise.all([left, right, server].map((one) => one.stop()));
    await rm(dataDir, { recursive: true, force: true });
  };
  return { client: popHost, target: { host: '127.0.0.1', port: DOOR_PORT }, left, right, close };
}

export async function peerSetup(lab: Lab, options: Omit<SetupOptions, 'udp'>): Promise<Setup> {
  const [leftHost, rightHost] = [lab.host(), lab.host()];
  const link = lab.link(leftHost, rightHost, { mtu: options.linkMtu });
  const server = await startIperfServer(rightHost, SERVER_PORT);
  const ends = [
    { host: leftHost, end: link.left },
    { host: rightHost, end: link.right },
  ] as const;
  const pair = await startWireguardGoPair(...ends, options.innerMtu);
  const [left, right] = [pair.left.process, pair.right.process];
  const close = async (): Promise<void> => {
    await Promise.all([left, right, server].map((one) => one.stop()));
  };
  return { client: leftHost, target: { host: pair.rightAddress6, port: SERVER_PORT }, left, right, close };
}

/** Waits until a tunnel of a PoP's process is up. */
export async function tunnelUp(pop: HostProcess): Promise<void> {
  for (let waited = 0; waited < TUNNEL_TIMEOUT_MS; waited += 50) {
    if ((await pop.call<number>('up')) > 0) return;
    await sleep(50);
  }
  throw new Error(`our tunnel did not come up: ${pop.stderr}`);
}
