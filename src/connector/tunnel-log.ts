import type { TunnelEvent } from '../core/overlay/index.ts';
import type { Log } from '../io/log.ts';

/** One clear line for each tunnel that comes up, moves or goes down. */
export class TunnelLog {
  readonly #log: Log;
  readonly #nameOf: (popId: string) => string;
  /** How each tunnel travels, as it was said last. */
  readonly #said = new Map<string, string>();

  constructor(log: Log, nameOf: (popId: string) => string) {
    this.#log = log;
    this.#nameOf = nameOf;
  }

  note({ id, state, previous, path, via }: TunnelEvent): void {
    const fields = { popId: id, state, previous, path, via };
    const name = this.#nameOf(id);
    if (state === 'down' || state === 'unproven') {
      if (this.#said.delete(id)) this.#log.warn(`tunnel to ${name} is down`, fields);
      return;
    }
    if (state === 'suspect') {
      this.#log.info(`tunnel to ${name} is in doubt`, fields);
      return;
    }
    const way = path === 'relay' ? `relay via ${this.#nameOf(via ?? '')}` : (path ?? 'nowhere');
    const before = this.#said.get(id);
    if (before === way) return;
    this.#said.set(id, way);
    if (before === undefined) this.#log.info(`tunnel to ${name} is up over ${way}`, fields);
    else this.#log.info(`tunnel to ${name} moved to ${way}`, fields);
  }
}
