import { MAXIMUM_UNKNOWN_DESTINATIONS } from './constants.ts';

/** A node that a neighbour says it reaches directly. */
export interface ReachableEntry {
  readonly id: string;
  /** From the neighbour to the node. */
  readonly rttMs: number | null;
  /** The node takes no new work. */
  readonly draining: boolean;
}

/** One message of a neighbour, in the order of its stream. */
export interface ReachChange {
  readonly sequence: number;
  /** Forget what it said before. The first message of a stream is whole. */
  readonly whole: boolean;
  readonly put: readonly ReachableEntry[];
  readonly remove: readonly string[];
}

/** Why a message was not taken; the stream that it came by is closed. */
export type ReachRefusal = 'first-not-whole' | 'out-of-sequence' | 'too-many-unknown';

/** A neighbour that a node can be reached through. */
export interface Relay {
  readonly id: string;
  /** From the relay to the node, as the relay says. */
  readonly rttMs: number | undefined;
  /** Whether the node takes no new work, as the relay says. */
  readonly draining: boolean;
}

interface Neighbour {
  /** Of the last message; undefined before the first of a stream. */
  sequence: number | undefined;
  readonly entries: Map<string, ReachableEntry>;
  unknown: number;
}

/**
 * Who reaches whom, one step on: each neighbour (a PoP) says which nodes it has a direct tunnel to, and the way to them may
 * lead through it. A neighbour is believed about itself alone, and a lie costs no more than a relay that does not
 * answer. What it holds is bounded by the nodes we know times the neighbours we have.
 */
export class ReachabilityTable {
  readonly #neighbours = new Map<string, Neighbour>();
  readonly #relays = new Map<string, string[]>();
  /** Nodes that drain, by their newest word, and the neighbour that said so. */
  readonly #draining = new Map<string, string>();
  readonly #changed = new Set<string>();
  #known: ReadonlySet<string> = new Set();

  /** The nodes that we may want to reach. Others are remembered in small number until they become known. */
  follow(known: ReadonlySet<string>): void {
    this.#known = known;
    for (const neighbour of this.#neighbours.values()) {
      neighbour.unknown = 0;
      for (const id of neighbour.entries.keys()) if (!known.has(id)) neighbour.unknown++;
    }
  }

  /** A neighbour opened a new stream: its first message replaces everything; until then its last word holds. */
  opened(neighbourId: string): void {
    const neighbour = this.#neighbours.get(neighbourId);
    if (neighbour) neighbour.sequence = undefined;
    else this.#neighbours.set(neighbourId, { sequence: undefined, entries: new Map(), unknown: 0 });
  }

  /** Takes a message in. On a refusal everything of the neighbour is forgotten. */
  take(neighbourId: string, change: ReachChange): ReachRefusal | undefined {
    const neighbour = this.#neighbours.get(neighbourId);
    if (!neighbour) return 'first-not-whole';
    const refusal = orderRefusal(neighbour, change) ?? this.#apply(neighbourId, neighbour, change);
    if (refusal) this.forget(neighbourId);
    return refusal;
  }

  /** The tunnel to a neighbour is down, or the neighbour is gone: nothing leads through it. */
  forget(neighbourId: string): void {
    const neighbour = this.#neighbours.get(neighbourId);
    if (!neighbour) return;
    for (const id of neighbour.entries.keys()) this.#unlink(neighbourId, id);
    this.#neighbours.delete(neighbourId);
  }

  /** The neighbours that say they reach a node, the nearest to it first. */
  relaysTo(id: string): Relay[] {
    const relays = (this.#relays.get(id) ?? []).map((neighbourId): Relay => {
      const entry = this.#neighbours.get(neighbourId)?.entries.get(id);
      return { id: neighbourId, rttMs: entry?.rttMs ?? undefined, draining: entry?.draining ?? false };
    });
    return relays.sort((a, b) => (a.rttMs ?? Infinity) - (b.rttMs ?? Infinity) || (a.id < b.id ? -1 : 1));
  }

  /**
   * Whether a node said that it takes no new work. The newest word counts: a neighbour may be dead, which we do not know
   * yet, and what it said last be of before.
   */
  isDraining(id: string): boolean {
    return this.#draining.has(id);
  }

  /** Nodes whose relays changed since this was asked last. */
  takeChanged(): string[] {
    const changed = [...this.#changed];
    this.#changed.clear();
    return changed;
  }

  #apply(neighbourId: string, neighbour: Neighbour, change: ReachChange): ReachRefusal | undefined {
    if (change.whole) this.#keepOnly(neighbourId, neighbour, new Set(change.put.map(({ id }) => id)));
    for (const id of change.remove) this.#remove(neighbourId, neighbour, id);
    for (const entry of change.put) {
      const { id } = entry;
      const before = neighbour.entries.get(id);
      if (before?.rttMs === entry.rttMs && before.draining === entry.draining) continue;
      if (!before && !this.#known.has(id)) {
        if (neighbour.unknown >= MAXIMUM_UNKNOWN_DESTINATIONS) return 'too-many-unknown';
        neighbour.unknown++;
      }
      neighbour.entries.set(id, entry);
      if (!before) this.#link(neighbourId, id);
      if (before?.draining !== entry.draining) this.#heardDraining(neighbourId, entry);
      this.#changed.add(id);
    }
    neighbour.sequence = change.sequence;
    return undefined;
  }

  #keepOnly(neighbourId: string, neighbour: Neighbour, ids: ReadonlySet<string>): void {
    for (const id of neighbour.entries.keys()) if (!ids.has(id)) this.#remove(neighbourId, neighbour, id);
  }

  #remove(neighbourId: string, neighbour: Neighbour, id: string): void {
    if (!neighbour.entries.delete(id)) return;
    if (!this.#known.has(id)) neighbour.unknown--;
    this.#unlink(neighbourId, id);
  }

  #link(neighbourId: string, id: string): void {
    const relays = this.#relays.get(id);
    if (relays) relays.push(neighbourId);
    else this.#relays.set(id, [neighbourId]);
  }

  #unlink(neighbourId: string, id: string): void {
    const relays = this.#relays.get(id);
    const at = relays?.indexOf(neighbourId) ?? -1;
    if (!relays || at < 0) return;
    relays.splice(at, 1);
    if (relays.length === 0) this.#relays.delete(id);
    this.#changed.add(id);
    if (this.#draining.get(id) !== neighbourId) return;
    const other = relays.find((one) => this.#neighbours.get(one)?.entries.get(id)?.draining);
    if (other === undefined) this.#draining.delete(id);
    else this.#draining.set(id, other);
  }

  #heardDraining(neighbourId: string, { id, draining }: ReachableEntry): void {
    if (draining) this.#draining.set(id, neighbourId);
    else this.#draining.delete(id);
  }
}

function orderRefusal(neighbour: Neighbour, change: ReachChange): ReachRefusal | undefined {
  if (neighbour.sequence === undefined) return change.whole ? undefined : 'first-not-whole';
  return change.sequence === neighbour.sequence + 1 ? undefined : 'out-of-sequence';
}
