/** Asks PoPs, by probes over UDP, what the network between lets through. */
import { setTimeout as sleep } from 'node:timers/promises';
import { DatagramBatch, type Endpoint, type Random, toHex } from '../base/index.ts';
import { emitProbeRequest, PROBE_NONCE_BYTES, parseProbeAnswer } from '../core/probe/index.ts';
import { openUdpSocket } from './udp/open-udp-socket.ts';
import type { UdpSocket } from './udp/udp-socket.ts';

export interface ProbeRound {
  readonly sent: number;
  readonly answered: number;
  /** Round trips in milliseconds, in the order of the answers. */
  readonly rttsMs: readonly number[];
  /** Where the PoP saw the last one come from. */
  readonly seenAs: Endpoint | undefined;
  /** The PoP's clock minus ours, in milliseconds, half a round trip taken off; of the quickest answer. */
  readonly clockAheadMs: number | undefined;
}

export interface ProbeRoundOptions {
  readonly count: number;
  readonly intervalMs: number;
  /** UDP payload of each probe. */
  readonly sizeBytes: number;
  /** Wait for answers after the last was sent. */
  readonly waitMs: number;
}

interface Answered {
  readonly rttMs: number;
  readonly seenAs: Endpoint;
  readonly clockAheadMs: number;
}

interface ProbeClock {
  nowMs(): number;
  unixMs(): number;
}

/** One UDP socket that asks; the port stays the same, so that two PoPs tell whether a NAT gives each another. */
export class ProbeClient {
  readonly #random: Random;
  readonly #clock: ProbeClock;
  readonly #waiting = new Map<string, { readonly sentMs: number; readonly answered: (answer: Answered) => void }>();
  #socket: UdpSocket | undefined;

  private constructor(clock: ProbeClock, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  /** `address`: `0.0.0.0`, or `::` for both families. Failure `listen-failed`. */
  static async open(address: string, clock: ProbeClock, random: Random): Promise<ProbeClient> {
    const client = new ProbeClient(clock, random);
    client.#socket = await openUdpSocket(
      { address, port: 0 },
      {
        receive: (bytes, offset, length, segmentBytes) =>
          client.#received(bytes.subarray(offset, offset + (segmentBytes || length))),
        burstEnded: () => undefined,
      },
    );
    return client;
  }

  /** Whether sizes mean anything: without it the machine cuts large datagrams to pieces that get through. */
  get dontFragment(): boolean {
    return this.#socket?.dontFragment ?? false;
  }

  async round(to: Endpoint, options: ProbeRoundOptions): Promise<ProbeRound> {
    const answers: Answered[] = [];
    const nonces: string[] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    for (let i = 0; i < options.count; i++) {
      if (i > 0) await sleep(options.intervalMs);
      nonces.push(
        this.#send(to, options.sizeBytes, (answer) => {
          answers.push(answer);
          if (answers.length === options.count) resolve();
        }),
      );
    }
    const late = setTimeout(resolve, options.waitMs);
    await promise;
    clearTimeout(late);
    for (const nonce of nonces) this.#waiting.delete(nonce);
    const quickest = answers.toSorted((a, b) => a.rttMs - b.rttMs)[0];
    return {
      sent: options.count,
      answered: answers.length,
      rttsMs: answers.map(({ rttMs }) => rttMs),
      seenAs: answers.at(-1)?.seenAs,
      clockAheadMs: quickest?.clockAheadMs,
    };
  }

  async close(): Promise<void> {
    await this.#socket?.close();
  }

  #send(to: Endpoint, sizeBytes: number, answered: (answer: Answered) => void): string {
    const nonce = this.#random.bytes(PROBE_NONCE_BYTES);
    const request = emitProbeRequest(nonce, sizeBytes);
    const batch = new DatagramBatch(request.length, 1);
    batch.appendCopy(request, to);
    this.#waiting.set(toHex(nonce), { sentMs: this.#clock.nowMs(), answered });
    this.#socket?.send(batch);
    return toHex(nonce);
  }

  #received(bytes: Uint8Array): void {
    const answer = parseProbeAnswer(bytes);
    const name = answer && toHex(answer.nonce);
    const waiting = name === undefined ? undefined : this.#waiting.get(name);
    if (!answer || name === undefined || !waiting) return;
    this.#waiting.delete(name);
    const rttMs = this.#clock.nowMs() - waiting.sentMs;
    const clockAheadMs = answer.unixMs + rttMs / 2 - this.#clock.unixMs();
    waiting.answered({ rttMs, seenAs: answer.seenAs, clockAheadMs });
  }
}
