import { HEARD_CHECK_MS, HEARD_TELL_EVERY, POP_HEARD_MS } from './constants.ts';
import type { PopStatuses } from './pop-statuses.ts';

export interface HeardPopsOptions {
  readonly links: {
    /** PoPs linked with this node whose last sign of life is no older than this. */
    heardWithin(ageMs: number): string[];
    /** Tells every PoP. */
    tell(message: { readonly type: 'pops'; readonly heard: readonly string[] }): unknown;
  };
  readonly statuses: Pick<PopStatuses, 'ofOthers'>;
}

/**
 * Control's vote on which PoPs are alive (see `core/steering/liveness.ts`): those that answer this node, and those that are
 * linked with other nodes by their word. While the store cannot be asked, what the others said last holds.
 */
export class HeardPops {
  readonly #options: HeardPopsOptions;
  readonly #timer: NodeJS.Timeout;
  #ofOthers: readonly string[] = [];
  #told = '';
  #looks = 0;

  constructor(options: HeardPopsOptions) {
    this.#options = options;
    this.#timer = setInterval(() => void this.look(), HEARD_CHECK_MS);
    this.#timer.unref();
  }

  async look(): Promise<void> {
    const { links, statuses } = this.#options;
    const isTurn = this.#looks++ % HEARD_TELL_EVERY === 0;
    if (isTurn) {
      try {
        this.#ofOthers = (await statuses.ofOthers()).map(({ popId }) => popId);
      } catch {
        // The store is away; the links of this node are known without it.
      }
    }
    const heard = [...new Set([...links.heardWithin(POP_HEARD_MS), ...this.#ofOthers])].sort();
    const told = heard.join(' ');
    if (told === this.#told && !isTurn) return;
    this.#told = told;
    links.tell({ type: 'pops', heard });
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
