import type { DomainLookup } from '../../io/dns/domain-lookup.ts';
import type { Control } from '../control.ts';
import { domainFacts } from './domain-view.ts';
import { DomainWatch } from './domain-watch.ts';
import { settleDomain } from './settle.ts';

/** The watch of a control node, which is put together with the rest of it. */
export function watchDomains(
  parts: Pick<Control, 'store' | 'clock' | 'random' | 'log'>,
  control: () => Control,
  lookup: DomainLookup,
): DomainWatch {
  return new DomainWatch({
    ...parts,
    lookup,
    facts: () => domainFacts(control().store.database, control()),
    askPops: (id, questions) => control().links.tell({ type: 'lookUp', id, questions }),
    looked: (domainId) => settleDomain(control(), domainId),
  });
}
