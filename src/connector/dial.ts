import type { Duplex } from 'node:stream';
import type { DialledTarget } from '../core/link/index.ts';
import type { ConnectionAttempt } from '../core/netstack/index.ts';
import { type BackendAttempt, type BackendRefusal, dialBackend } from '../io/backend-dial.ts';
import type { Log } from '../io/log.ts';
import { join } from '../io/overlay/join-streams.ts';
import type { OverlayDriver } from '../io/overlay/overlay-driver.ts';
import { BACKEND_TIMEOUT_MS } from './constants.ts';

/** What a stream for a port leads to; undefined where nothing may be dialled. */
export type TargetLookup = (overlayPort: number) => DialledTarget | undefined;

export interface DialCounters {
  dialled: number;
  refused: number;
  timedOut: number;
  notGranted: number;
}

/**
 * Answers streams from PoPs: the backend is dialled first, and the PoP hears the truth before it spends a byte of the
 * request. Refused gives RST, no answer gives ICMP unreachable, a port that is not granted gives RST.
 */
export class Dialer {
  readonly counters: DialCounters = { dialled: 0, refused: 0, timedOut: 0, notGranted: 0 };
  readonly #lookup: TargetLookup;
  readonly #log: Log;
  readonly #attempts = new Set<BackendAttempt>();
  readonly #streams = new Set<Duplex>();
  #emptied: (() => void) | undefined;
  readonly #bySource = new Map<string, number>();

  constructor(lookup: TargetLookup, log: Log) {
    this.#lookup = lookup;
    this.#log = log;
  }

  dial(driver: OverlayDriver, attempt: ConnectionAttempt): void {
    const target = this.#lookup(attempt.local.port);
    if (!target) {
      this.counters.notGranted++;
      attempt.refuse();
      driver.wake();
      return;
    }
    const backend = dialBackend(target, BACKEND_TIMEOUT_MS, {
      failed: (refusal, code) => {
        this.#attempts.delete(backend);
        this.#refuse(driver, attempt, target, refusal, code);
        this.#oneLess();
      },
      connected: (socket) => {
        this.#attempts.delete(backend);
        this.#own(socket);
        const stream = driver.accept(attempt);
        if (!stream) return void socket.destroy();
        this.counters.dialled++;
        this.#own(stream);
        // A PoP that died says nothing: what it had open must not keep connections of backends for ever.
        stream.setKeepAlive(true);
        this.#count(stream.remoteAddress, 1);
        stream.once('close', () => this.#count(stream.remoteAddress, -1));
        join(stream, socket);
      },
    });
    this.#attempts.add(backend);
  }

  /** Resolved when no stream is open, after `quietMs` at the earliest and `mostMs` at the latest. */
  async drained(quietMs: number, mostMs: number): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, Math.min(quietMs, mostMs)));
    if (this.#isIdle || mostMs <= quietMs) return;
    await new Promise<void>((resolve) => {
      const late = setTimeout(resolve, mostMs - quietMs);
      this.#emptied = () => {
        clearTimeout(late);
        resolve();
      };
    });
  }

  /** Streams that are open. */
  get openStreams(): number {
    return [...this.#bySource.values()].reduce((sum, open) => sum + open, 0);
  }

  /** Streams from a PoP's overlay address that are open. */
  streamsFrom(overlayAddress: string): number {
    return this.#bySource.get(overlayAddress) ?? 0;
  }

  /** Breaks every stream, at both its ends. */
  close(): void {
    for (const attempt of this.#attempts) attempt.destroy();
    this.#attempts.clear();
    for (const stream of this.#streams) stream.destroy();
  }

  #count(overlayAddress: string, change: 1 | -1): void {
    const open = this.streamsFrom(overlayAddress) + change;
    if (open > 0) this.#bySource.set(overlayAddress, open);
    else this.#bySource.delete(overlayAddress);
  }

  #own(stream: Duplex): void {
    this.#streams.add(stream);
    stream.once('close', () => {
      this.#streams.delete(stream);
      this.#oneLess();
    });
  }

  get #isIdle(): boolean {
    return this.#streams.size === 0 && this.#attempts.size === 0;
  }

  #oneLess(): void {
    if (this.#isIdle) this.#emptied?.();
  }

  #refuse(
    driver: OverlayDriver,
    attempt: ConnectionAttempt,
    target: DialledTarget,
    refusal: BackendRefusal,
    code: string,
  ): void {
    if (refusal === 'refused') {
      this.counters.refused++;
      attempt.refuse();
    } else {
      this.counters.timedOut++;
      attempt.unreachable();
    }
    this.#log.warn('target not reached', { targetId: target.id, host: target.host, port: target.port, code });
    driver.wake();
  }
}
