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
  readonly id: string;
  /** Of the last message; undefined before the first of a stream. */
  sequence: number | undefined;
  /** Nodes that it says it reaches; of them, those that we do not know. Which ones is found among the nodes: it is asked seldom. */
  count: number;
  unknown: number;
}

/** A node that somebody reaches. A start of everything changes millions of them: found by id once for each change. */
interface Node {
  readonly id: string;
  /** Few: as many as a connector has tunnels. */
  readonly ways: Way[];
  /** The neighbour whose newest word is that it drains. */
  drainingBy: Neighbour | undefined;
  isChanged: boolean;
}

interface Way {
  readonly neighbour: Neighbour;
  entry: ReachableEntry;
}

const NOTHING: readonly string[] = [];

/**
 * Who reaches whom, one step on: each neighbour (a PoP) says which nodes it has a direct tunnel to, and the way to them may
 * lead through it. A neighbour is believed about itself alone, and a lie costs no more than a relay that does not
 * answer. What it holds is bounded by the nodes we know times the neighbours we have.
 */
export class ReachabilityTable {
  readonly #neighbours = new Map<string, Neighbour>();
  readonly #nodes = new Map<string, Node>();
  #changed: Node[] = [];
  #known: ReadonlySet<string> = new Set();

  /** The nodes that we may want to reach. Others are remembered in small number until they become known. */
  follow(known: ReadonlySet<string>): void {
    this.#known = known;
    for (const neighbour of this.#neighbours.values()) {
      neighbour.unknown = 0;
    }
    for (const { id, ways } of this.#nodes.values()) {
      if (known.has(id)) continue;
      for (const { neighbour } of ways) neighbour.unknown++;
    }
  }

  /** A neighbour opened a new stream: its first message replaces everything; until then its last word holds. */
  opened(id: string): void {
    const neighbour = this.#neighbours.get(id);
    if (neighbour) neighbour.sequence = undefined;
    else this.#neighbours.set(id, { id, sequence: undefined, count: 0, unknown: 0 });
  }

  /** Takes a message in. On a refusal everything of the neighbour is forgotten. */
  take(neighbourId: string, change: ReachChange): ReachRefusal | undefined {
    const neighbour = this.#neighbours.get(neighbourId);
    if (!neighbour) return 'first-not-whole';
    const refusal = orderRefusal(neighbour, change) ?? this.#apply(neighbour, change);
    if (refusal) this.forget(neighbourId);
    return refusal;
  }

  /** The tunnel to a neighbour is down, or the neighbour is gone: nothing leads through it. */
  forget(neighbourId: string): void {
    const neighbour = this.#neighbours.get(neighbourId);
    if (!neighbour) return;
    for (const node of this.#nodes.values()) this.#remove(neighbour, node);
    this.#neighbours.delete(neighbourId);
  }

  /** How many nodes a neighbour says that it reaches. */
  countOf(neighbourId: string): number {
    return this.#neighbours.get(neighbourId)?.count ?? 0;
  }

  /** The neighbours that say they reach a node, the nearest to it first. */
  relaysTo(id: string): Relay[] {
    const ways = this.#nodes.get(id)?.ways ?? [];
    const relays = ways.map(
      ({ neighbour, entry }): Relay => ({
        id: neighbour.id,
        rttMs: entry.rttMs ?? undefined,
        draining: entry.draining,
      }),
    );
    return relays.sort((a, b) => (a.rttMs ?? Infinity) - (b.rttMs ?? Infinity) || (a.id < b.id ? -1 : 1));
  }

  /**
   * Whether a node said that it takes no new work. The newest word counts: a neighbour may be dead, which we do not know
   * yet, and what it said last be of before.
   */
  isDraining(id: string): boolean {
    return this.#nodes.get(id)?.drainingBy !== undefined;
  }

  /** Nodes whose relays changed since this was asked last. */
  takeChanged(): readonly string[] {
    if (this.#changed.length === 0) return NOTHING;
    const ids = new Set<string>();
    for (const node of this.#changed) {
      node.isChanged = false;
      ids.add(node.id);
    }
    this.#changed = [];
    return [...ids];
  }

  #apply(neighbour: Neighbour, { whole, put, remove, sequence }: ReachChange): ReachRefusal | undefined {
    if (whole) this.#keepOnly(neighbour, new Set(put.map(({ id }) => id)));
    for (const id of remove) this.#remove(neighbour, this.#nodes.get(id));
    for (const entry of put) {
      const node = this.#nodes.get(entry.id) ?? this.#make(entry.id);
      const way = wayThrough(node, neighbour);
      if (way ? this.#update(node, way, entry) : this.#link(neighbour, node, entry)) continue;
      return 'too-many-unknown';
    }
    neighbour.sequence = sequence;
    return undefined;
  }

  #make(id: string): Node {
    const node: Node = { id, ways: [], drainingBy: undefined, isChanged: false };
    this.#nodes.set(id, node);
    return node;
  }

  #keepOnly(neighbour: Neighbour, ids: ReadonlySet<string>): void {
    if (neighbour.count === 0) return;
    for (const node of this.#nodes.values()) if (!ids.has(node.id)) this.#remove(neighbour, node);
  }

  /** Where the neighbour does not reach it, nothing changes. */
  #remove(neighbour: Neighbour, node: Node | undefined): void {
    if (!node) return;
    const { id, ways } = node;
    const at = ways.findIndex((way) => way.neighbour === neighbour);
    if (at < 0) return;
    ways.splice(at, 1);
    neighbour.count--;
    if (!this.#known.has(id)) neighbour.unknown--;
    this.#note(node);
    if (node.drainingBy === neighbour) node.drainingBy = ways.find(({ entry }) => entry.draining)?.neighbour;
    this.#dropUnused(node);
  }

  #update(node: Node, way: Way, entry: ReachableEntry): true {
    const { rttMs, draining } = way.entry;
    if (rttMs === entry.rttMs && draining === entry.draining) return true;
    way.entry = entry;
    if (draining !== entry.draining) node.drainingBy = entry.draining ? way.neighbour : undefined;
    this.#note(node);
    return true;
  }

  /** False where it named too many that nobody knows. */
  #link(neighbour: Neighbour, node: Node, entry: ReachableEntry): boolean {
    if (!this.#known.has(node.id)) {
      if (neighbour.unknown >= MAXIMUM_UNKNOWN_DESTINATIONS) {
        this.#dropUnused(node);
        return false;
      }
      neighbour.unknown++;
    }
    neighbour.count++;
    node.ways.push({ neighbour, entry });
    node.drainingBy = entry.draining ? neighbour : undefined;
    this.#note(node);
    return true;
  }

  #dropUnused({ id, ways }: Node): void {
    if (ways.length === 0) this.#nodes.delete(id);
  }

  #note(node: Node): void {
    if (node.isChanged) return;
    node.isChanged = true;
    this.#changed.push(node);
  }
}

function wayThrough({ ways }: Node, neighbour: Neighbour): Way | undefined {
  for (const way of ways) if (way.neighbour === neighbour) return way;
  return undefined;
}

function orderRefusal(neighbour: Neighbour, change: ReachChange): ReachRefusal | undefined {
  if (neighbour.sequence === undefined) return change.whole ? undefined : 'first-not-whole';
  return change.sequence === neighbour.sequence + 1 ? undefined : 'out-of-sequence';
}
