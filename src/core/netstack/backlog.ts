import type { IpAddress } from '../../base/index.ts';
import { BACKLOG_SHARE_LEAST } from './constants.ts';
import type { DropReason } from './counters.ts';

/**
 * What one listener has waiting: attempts, and connections in SYN-RECEIVED. A source may hold no more than it leaves free,
 * so that one that floods takes half at most, and several still leave room for who comes next.
 */
export class Backlog {
  readonly #size: number;
  #taken = 0;
  /** Places by source; as many entries as places are taken, at most. */
  readonly #bySource = new Map<string, number>();

  constructor(size: number) {
    this.#size = size;
  }

  /** Why another attempt of a source has no place; undefined where it has. */
  refusal(source: IpAddress): DropReason | undefined {
    const free = this.#size - this.#taken;
    if (free <= 0) return 'tcp-backlog-full';
    const held = this.#bySource.get(source.text) ?? 0;
    return held >= Math.max(free, BACKLOG_SHARE_LEAST) ? 'tcp-backlog-share' : undefined;
  }

  take(source: IpAddress): void {
    this.#taken++;
    this.#bySource.set(source.text, (this.#bySource.get(source.text) ?? 0) + 1);
  }

  release(source: IpAddress): void {
    this.#taken--;
    const left = (this.#bySource.get(source.text) ?? 1) - 1;
    if (left > 0) this.#bySource.set(source.text, left);
    else this.#bySource.delete(source.text);
  }
}
