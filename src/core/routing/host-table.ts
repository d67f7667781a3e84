import { normaliseHost } from './host.ts';

/** Why a pattern is not taken. */
export type HostPatternFault = 'pattern-malformed' | 'pattern-taken';

/**
 * Which resource a host belongs to. Patterns are exact names or `*.` and a name, where the star stands for exactly one
 * label (as in certificates, RFC 6125 section 6.4.3). An exact name goes before a wildcard; two never share a pattern,
 * so the order of adding does not matter.
 */
export class HostTable<Resource> {
  readonly #exact = new Map<string, Resource>();
  /** By the name behind `*.`. */
  readonly #wildcard = new Map<string, Resource>();

  get size(): number {
    return this.#exact.size + this.#wildcard.size;
  }

  /** Undefined where the pattern was added, else why not. */
  add(pattern: string, resource: Resource): HostPatternFault | undefined {
    const isWildcard = pattern.startsWith('*.');
    const host = normaliseHost(isWildcard ? pattern.slice(2) : pattern);
    if (typeof host === 'string' || host.port !== undefined) return 'pattern-malformed';
    if (isWildcard && (host.address !== undefined || !host.name.includes('.'))) return 'pattern-malformed';
    const table = isWildcard ? this.#wildcard : this.#exact;
    if (table.has(host.name)) return 'pattern-taken';
    table.set(host.name, resource);
    return undefined;
  }

  /** The resource of a normalised host name (see `normaliseHost`). */
  find(name: string): Resource | undefined {
    const exact = this.#exact.get(name);
    if (exact !== undefined || this.#wildcard.size === 0) return exact;
    const dot = name.indexOf('.');
    return dot < 0 ? undefined : this.#wildcard.get(name.slice(dot + 1));
  }
}
