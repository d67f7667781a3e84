/**
 * Bad weather between two WireGuard peers: a UDP relay that drops, delays, doubles and so reorders datagrams, by chance
 * from a seed. (The kernels of CI have no sch_netem.)
 *
 *     wireguard-go <-> outer socket | relay | inner socket <-> our peer
 */
import { createSocket, type Socket } from 'node:dgram';
import { answerCalls } from '../../lab/calls.ts';
import { Xorshift } from './streams.ts';

/** Chances in [0, 1]; times in ms. */
export interface Weather {
  readonly seed: number;
  readonly loss: number;
  /** Share of datagrams that are held back by up to `heldMs`, so that later ones overtake them. */
  readonly held: number;
  readonly heldMs: number;
  readonly doubled: number;
  /** Every datagram is late by this. */
  readonly delayMs: number;
}

export interface RelaySettings {
  readonly outerAddress: string;
  readonly outerPort: number;
  readonly innerPort: number;
  /** Where our peer listens, on 127.0.0.1. */
  readonly stackPort: number;
  /** Where wireguard-go listens. */
  readonly kernelAddress: string;
  readonly kernelPort: number;
}

export interface RelayCounters {
  passed: number;
  lost: number;
  heldBack: number;
  doubled: number;
}

const BUFFER_BYTES = 4 * 1024 * 1024;

let weather: Weather = { seed: 1, loss: 0, held: 0, heldMs: 0, doubled: 0, delayMs: 0 };
let random = new Xorshift(1);
const counters: RelayCounters = { passed: 0, lost: 0, heldBack: 0, doubled: 0 };

function pass(bytes: Buffer, from: Socket, port: number, address: string): void {
  if (random.fraction() < weather.loss) {
    counters.lost++;
    return;
  }
  counters.passed++;
  const isHeld = random.fraction() < weather.held;
  if (isHeld) counters.heldBack++;
  const lateMs = weather.delayMs + (isHeld ? 1 + random.fraction() * weather.heldMs : 0);
  const send = (): void => from.send(bytes, port, address);
  if (lateMs > 0) setTimeout(send, lateMs);
  else send();
  if (random.fraction() < weather.doubled) {
    counters.doubled++;
    send();
  }
}

answerCalls({
  async open(settings: RelaySettings): Promise<void> {
    const { outerAddress, outerPort, innerPort, stackPort, kernelAddress, kernelPort } = settings;
    const outer = await bound(outerAddress, outerPort);
    const inner = await bound('127.0.0.1', innerPort);
    outer.on('message', (bytes) => pass(bytes, inner, stackPort, '127.0.0.1'));
    inner.on('message', (bytes) => pass(bytes, outer, kernelPort, kernelAddress));
  },
  setWeather(wanted: Weather): void {
    weather = wanted;
    random = new Xorshift(wanted.seed);
  },
  counters: () => counters,
});

function bound(address: string, port: number): Promise<Socket> {
  const socket = createSocket('udp4');
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(port, address, () => {
      socket.setRecvBufferSize(BUFFER_BYTES);
      socket.setSendBufferSize(BUFFER_BYTES);
      resolve(socket);
    });
  });
}
