import { createHash } from 'node:crypto';
import type { Clock, Random } from '../../base/index.ts';
import { Netstack, type NetstackLimits } from '../../core/netstack/index.ts';
import { type NodeRole, OverlayNode, overlayAddress, POP_DEVICE_ADDRESS } from '../../core/overlay/index.ts';
import { WireguardDevice } from '../../core/wireguard/index.ts';
import { Carriers } from '../carrier/carriers.ts';
import { createWireguardCrypto } from '../crypto/create-wireguard-crypto.ts';
import { openUdpSocket } from '../udp/open-udp-socket.ts';
import type { UdpSocket } from '../udp/udp-socket.ts';
import { type Unplugged, UnpluggedSocket } from '../udp/unplugged-socket.ts';
import { HandshakeTimestamps } from './handshake-timestamps.ts';
import { OverlayDriver, type OverlayDriverOptions } from './overlay-driver.ts';

export interface OverlayOptions extends Omit<OverlayDriverOptions, 'node'> {
  readonly clock: Clock;
  readonly random: Random;
  /** Curve25519, 32 bytes. The overlay address follows from it. */
  readonly privateKey: Uint8Array;
  readonly role: NodeRole;
  /** UDP address and port to listen on; port 0 lets the kernel choose. */
  readonly listen: { readonly address: string; readonly port: number };
  /** Largest inner packet in bytes; paths that take less are found out. */
  readonly mtu: number;
  /** Folder that keeps the newest handshake timestamp this key ever sent; left out: nothing is kept. */
  readonly dataDir?: string;
  readonly limits?: Partial<NetstackLimits>;
  /** `plain` keeps to one datagram a call. */
  readonly udp?: 'offload' | 'plain';
  /** Places that are cut off, for drills. */
  readonly unplugged?: Unplugged;
}

export interface OpenOverlay {
  readonly driver: OverlayDriver;
  readonly device: WireguardDevice;
  /** What lets datagrams travel by TLS, once somebody opens one. */
  readonly carriers: Carriers;
  /** Closes the driver, and writes what must outlast it. */
  close(): Promise<void>;
}

/** A running overlay node: keys, WireGuard, TCP/IP and a UDP socket put together. Failure `port-in-use`. */
export async function openOverlay(options: OverlayOptions): Promise<OpenOverlay> {
  const { clock, random, privateKey, mtu } = options;
  const crypto = await createWireguardCrypto();
  const timestamps = options.dataDir === undefined ? undefined : new HandshakeTimestamps(options.dataDir);
  const lastSentTimestamp = await timestamps?.load();
  const device = new WireguardDevice({
    privateKey,
    crypto,
    random,
    unixOffsetMs: clock.unixMs() - clock.nowMs(),
    ...(lastSentTimestamp && { lastSentTimestamp }),
  });
  const address = overlayAddress(device.publicKey, sha256);
  const netstack = new Netstack({
    // Plain WireGuard devices speak IPv4, and to PoPs alone.
    addresses: options.role === 'pop' ? [address, POP_DEVICE_ADDRESS] : [address],
    mtu,
    random,
    nowMs: clock.nowMs(),
    ...(options.limits && { limits: options.limits }),
  });
  const node = new OverlayNode({ device, netstack, address, role: options.role, mtu });
  const { onTunnel, onAttempt, probes } = options;
  const carriers = new Carriers({
    clock,
    receiver: {
      receiveCarried: (bytes, offset, length, from) => driver.receiveCarried(bytes, offset, length, from),
      wake: () => driver.wake(),
    },
    onEnded: ({ endpoint }) => {
      node.removeCarrier(endpoint, clock.nowMs());
      driver.wake();
    },
  });
  const driver = new OverlayDriver({
    clock,
    node,
    onTunnel,
    onAttempt,
    ...(probes && { probes }),
    carriers: options.carriers ?? carriers,
  });
  driver.start(await openSocket(options, driver));
  timestamps?.keep(device);
  const close = async (): Promise<void> => {
    await driver.close();
    await timestamps?.close();
  };
  return { driver, device, carriers, close };
}

async function openSocket({ listen, udp, unplugged }: OverlayOptions, driver: OverlayDriver): Promise<UdpSocket> {
  const where = { ...listen, ...(udp && { kind: udp }) };
  if (!unplugged) return openUdpSocket(where, driver);
  return new UnpluggedSocket(await openUdpSocket(where, UnpluggedSocket.receiver(driver, unplugged)), unplugged);
}

/** SHA-256 in the shape that `overlayAddress` takes. */
export function sha256(bytes: Uint8Array): Uint8Array {
  return createHash('sha256').update(bytes).digest();
}
