import type { DeadlineHeap, Filed } from '../../base/index.ts';
import type { NetstackLimits } from './api.ts';
import type { Counters } from './counters.ts';

import type { ReadyEntry, ReadyRing } from './ready-ring.ts';
import type { SegmentPool } from './tcp/sent-segment.ts';

/** Bytes that are queued over all connections. */
export class MemoryBudget {
  readonly limitBytes: number;
  usedBytes = 0;

  constructor(limitBytes: number) {
    this.limitBytes = limitBytes;
  }

  get isExhausted(): boolean {
    return this.usedBytes >= this.limitBytes;
  }

  /** Above half, buffers stop growing. */
  get isTight(): boolean {
    return this.usedBytes * 2 >= this.limitBytes;
  }
}

export interface EventEntry {
  pendingEvents: number;
  isEventQueued: boolean;
}

/** Those with events to pull, first come first served. */
export class EventQueue<T extends EventEntry> {
  #entries: T[] = [];
  #first = 0;

  /** Adds event bits; an entry waits once however many it has. */
  raise(entry: T, bits: number): void {
    entry.pendingEvents |= bits;
    if (entry.isEventQueued) return;
    entry.isEventQueued = true;
    this.#entries.push(entry);
  }

  /** The first entry with an event, which stays until its bits are zero. */
  peek(): T | undefined {
    for (;;) {
      const entry = this.#entries[this.#first];
      if (!entry) break;
      if (entry.pendingEvents !== 0) return entry;
      entry.isEventQueued = false;
      this.#first++;
    }
    if (this.#first > 0) {
      this.#entries = [];
      this.#first = 0;
    }
    return undefined;
  }
}

/** What the connections of one stack share. */
export interface StackResources<T extends ReadyEntry<T> & Filed> {
  readonly limits: NetstackLimits;
  readonly mtu: number;
  readonly counters: Counters;
  readonly memory: MemoryBudget;
  readonly pool: SegmentPool;
  readonly ready: ReadyRing<T>;
  readonly deadlines: DeadlineHeap<T>;
  readonly events: EventQueue<EventEntry>;
  /** Takes a connection out of the table. */
  forget(block: T): void;
  /** A connection entered TIME-WAIT. */
  enteredTimeWait(block: T): void;
  /** Sends RST for a connection that is about to be forgotten. */
  sendReset(block: T): void;
}
