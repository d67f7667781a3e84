import type { DomainRecord, SnapshotState, StrictTransport } from '../core/link/index.ts';

/** The domains of a snapshot, by the hosts in them. */
export class PublishedDomains {
  readonly #byName: ReadonlyMap<string, readonly DomainRecord[]>;

  constructor(state: SnapshotState) {
    this.#byName = Map.groupBy(state.ofKind('domain'), ({ name }) => name);
  }

  /** What browsers are told of HTTPS at a host of an organisation; undefined: as everywhere. The nearest domain says. */
  strictTransportAt(host: string, organisationId: string): StrictTransport | undefined {
    if (this.#byName.size === 0) return undefined;
    for (let at = 0; at >= 0; at = host.indexOf('.', at) + 1 || -1) {
      const here = this.#byName.get(host.slice(at));
      const own = here?.find((domain) => domain.organisationId === organisationId);
      if (own) return own.strictTransport;
    }
    return undefined;
  }
}
