import { type Candidate, type ChoicePop, isDraining, type Kept, newCandidate } from './candidate.ts';

/** The PoPs that a connector may choose from. */
export class Candidates {
  readonly #byId = new Map<string, Candidate>();
  #all: readonly Candidate[] = [];

  /** Makes them these; what is known of those that stay is kept. Whether there are new ones. */
  follow(pops: readonly ChoicePop[]): boolean {
    const ids = new Set(pops.map(({ id }) => id));
    for (const id of this.#byId.keys()) if (!ids.has(id)) this.#byId.delete(id);
    let hasNew = false;
    for (const pop of pops) {
      const known = this.#byId.get(pop.id);
      this.#byId.set(pop.id, known ? { ...known, pop } : newCandidate(pop));
      hasNew ||= !known;
    }
    this.#all = [...this.#byId.values()];
    return hasNew;
  }

  get(popId: string): Candidate | undefined {
    return this.#byId.get(popId);
  }

  entries(): IterableIterator<[string, Candidate]> {
    return this.#byId.entries();
  }

  all(): readonly Candidate[] {
    return this.#all;
  }

  /** PoPs that are kept and do not drain. */
  members(nowMs: number): Kept[] {
    const members: Kept[] = [];
    for (const one of this.#all) if (isKept(one) && !isDraining(one, nowMs)) members.push(one);
    return members;
  }

  /** Whether a member is one too many until the one that it replaces goes. */
  isExtra({ role }: Kept, nowMs: number): boolean {
    const replaced = role.insteadOf === undefined ? undefined : this.#byId.get(role.insteadOf);
    return replaced?.role.kind === 'kept' && !isDraining(replaced, nowMs);
  }

  /** How many may be trusted to be there. */
  countUsable(nowMs: number): number {
    let count = 0;
    for (const one of this.#all) if (one.failures === 0 && !isDraining(one, nowMs)) count++;
    return count;
  }
}

function isKept(candidate: Candidate): candidate is Kept {
  return candidate.role.kind === 'kept';
}
