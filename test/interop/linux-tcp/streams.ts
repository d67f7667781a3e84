/**
 * What both ends of a test do with a stream, whoever's TCP it is: send so many bytes and finish, read to the end, and say
 * what passed by as digests. The bytes are pseudo-random, so that a lost, doubled or moved piece shows.
 */
import { createHash, type Hash } from 'node:crypto';
import type { Duplex } from 'node:stream';

export interface Plan {
  /** Bytes to send, then FIN. */
  readonly sendBytes: number;
  /** `endOfPeer`: only after the other end finished (half-close). `reset`: break the connection after sending. */
  readonly sendAfter?: 'connect' | 'endOfPeer';
  readonly thenReset?: boolean;
  readonly seed?: number;
}

export interface Passed {
  readonly bytes: number;
  readonly sha256: string;
}

export interface Outcome {
  readonly sent: Passed;
  readonly received: Passed;
  /** Code of the error that ended the stream, if one did. */
  readonly error: string | null;
}

const CHUNK_BYTES = 64 * 1024;

/** xorshift32 (Marsaglia 2003): every number is different, seeded and fast. */
export class Xorshift {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0 || 1;
  }

  /** An integer in [0, 2^32). */
  next(): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x;
    return x >>> 0;
  }

  fraction(): number {
    return this.next() / 2 ** 32;
  }
}

/** Carries a plan out and resolves when the stream is closed. */
export async function carryOut(stream: Duplex, plan: Plan): Promise<Outcome> {
  const received = new Tally();
  const sent = new Tally();
  let error: string | null = null;
  stream.on('error', (reason: Error & { code?: string }) => {
    error ??= reason.code ?? reason.message;
  });
  const closed = new Promise<void>((resolve) => stream.once('close', () => resolve()));
  const ended = new Promise<void>((resolve) => {
    stream.once('end', resolve);
    stream.once('close', () => resolve());
  });
  stream.on('data', (chunk: Uint8Array) => received.add(chunk));
  if (plan.sendAfter === 'endOfPeer') await ended;
  await send(stream, plan, sent);
  if (plan.thenReset) breakOff(stream);
  else stream.end();
  await closed;
  return { sent: sent.passed(), received: received.passed(), error };
}

async function send(stream: Duplex, plan: Plan, sent: Tally): Promise<void> {
  const random = new Xorshift(plan.seed ?? 1);
  const gone = new Promise<void>((resolve) => stream.once('close', () => resolve()));
  for (let left = plan.sendBytes; left > 0 && !stream.destroyed; ) {
    const words = new Uint32Array(CHUNK_BYTES / 4);
    for (let i = 0; i < words.length; i++) words[i] = random.next();
    const chunk = Buffer.from(words.buffer, 0, Math.min(left, CHUNK_BYTES));
    left -= chunk.length;
    sent.add(chunk);
    if (!stream.write(chunk)) await Promise.race([new Promise((resolve) => stream.once('drain', resolve)), gone]);
  }
}

/** RST, whichever kind of stream it is. */
function breakOff(stream: Duplex): void {
  if ('resetAndDestroy' in stream) (stream.resetAndDestroy as () => void)();
  else stream.destroy();
}

class Tally {
  #bytes = 0;
  readonly #hash: Hash = createHash('sha256');

  add(chunk: Uint8Array): void {
    this.#bytes += chunk.length;
    this.#hash.update(chunk);
  }

  passed(): Passed {
    return { bytes: this.#bytes, sha256: this.#hash.digest('hex') };
  }
}
