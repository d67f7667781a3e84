/**
 * A client of HTTP/2 that says what no library would: it writes frames (RFC 9113 section 4.1) byte by byte, fields as
 * literals without an index (RFC 7541 section 6.2.2), and reads of the answers what tests ask for.
 */
import { once } from 'node:events';
import { type TLSSocket, connect as tlsConnect } from 'node:tls';
import { concat } from '../base/index.ts';
import { patiently } from './eventually.ts';
import type { PopWorld } from './pop-world.ts';

export const FRAME = {
  data: 0,
  headers: 1,
  priority: 2,
  reset: 3,
  settings: 4,
  ping: 6,
  goAway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;

export const FLAG = { ack: 0x1, endStream: 0x1, endHeaders: 0x4, padded: 0x8 } as const;

const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';

/**
 *     | length 24 | type 8 | flags 8 | reserved 1, stream 31 | payload |
 */
export function frame(type: number, flags: number, stream: number, payload: Uint8Array = new Uint8Array()): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** Fields as they are: nothing is indexed, lower-cased or checked. */
export function fieldBlock(fields: readonly (readonly [name: string, value: string])[]): Uint8Array {
  return concat(...fields.flatMap(([name, value]) => [Uint8Array.of(0), literal(name), literal(value)]));
}

/** A string literal without Huffman coding (RFC 7541 section 5.2), its length with a prefix of 7 bits. */
function literal(text: string): Uint8Array {
  const bytes = Buffer.from(text, 'latin1');
  if (bytes.length < 127) return concat(Uint8Array.of(bytes.length), bytes);
  const length = [127];
  let rest = bytes.length - 127;
  for (; rest >= 128; rest >>= 7) length.push((rest & 127) | 128);
  return concat(Uint8Array.from([...length, rest]), bytes);
}

export interface SeenFrame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
}

export type Outcome = number | `reset ${number}` | `gone away ${number}` | 'closed';

export class RawHttp2 {
  readonly socket: TLSSocket;
  readonly frames: SeenFrame[] = [];
  #buffer = Buffer.alloc(0);
  #waiting: (() => void)[] = [];

  readonly #acknowledges: boolean;

  private constructor(socket: TLSSocket, acknowledges: boolean) {
    this.socket = socket;
    this.#acknowledges = acknowledges;
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.on('close', () => this.#wake());
  }

  /** Connects and says the preface and empty SETTINGS; those of the other side are acknowledged, if it is told to. */
  static async open(world: PopWorld, host: string, acknowledges = true): Promise<RawHttp2> {
    const { port, ca } = world;
    const tls = { ca: ca.certificatePem, servername: host, ALPNProtocols: ['h2'] };
    const socket = tlsConnect({ host: '127.0.0.1', port, ...tls });
    await once(socket, 'secureConnect');
    const raw = new RawHttp2(socket, acknowledges);
    socket.write(PREFACE);
    socket.write(frame(FRAME.settings, 0, 0));
    return raw;
  }

  get isClosed(): boolean {
    return this.socket.destroyed || this.socket.closed;
  }

  /** The code of a GOAWAY that came. */
  get goneAway(): number | undefined {
    return this.frames.findLast(({ type }) => type === FRAME.goAway)?.payload.readUInt32BE(4);
  }

  /** Resolves when it was taken by the socket, or the connection is over. */
  async send(...frames: readonly Uint8Array[]): Promise<void> {
    if (this.isClosed || !this.socket.writable) return;
    if (this.socket.write(concat(...frames))) return;
    await new Promise<void>((resolve) => {
      const moved = (): void => {
        this.socket.off('drain', moved).off('close', moved);
        resolve();
      };
      this.socket.on('drain', moved).on('close', moved);
    });
  }

  /** What a request with these fields comes to; `more` is sent right after its head. */
  async ask(
    stream: number,
    fields: readonly (readonly [string, string])[],
    { endStream = true, more = [] }: { endStream?: boolean; more?: readonly Uint8Array[] } = {},
  ): Promise<Outcome> {
    const flags = FLAG.endHeaders | (endStream ? FLAG.endStream : 0);
    await this.send(frame(FRAME.headers, flags, stream, fieldBlock(fields)), ...more);
    return this.outcome(stream);
  }

  /** The status of a stream, its reset, or the end of the connection: whichever comes first. */
  async outcome(stream: number): Promise<Outcome> {
    for (;;) {
      for (const seen of this.frames) {
        if (seen.stream === stream && seen.type === FRAME.headers) return statusIn(seen.payload);
        if (seen.stream === stream && seen.type === FRAME.reset) return `reset ${seen.payload.readUInt32BE(0)}`;
        if (seen.type === FRAME.goAway && seen.payload.readUInt32BE(4) !== 0)
          return `gone away ${seen.payload.readUInt32BE(4)}`;
      }
      if (this.isClosed) return 'closed';
      await this.#more(`the outcome of stream ${stream}`);
    }
  }

  /** The first frame of a type, now or when it comes. */
  async came(type: number): Promise<SeenFrame> {
    for (;;) {
      const seen = this.frames.find((one) => one.type === type);
      if (seen) return seen;
      if (this.isClosed) throw new Error('the connection ended where a frame was to come');
      await this.#more(`a frame of type ${type}`);
    }
  }

  async closed(): Promise<void> {
    while (!this.isClosed) await this.#more('the end of the connection');
  }

  #more(what: string): Promise<void> {
    return patiently(new Promise<void>((resolve) => void this.#waiting.push(resolve)), what);
  }

  close(): void {
    this.socket.destroy();
  }

  #take(chunk: Buffer): void {
    this.#buffer = Buffer.concat([this.#buffer, chunk]);
    while (this.#buffer.length >= 9) {
      const length = this.#buffer.readUIntBE(0, 3);
      if (this.#buffer.length < 9 + length) break;
      const [type, flags] = [this.#buffer.readUInt8(3), this.#buffer.readUInt8(4)];
      const stream = this.#buffer.readUInt32BE(5) & 0x7fff_ffff;
      const payload = this.#buffer.subarray(9, 9 + length);
      this.#buffer = this.#buffer.subarray(9 + length);
      if (type === FRAME.settings && (flags & FLAG.ack) === 0 && this.#acknowledges)
        this.socket.write(frame(FRAME.settings, FLAG.ack, 0));
      // Acks of what floods would fill the memory of the test.
      if ((flags & FLAG.ack) === 0 || (type !== FRAME.ping && type !== FRAME.settings))
        this.frames.push({ type, flags, stream, payload: Buffer.from(payload) });
    }
    this.#wake();
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

/** Statuses that the static table has (RFC 7541 appendix A), from index 8. */
const INDEXED = [200, 204, 206, 304, 400, 404, 500];

/** `:status` comes first: from the table, or a literal of that name whose digits are Huffman-coded. */
function statusIn(block: Buffer): number {
  let at = 0;
  // Changes of the table's size go before (RFC 7541 section 6.3).
  while (((block[at] as number) & 0xe0) === 0x20) at++;
  const first = block[at] as number;
  if ((first & 0x80) !== 0) return INDEXED[(first & 0x7f) - 8] ?? 0;
  const length = block[at + 1] as number;
  const text = block.subarray(at + 2, at + 2 + (length & 0x7f));
  return Number((length & 0x80) === 0 ? text.toString('latin1') : digits(text));
}

/** Huffman codes of digits (RFC 7541 appendix B): 0 to 2 have five bits, the others six. */
function digits(bytes: Buffer): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  let text = '';
  for (let at = 0; text.length < 3; ) {
    const short = Number.parseInt(bits.slice(at, at + 5), 2);
    if (short <= 2) {
      text += short;
      at += 5;
    } else {
      text += Number.parseInt(bits.slice(at, at + 6), 2) - 0x19 + 3;
      at += 6;
    }
  }
  return text;
}
