/** Many small connectors in one process: each a WireGuard device with a UDP socket, a handshake and heartbeats of its own. */
import { DatagramBatch, type Endpoint, fromBase64, parseEndpoint } from '../../src/base/index.ts';
import type { NetstackPort } from '../../src/core/netstack/index.ts';
import { Netstack } from '../../src/core/netstack/index.ts';
import { OverlayNode, overlayAddress } from '../../src/core/overlay/index.ts';
import { WireguardDevice } from '../../src/core/wireguard/index.ts';
import { createClock } from '../../src/io/clock.ts';
import { createWireguardCrypto } from '../../src/io/crypto/create-wireguard-crypto.ts';
import { sha256 } from '../../src/io/overlay/open-overlay.ts';
import { createRandom } from '../../src/io/random.ts';
import { openUdpSocket } from '../../src/io/udp/open-udp-socket.ts';
import type { UdpReceiver, UdpSocket } from '../../src/io/udp/udp-socket.ts';
import { answerCalls } from '../../test/lab/calls.ts';
import { type PublicNode, publicNode } from '../tunnel/grant.ts';

const MTU = 1280;
const clock = createClock();
const random = createRandom();
const crypto = await createWireguardCrypto();
const batch = new DatagramBatch(65_536, 128);

/** A connector as far as its tunnel goes. */
class SmallConnector implements UdpReceiver {
  readonly privateKey = random.bytes(32);
  readonly #node: OverlayNode;
  #socket: UdpSocket | undefined;

  constructor() {
    const unixOffsetMs = clock.unixMs() - clock.nowMs();
    const device = new WireguardDevice({ privateKey: this.privateKey, crypto, random, unixOffsetMs });
    const address = overlayAddress(device.publicKey, sha256);
    const netstack: NetstackPort = new Netstack({ addresses: [address], mtu: MTU, random, nowMs: clock.nowMs() });
    this.#node = new OverlayNode({ device, netstack, address, role: 'connector', mtu: MTU });
  }

  get isUp(): boolean {
    return this.#node.status(clock.nowMs()).every((tunnel) => tunnel.state === 'up');
  }

  async dial(publicKey: Uint8Array, endpoint: Endpoint): Promise<void> {
    this.#socket = await openUdpSocket({ address: '127.0.0.1', port: 0, kind: 'plain' }, this);
    const to = overlayAddress(publicKey, sha256);
    this.#node.addPeer({ id: 'pop', role: 'pop', publicKey, overlayAddress: to, endpoint, dials: true }, clock.nowMs());
    this.turn();
  }

  receive(bytes: Uint8Array, offset: number, length: number, segmentBytes: number, from: Endpoint): void {
    this.#node.receive(bytes, offset, length, segmentBytes, from, clock.nowMs());
  }

  burstEnded(): void {
    this.turn();
  }

  /** Sends what is due. */
  turn(): void {
    for (;;) {
      this.#node.poll(batch, clock.nowMs());
      if (batch.count === 0) return;
      this.#socket?.send(batch);
      batch.clear();
    }
  }

  turnIfDue(nowMs: number): void {
    if (this.#node.nextDeadlineMs() <= nowMs) this.turn();
  }
}

const connectors: SmallConnector[] = [];
/** Looked at together: a thousand timers would be more than a thousand connectors need. */
const TICK_MS = 20;

answerCalls({
  /** Makes the connectors; gives what the PoP must know of them. */
  async make(count: number): Promise<PublicNode[]> {
    while (connectors.length < count) connectors.push(new SmallConnector());
    return await Promise.all(connectors.map((connector) => publicNode(connector.privateKey)));
  },
  async dial(popKey: string, popEndpoint: string): Promise<void> {
    const [publicKey, endpoint] = [fromBase64(popKey), parseEndpoint(popEndpoint)];
    if (!publicKey || !endpoint) throw new Error('no such PoP');
    for (const connector of connectors) await connector.dial(publicKey, endpoint);
    setInterval(() => {
      const nowMs = clock.nowMs();
      for (const connector of connectors) connector.turnIfDue(nowMs);
    }, TICK_MS);
  },
  up: () => connectors.filter((connector) => connector.isUp).length,
});
