/** Both ends of datagrams: one that says back what it hears, and one that asks again as soon as it was answered. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { answerCalls } from '../../test/lab/calls.ts';

export interface AskOptions {
  readonly address: string;
  readonly port: number;
  /** Sockets, each of which is a session, and datagrams of each that are under way at once. */
  readonly sockets: number;
  readonly window: number;
  readonly bytes: number;
  readonly seconds: number;
}

export interface AskResult {
  readonly answersPerSecond: number;
  readonly p99Ms: number;
  /** Datagrams that no answer came to in time, of all. */
  readonly lostShare: number;
}

const BUFFER_BYTES = 4 * 1024 * 1024;
/** A datagram that was not answered by now is lost. */
const LOST_MS = 250;
const LOOK_MS = 50;
/** What a datagram says of itself: which of the window it is, and how often that was used. */
const HEAD_BYTES = 8;

answerCalls({
  /** Answers on a port. */
  async echo(address: string): Promise<number> {
    const socket = await opened(address);
    socket.on('message', (bytes, from) => socket.send(bytes, from.port, from.address));
    return socket.address().port;
  },
  async ask(options: AskOptions): Promise<AskResult> {
    const askers: Asker[] = [];
    for (let i = 0; i < options.sockets; i++) askers.push(new Asker(await opened('0.0.0.0'), options));
    await Promise.all(askers.map((asker) => asker.connect()));
    const startedMs = performance.now();
    for (const asker of askers) asker.start();
    const looking = setInterval(() => {
      for (const asker of askers) asker.look();
    }, LOOK_MS);
    await new Promise((resolve) => setTimeout(resolve, options.seconds * 1_000));
    clearInterval(looking);
    for (const asker of askers) asker.stop();
    const took = (performance.now() - startedMs) / 1_000;
    const times = askers.flatMap((asker) => asker.timesMs).sort((one, other) => one - other);
    const lost = askers.reduce((sum, asker) => sum + asker.lost, 0);
    return {
      answersPerSecond: times.length / took,
      p99Ms: times[Math.floor(times.length * 0.99)] ?? Number.NaN,
      lostShare: lost / Math.max(1, lost + times.length),
    };
  },
});

class Asker {
  readonly timesMs: number[] = [];
  lost = 0;
  readonly #socket: Socket;
  readonly #options: AskOptions;
  readonly #turns: Uint32Array;
  readonly #sentMs: Float64Array;
  #isOver = false;

  constructor(socket: Socket, options: AskOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#turns = new Uint32Array(options.window);
    this.#sentMs = new Float64Array(options.window);
  }

  async connect(): Promise<void> {
    const { address, port } = this.#options;
    this.#socket.connect(port, address);
    await once(this.#socket, 'connect');
    this.#socket.on('message', (bytes) => this.#answered(bytes));
    this.#socket.on('error', () => undefined);
  }

  start(): void {
    for (let at = 0; at < this.#options.window; at++) this.#send(at);
  }

  look(): void {
    const nowMs = performance.now();
    for (let at = 0; at < this.#options.window; at++) {
      if (nowMs - (this.#sentMs[at] as number) < LOST_MS) continue;
      this.lost++;
      this.#send(at);
    }
  }

  stop(): void {
    this.#isOver = true;
    this.#socket.close();
  }

  #send(at: number): void {
    const bytes = Buffer.alloc(this.#options.bytes);
    bytes.writeUInt32BE(at, 0);
    const turn = (this.#turns[at] as number) + 1;
    this.#turns[at] = turn;
    bytes.writeUInt32BE(turn, 4);
    this.#sentMs[at] = performance.now();
    this.#socket.send(bytes);
  }

  #answered(bytes: Buffer): void {
    if (this.#isOver || bytes.length < HEAD_BYTES) return;
    const at = bytes.readUInt32BE(0);
    if (bytes.readUInt32BE(4) !== this.#turns[at]) return;
    this.timesMs.push(performance.now() - (this.#sentMs[at] as number));
    this.#send(at);
  }
}

async function opened(address: string): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.bind(0, address);
  await once(socket, 'listening');
  socket.setRecvBufferSize(BUFFER_BYTES);
  socket.setSendBufferSize(BUFFER_BYTES);
  return socket;
}
