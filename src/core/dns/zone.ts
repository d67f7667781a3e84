import type { IpAddress } from '../../base/index.ts';

/** One name server of the zone: `ns1`, below the zone's name. */
export interface Nameserver {
  readonly label: string;
  readonly addresses: readonly IpAddress[];
}

/** Which authority may issue certificates (RFC 8659). */
export interface CaaRecord {
  readonly isCritical: boolean;
  readonly tag: string;
  readonly value: string;
}

export interface ZoneFacts {
  /** Lower case, without a dot at the end: `apps.example.com`. */
  readonly origin: string;
  /** Grows with every change. */
  readonly serial: number;
  readonly nameservers: readonly Nameserver[];
  /** Names whose addresses are the PoPs': `wiki.apps.example.com`, `*.dev.apps.example.com`. Those of other zones are left out. */
  readonly hosts: Iterable<string>;
  readonly caa: readonly CaaRecord[];
  /** TXT records by name, for proofs to authorities (`_acme-challenge.apps.example.com`). */
  readonly texts: ReadonlyMap<string, readonly string[]>;
}

export type ZoneName =
  | { readonly kind: 'outside' }
  /** There is no such name, and none below it. */
  | { readonly kind: 'missing' }
  | {
      readonly kind: 'name';
      readonly isOrigin: boolean;
      /** Its addresses are the PoPs'. */
      readonly isSteered: boolean;
      readonly nameserver: Nameserver | undefined;
      readonly texts: readonly string[];
    };

/**
 * The names of a zone. A wildcard stands for exactly one label, as it does where requests are routed (`core/routing`):
 * what no resource answers has no address either. So the zone reads as if each such name were written down.
 */
export class Zone {
  readonly facts: ZoneFacts;
  readonly #suffix: string;
  readonly #hosts = new Set<string>();
  /** Names behind `*.`. */
  readonly #wildcards = new Set<string>();
  readonly #nameservers: ReadonlyMap<string, Nameserver>;
  /** Names that are there because others below them are (empty non-terminals, RFC 4592 section 2.2.2). */
  readonly #ancestors = new Set<string>();

  constructor(facts: ZoneFacts) {
    this.facts = facts;
    this.#suffix = `.${facts.origin}`;
    this.#nameservers = new Map(facts.nameservers.map((one) => [`${one.label}${this.#suffix}`, one]));
    for (const host of facts.hosts) {
      if (host !== facts.origin && !host.endsWith(this.#suffix)) continue;
      if (host.startsWith('*.')) this.#wildcards.add(host.slice(2));
      else this.#hosts.add(host);
      this.#addAncestors(host);
    }
    for (const name of [...this.#nameservers.keys(), ...facts.texts.keys()]) this.#addAncestors(name);
  }

  /** What is at a name, given in lower case. */
  at(name: string): ZoneName {
    const isOrigin = name === this.facts.origin;
    if (!isOrigin && !name.endsWith(this.#suffix)) return { kind: 'outside' };
    const nameserver = this.#nameservers.get(name);
    const texts = this.facts.texts.get(name) ?? [];
    const isSteered = !nameserver && (this.#hosts.has(name) || this.#matchesWildcard(name));
    const isThere = isOrigin || isSteered || nameserver || texts.length > 0 || this.#ancestors.has(name);
    return isThere ? { kind: 'name', isOrigin, isSteered, nameserver, texts } : { kind: 'missing' };
  }

  #matchesWildcard(name: string): boolean {
    return this.#wildcards.size > 0 && this.#wildcards.has(name.slice(name.indexOf('.') + 1));
  }

  #addAncestors(name: string): void {
    for (let at = name.indexOf('.'); at >= 0; at = name.indexOf('.', at + 1)) {
      const ancestor = name.slice(at + 1);
      if (ancestor.length <= this.facts.origin.length) return;
      this.#ancestors.add(ancestor);
    }
  }
}

/** Several zones; the nearest above a name is the one that it is in. */
export class Zones {
  readonly #byOrigin: ReadonlyMap<string, Zone>;

  constructor(zones: Iterable<Zone>) {
    this.#byOrigin = new Map([...zones].map((zone) => [zone.facts.origin, zone]));
  }

  get size(): number {
    return this.#byOrigin.size;
  }

  /** The zone of a name that is given in lower case. */
  of(name: string): Zone | undefined {
    for (let at = 0; at >= 0; at = name.indexOf('.', at) + 1 || -1) {
      const zone = this.#byOrigin.get(name.slice(at));
      if (zone) return zone;
    }
    return undefined;
  }
}
