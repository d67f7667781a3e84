/** Overlay nodes of one process that meet over UDP on the loopback address: real WireGuard, TCP/IP and sockets. */
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { type Endpoint, type IpAddress, toBase64 } from '../base/index.ts';
import type { ConnectionAttempt, NetstackLimits } from '../core/netstack/index.ts';
import { overlayAddress, type TunnelEvent } from '../core/overlay/index.ts';
import { ProbeResponder } from '../core/probe/index.ts';
import type { WireguardDevice } from '../core/wireguard/index.ts';
import { createClock } from '../io/clock.ts';
import { openOverlay, sha256 } from '../io/overlay/open-overlay.ts';
import type { OverlayDriver } from '../io/overlay/overlay-driver.ts';
import type { TunnelSocket } from '../io/overlay/tunnel-socket.ts';
import { createRandom } from '../io/random.ts';
import { patiently } from './eventually.ts';

const clock = createClock();
const random = createRandom();

export class LoopbackNode {
  readonly driver: OverlayDriver;
  readonly device: WireguardDevice;
  readonly tunnelEvents: TunnelEvent[] = [];
  /** What happens to streams that others open; they are refused until a test says otherwise. */
  onAttempt: (attempt: ConnectionAttempt) => void = (attempt) => attempt.refuse();
  /** What happens to datagrams for carriers. */
  onCarried: (endpoint: Endpoint, bytes: Uint8Array) => void = () => undefined;
  #onTunnel: (() => void)[] = [];

  static async open(privateKey = random.bytes(32), limits: Partial<NetstackLimits> = {}): Promise<LoopbackNode> {
    let node: LoopbackNode | undefined;
    const opened = await openOverlay({
      clock,
      random,
      privateKey,
      role: 'connector',
      listen: { address: '127.0.0.1', port: 0 },
      mtu: 1420,
      limits,
      probes: new ProbeResponder(),
      carriers: { send: (endpoint, bytes) => node?.onCarried(endpoint, bytes) },
      onTunnel: (event) => node?.noteTunnel(event),
      onAttempt: (attempt) => {
        node?.onAttempt(attempt);
        node?.driver.wake();
      },
    });
    node = new LoopbackNode(opened);
    return node;
  }

  private constructor({ driver, device }: { driver: OverlayDriver; device: WireguardDevice }) {
    this.driver = driver;
    this.device = device;
    driver.listenAll(64);
  }

  get address(): IpAddress {
    return overlayAddress(this.device.publicKey, sha256);
  }

  /** Base64, as records carry it. */
  get wireguardKey(): string {
    return toBase64(this.device.publicKey);
  }

  get endpoint(): Endpoint {
    const local = this.driver.socket?.local;
    if (!local) throw new Error('the node has no socket');
    return local;
  }

  /** Lets another node in, or dials it. */
  knows(id: string, publicKey: Uint8Array, endpoint?: Endpoint): void {
    const dials = endpoint !== undefined;
    const peer = {
      id,
      role: 'pop',
      publicKey,
      overlayAddress: overlayAddress(publicKey, sha256),
      dials,
    } as const;
    this.driver.node.addPeer({ ...peer, ...(endpoint && { endpoint }) }, this.driver.nowMs());
    this.driver.wake();
  }

  noteTunnel(event: TunnelEvent): void {
    this.tunnelEvents.push(event);
    for (const tell of this.#onTunnel.splice(0)) tell();
  }

  /** Resolves when the tunnel is in that state. */
  async tunnel(id: string, state: TunnelEvent['state']): Promise<void> {
    const stateNow = () => this.driver.node.status(this.driver.nowMs()).find((tunnel) => tunnel.id === id)?.state;
    while (stateNow() !== state)
      await patiently(
        new Promise<void>((resolve) => this.#onTunnel.push(resolve)),
        `the tunnel to ${id} to be ${state}`,
      );
  }

  /** The next stream that another node opens. */
  nextStream(): Promise<TunnelSocket> {
    return new Promise((resolve) => {
      this.onAttempt = (attempt) => {
        const stream = this.driver.accept(attempt);
        if (stream) resolve(stream);
      };
    });
  }
}

/** Two nodes whose tunnel is up; both are closed after the test. */
export async function openPair(
  test: { after(fn: () => Promise<void>): void },
  limits: Partial<NetstackLimits> = {},
): Promise<{ near: LoopbackNode; far: LoopbackNode }> {
  const near = await LoopbackNode.open(undefined, limits);
  const far = await LoopbackNode.open(undefined, limits);
  test.after(async () => {
    await near.driver.close();
    await far.driver.close();
  });
  far.knows('near', near.device.publicKey);
  near.knows('far', far.device.publicKey, far.endpoint);
  await Promise.all([near.tunnel('far', 'up'), far.tunnel('near', 'up')]);
  return { near, far };
}

/** A stream from `near` to `far`, from both its ends. */
export async function openStream(
  near: LoopbackNode,
  far: LoopbackNode,
  port = 80,
): Promise<[TunnelSocket, TunnelSocket]> {
  const accepted = far.nextStream();
  const stream = near.driver.connect(far.address, port);
  await once(stream, 'connect');
  return [stream, await accepted];
}

/** Everything that a stream has to read. */
export function readAll(stream: TunnelSocket | Socket): Promise<string> {
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  return new Promise((resolve, reject) => {
    stream.once('end', () => resolve(Buffer.concat(chunks).toString('latin1')));
    stream.once('error', reject);
  });
}
