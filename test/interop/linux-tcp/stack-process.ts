/** Our end: streams, datagrams and echoes over our own TCP/IP and WireGuard. Answers calls of the test. */
import { ipAddress, parseEndpoint, parseIpAddress } from '../../../src/base/index.ts';
import type { UdpSocket } from '../../../src/core/netstack/index.ts';
import type { TunnelSocket } from '../../../src/io/overlay/tunnel-socket.ts';
import { answerCalls } from '../../lab/calls.ts';
import { PlainPeer } from './plain-peer.ts';
import { StreamCalls, type StreamSide } from './stream-calls.ts';

export interface StackSettings {
  /** Base64. */
  readonly privateKey: string;
  readonly peerKey: string;
  readonly peerEndpoint: string;
  readonly addresses: readonly string[];
  readonly mtu: number;
  readonly port: number;
}

let peer: PlainPeer;
let lastUdpPort = 40_000;
const takers = new Map<number, (stream: TunnelSocket) => void>();
const echoes = new Map<number, () => void>();
const datagrams = new Map<UdpSocket, (text: string) => void>();

const side: StreamSide = {
  connect: (to, port) => {
    const stream = peer.connect(to, port);
    return new Promise((resolve, reject) => {
      stream.once('error', reject);
      stream.once('connect', () => {
        stream.off('error', reject);
        resolve(stream);
      });
    });
  },
  listen: async (port, take) => {
    takers.set(port, take);
    peer.netstack.listenTcp(port, { backlog: 64 });
  },
};

const calls = new StreamCalls(side);

answerCalls({
  ...calls.table(),
  async open(settings: StackSettings): Promise<void> {
    const { privateKey, peerKey, peerEndpoint, ...rest } = settings;
    const fallback = { address: ipAddress(new Uint8Array(4)), port: 0 };
    peer = await PlainPeer.open({
      ...rest,
      privateKey: Buffer.from(privateKey, 'base64'),
      peerKey: Buffer.from(peerKey, 'base64'),
      peerEndpoint: parseEndpoint(peerEndpoint) ?? fallback,
    });
    peer.onAttempt = (attempt) => {
      const stream = peer.accept(attempt);
      if (stream) takers.get(attempt.local.port)?.(stream);
    };
    peer.onEchoReply = ({ sequence }) => echoes.get(sequence)?.();
    peer.onDatagram = ({ socket }) => {
      for (let got = socket.receive(); got; got = socket.receive()) {
        datagrams.get(socket)?.(Buffer.from(got.payload).toString('latin1'));
        if (!datagrams.has(socket)) socket.send(got.payload, got.from, got.to.address);
      }
      peer.wake();
    };
  },
  /** Resolves with the echo reply. */
  ping(to: string, sequence: number, payloadBytes: number): Promise<void> {
    const answered = new Promise<void>((resolve) => echoes.set(sequence, resolve));
    const target = parseIpAddress(to);
    if (!target || !peer.netstack.sendEcho(target, 7, sequence, new Uint8Array(payloadBytes).fill(0x2a)))
      throw new Error('the echo request was not taken');
    peer.wake();
    return answered;
  },
  /** Sends back every datagram that comes to the port. */
  echoUdp(port: number): void {
    peer.netstack.bindUdp(port);
  },
  /** Sends a datagram and resolves with the answer. */
  askUdp(to: string, port: number, text: string): Promise<string> {
    const socket = peer.netstack.bindUdp(++lastUdpPort);
    const answered = new Promise<string>((resolve) => datagrams.set(socket, resolve));
    const address = parseIpAddress(to);
    if (!address || !socket.send(Buffer.from(text, 'latin1'), { address, port }))
      throw new Error('the datagram was not taken');
    peer.wake();
    return answered;
  },
  keepAlive(id: number, idleMs: number, intervalMs: number, probes: number): void {
    (calls.held.get(id) as TunnelSocket).connection.setKeepAlive({ idleMs, intervalMs, probes });
    peer.wake();
  },
  /** Resolves with the reason when a held stream fails. */
  failure(id: number): Promise<string> {
    return new Promise((resolve) =>
      calls.held.get(id)?.once('error', (error: Error & { code?: string }) => resolve(error.code ?? error.message)),
    );
  },
  statistics: (id: number) => (calls.held.get(id) as TunnelSocket).connection.statistics(),
  counters: () => peer.netstack.counters(),
});
