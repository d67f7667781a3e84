import { assertNever, type Clock, type Endpoint } from '../../base/index.ts';
import type { PathView } from '../../core/carrier/index.ts';
import type { Log } from '../log.ts';
import type { Carrier } from './carrier.ts';
import type { CarrierAddress, CarrierDialer } from './carrier-dialer.ts';
import type { Carriers } from './carriers.ts';
import { DEAD_MS, RETRY_FIRST_MS, RETRY_MAX_MS, STABLE_MS } from './constants.ts';

export interface CarrierAttemptOptions {
  readonly carriers: Carriers;
  readonly dialer: Pick<CarrierDialer, 'dial'>;
  readonly clock: Clock;
  readonly log: Log;
  /** A number in [0, 1), so that many connectors do not come at once. */
  readonly jitter: () => number;
  /** Where the PoP is now, tried in turn. */
  readonly addresses: () => readonly CarrierAddress[];
  /** The carrier is open, or the overlay has lost sight of it: datagrams may go to this endpoint. */
  readonly opened: (endpoint: Endpoint) => void;
}

type State =
  | { readonly kind: 'stopped' }
  | { readonly kind: 'opening'; readonly abort: AbortController }
  | { readonly kind: 'open'; readonly carrier: Carrier; deadSinceMs: number | undefined }
  | { readonly kind: 'waiting'; readonly untilMs: number };

/** Keeps a carrier to one PoP open for as long as it is asked to: `keep` now and then, `stop` at the end. */
export class CarrierAttempt {
  readonly #options: CarrierAttemptOptions;
  #state: State = { kind: 'stopped' };
  #failures = 0;
  #next = 0;

  constructor(options: CarrierAttemptOptions) {
    this.#options = options;
  }

  /** Does what is to be done by now. `path`: what the overlay knows of the path by this carrier, if it knows it. */
  keep(path: PathView['state'] | undefined, nowMs: number): void {
    const state = this.#state;
    switch (state.kind) {
      case 'opening':
        return;
      case 'waiting':
        if (nowMs < state.untilMs) return;
        return void this.#open();
      case 'stopped':
        return void this.#open();
      case 'open':
        if (!state.carrier.isOpen) return void this.#lost(state.carrier, nowMs);
        if (path === undefined) this.#options.opened(state.carrier.endpoint);
        state.deadSinceMs = path === 'down' ? (state.deadSinceMs ?? nowMs) : undefined;
        // TCP may not notice for minutes that nobody is there.
        if (nowMs - (state.deadSinceMs ?? nowMs) >= DEAD_MS) state.carrier.end('dead');
        return;
      default:
        assertNever(state);
    }
  }

  stop(): void {
    const state = this.#state;
    this.#state = { kind: 'stopped' };
    this.#failures = 0;
    if (state.kind === 'opening') state.abort.abort();
    if (state.kind === 'open') state.carrier.end('stopped');
  }

  #open(): void {
    const { dialer, log, clock, addresses, carriers, opened } = this.#options;
    const known = addresses();
    const address = known[this.#next++ % Math.max(1, known.length)];
    const abort = new AbortController();
    this.#state = { kind: 'opening', abort };
    if (!address) return void this.#retryLater(clock.nowMs());
    dialer.dial(address, abort.signal).then(
      ({ socket, distrust }) => {
        if (abort.signal.aborted) return void socket.terminate();
        const carrier = carriers.add(socket);
        this.#state = { kind: 'open', carrier, deadSinceMs: undefined };
        log.info('carrier opened', { endpoint: address.endpoint, ...(distrust && { certificate: distrust }) });
        opened(carrier.endpoint);
      },
      (error) => {
        if (abort.signal.aborted) return;
        log.warn('no carrier', { endpoint: address.endpoint, error });
        this.#retryLater(clock.nowMs());
      },
    );
  }

  #lost(carrier: Carrier, nowMs: number): void {
    if (nowMs - carrier.openedAtMs >= STABLE_MS) this.#failures = 0;
    this.#retryLater(nowMs);
  }

  #retryLater(nowMs: number): void {
    const pauseMs = Math.min(RETRY_MAX_MS, RETRY_FIRST_MS * 2 ** Math.min(this.#failures, 16));
    this.#failures++;
    this.#state = { kind: 'waiting', untilMs: nowMs + pauseMs * (0.5 + this.#options.jitter() / 2) };
  }
}
