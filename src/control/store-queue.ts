import type { Clock } from '../base/index.ts';

/** What one queue of the store is, beside all others. */
export interface StoreQueueOptions<Row> {
  readonly clock: Clock;
  /** Rows that are worked on at a time. */
  readonly atOnce: number;
  /** Between two looks at the store: at least, and at most, for what another node left behind. */
  readonly lookMinMs: number;
  readonly pollMs: number;
  /** Claims what is due, `atOnce` rows at most, so that no other control node has them meanwhile. */
  readonly takeDue: (nowUnixMs: number) => Promise<readonly Row[]>;
  /** Works one off, or puts it off. */
  readonly tryRow: (row: Row) => Promise<void>;
  /** When the next is due; undefined where none waits. */
  readonly nextUnixMs: () => Promise<number | undefined>;
  readonly failed: (error: unknown) => void;
}

/** Looks after rows that wait in the store until they are due: whichever control node gets to one first works it off. */
export class StoreQueue<Row> {
  readonly #options: StoreQueueOptions<Row>;
  #timer: NodeJS.Timeout | undefined;
  #working: Promise<void> | undefined;
  #wasWoken = false;
  #isStopped = false;

  constructor(options: StoreQueueOptions<Row>) {
    this.#options = options;
  }

  /** Begins to look after the queue, and does so until `stop`. */
  wake(): void {
    if (this.#isStopped) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#wasWoken = true;
    this.#working ??= this.#workOn()
      .catch((error: unknown) => this.#options.failed(error))
      .finally(() => {
        this.#working = undefined;
        return this.#arm();
      });
  }

  /** Waits for what is being worked on. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#working;
  }

  /** Works off what is due now. */
  async work(): Promise<void> {
    const { clock, atOnce, takeDue, tryRow } = this.#options;
    while (!this.#isStopped) {
      const due = await takeDue(Math.round(clock.unixMs()));
      await Promise.all(due.map(tryRow));
      if (due.length < atOnce) return;
    }
  }

  /** What was added while others were worked on is begun at once, too. */
  async #workOn(): Promise<void> {
    while (this.#wasWoken && !this.#isStopped) {
      this.#wasWoken = false;
      await this.work();
    }
  }

  /** The next look: when a row is due, and now and then for those that another node left behind. */
  async #arm(): Promise<void> {
    if (this.#isStopped) return;
    const { clock, lookMinMs, pollMs, nextUnixMs, failed } = this.#options;
    const next = await nextUnixMs().catch((error: unknown) => void failed(error));
    if (this.#isStopped || this.#working || this.#timer) return;
    const untilMs = (next ?? Number.POSITIVE_INFINITY) - clock.unixMs();
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        this.wake();
      },
      Math.max(lookMinMs, Math.min(pollMs, untilMs)),
    );
    this.#timer.unref();
  }
}
