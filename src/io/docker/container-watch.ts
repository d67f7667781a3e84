import type { LabelledContainer } from '../../core/blueprint/index.ts';
import type { Log } from '../log.ts';
import { ENGINE_RETRY_MS, ENGINE_SETTLE_MS } from './constants.ts';
import { followEvents, listContainers } from './engine.ts';

export interface ContainerWatchOptions {
  readonly socketPath: string;
  readonly log: Log;
  readonly changed: (containers: readonly LabelledContainer[]) => void;
}

/** Says which containers run, at the start and whenever that changes. Silent while the engine is not there: nothing is known then. */
export class ContainerWatch {
  readonly #options: ContainerWatchOptions;
  #stopEvents: (() => void) | undefined;
  #settling: NodeJS.Timeout | undefined;
  #retrying: NodeJS.Timeout | undefined;
  #isStopped = false;
  #isLost = false;

  constructor(options: ContainerWatchOptions) {
    this.#options = options;
  }

  start(): void {
    const { socketPath } = this.#options;
    this.#stopEvents = followEvents(socketPath, {
      changed: () => {
        this.#settling ??= setTimeout(() => void this.#look(), ENGINE_SETTLE_MS);
      },
      ended: (error) => this.#lost(error),
    });
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#settling);
    clearTimeout(this.#retrying);
    this.#stopEvents?.();
  }

  async #look(): Promise<void> {
    this.#settling = undefined;
    try {
      const containers = await listContainers(this.#options.socketPath);
      if (this.#isStopped) return;
      if (this.#isLost) this.#options.log.info('the container engine is back', { socket: this.#options.socketPath });
      this.#isLost = false;
      this.#options.changed(containers);
    } catch (error) {
      this.#stopEvents?.();
      this.#lost(error);
    }
  }

  /** Said once. What was known stays: an engine that restarts is no reason to take anything down. */
  #lost(error: unknown): void {
    if (this.#isStopped) return;
    const { log, socketPath } = this.#options;
    if (!this.#isLost) log.warn('the container engine does not answer', { socket: socketPath, error });
    this.#isLost = true;
    clearTimeout(this.#retrying);
    this.#retrying = setTimeout(() => this.start(), ENGINE_RETRY_MS);
  }
}
