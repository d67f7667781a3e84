import type { ControlToPop, PopToControl } from '../core/link/index.ts';
import type { DomainLookup } from '../io/dns/domain-lookup.ts';
import { LOOK_UPS_AT_ONCE } from './constants.ts';

/** Looks up in DNS what control asks for, so that it learns how a domain is seen from here. */
export class LookUps {
  readonly #lookup: DomainLookup;
  #open = 0;

  constructor(lookup: DomainLookup) {
    this.#lookup = lookup;
  }

  async take(
    { id, questions }: Extract<ControlToPop, { type: 'lookUp' }>,
    send: (message: Extract<PopToControl, { type: 'lookedUp' }>) => unknown,
  ): Promise<void> {
    // Control asks again in a while.
    if (this.#open >= LOOK_UPS_AT_ONCE) return;
    this.#open++;
    const answers = await this.#lookup.answer(questions);
    this.#open--;
    send({ type: 'lookedUp', id, answers });
  }
}
