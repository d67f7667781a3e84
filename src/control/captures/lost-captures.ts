/** Captured requests that found no room at this control node: counted by why, told of each resource, and logged now and then. */
import type { Clock } from '../../base/index.ts';
import type { CapturedRequest } from '../../core/capture/index.ts';
import type { Log } from '../../io/log.ts';
import { CAPTURES_LOST_LOG_MS, CAPTURES_LOST_RESOURCES_MAX } from './constants.ts';

/** `rate`: its PoP sent more than it may; `waiting`: too many waited for the store; `store`: it did not take them. */
export const CAPTURES_LOST_REASONS = ['rate', 'waiting', 'store'] as const;
export type CapturesLostReason = (typeof CAPTURES_LOST_REASONS)[number];

export interface LostOfResource {
  readonly captures: number;
  /** When the last one was lost. */
  readonly unixMs: number;
}

export class LostCaptures {
  readonly #options: { readonly clock: Clock; readonly log: Log };
  readonly #byReason = new Map<CapturesLostReason, number>();
  readonly #byResource = new Map<string, LostOfResource>();
  #unsaid = 0;
  #saidMs = Number.NEGATIVE_INFINITY;

  constructor(options: { readonly clock: Clock; readonly log: Log }) {
    this.#options = options;
  }

  count(reason: CapturesLostReason): number {
    return this.#byReason.get(reason) ?? 0;
  }

  /** Undefined: none since this node started. */
  of(resourceId: string): LostOfResource | undefined {
    return this.#byResource.get(resourceId);
  }

  add(reason: CapturesLostReason, popId: string, records: readonly Pick<CapturedRequest, 'resourceId'>[]): void {
    if (records.length === 0) return;
    const { clock, log } = this.#options;
    this.#byReason.set(reason, this.count(reason) + records.length);
    const unixMs = Math.round(clock.unixMs());
    for (const { resourceId } of records) this.#note(resourceId, unixMs);
    this.#unsaid += records.length;
    if (clock.nowMs() - this.#saidMs < CAPTURES_LOST_LOG_MS) return;
    log.warn('captured requests were lost', { popId, reason, captures: this.#unsaid });
    this.#unsaid = 0;
    this.#saidMs = clock.nowMs();
  }

  #note(resourceId: string, unixMs: number): void {
    const captures = (this.of(resourceId)?.captures ?? 0) + 1;
    if (this.#byResource.size >= CAPTURES_LOST_RESOURCES_MAX && captures === 1) this.#byResource.clear();
    this.#byResource.set(resourceId, { captures, unixMs });
  }
}
