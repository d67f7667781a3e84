import type { HeardPop, HeardPopsNews } from '../core/link/index.ts';
import { ReachabilityTable, type ReachRefusal, type Relay } from '../core/reach/index.ts';

/** What the PoPs that we have links with say of the PoPs they hear: the ways to a PoP that we cannot reach by ourselves. */
export class PopWords {
  readonly #table = new ReachabilityTable();
  readonly #words = new Map<string, { sequence: number; readonly pops: Map<string, HeardPop> }>();

  /** The PoPs of the grant: of others nothing is remembered for long. */
  follow(popIds: ReadonlySet<string>): void {
    this.#table.follow(popIds);
  }

  /** A PoP says which PoPs it hears, itself included. Where its word is refused, what it said before is forgotten. */
  take(fromPopId: string, { whole, pops, gone }: HeardPopsNews): ReachRefusal | undefined {
    const before = this.#words.get(fromPopId);
    if (!before) this.#table.opened(fromPopId);
    const sequence = (before?.sequence ?? 0) + 1;
    const put = pops
      .filter(({ popId }) => popId !== fromPopId)
      .map(({ popId, rttMs, draining }) => ({ id: popId, rttMs, draining }));
    const refusal = this.#table.take(fromPopId, { sequence, whole, put, remove: gone });
    if (refusal) {
      this.forget(fromPopId);
      return refusal;
    }
    const word = { sequence, pops: whole || !before ? new Map<string, HeardPop>() : before.pops };
    for (const popId of gone) word.pops.delete(popId);
    for (const pop of pops) word.pops.set(pop.popId, pop);
    this.#words.set(fromPopId, word);
    return undefined;
  }

  /** The link with a PoP is gone. */
  forget(fromPopId: string): void {
    this.#words.delete(fromPopId);
    this.#table.forget(fromPopId);
  }

  relaysTo(popId: string): Relay[] {
    return this.#table.relaysTo(popId);
  }

  /** PoPs whose relays changed since this was asked last. */
  takeChanged(): readonly string[] {
    return this.#table.takeChanged();
  }

  /** PoPs that speak to us while no other that does hears them: our link with them may be all that is left of them. */
  lonely(): ReadonlySet<string> {
    const speaking = [...this.#words];
    const isHeard = (id: string) => speaking.some(([from, { pops }]) => from !== id && pops.has(id));
    return new Set(speaking.length < 2 ? [] : speaking.flatMap(([id]) => (isHeard(id) ? [] : [id])));
  }

  /**
   * One word for each PoP. Its own counts first. Of what others say of it, that it drains counts if nobody says that it
   * does not: a PoP that lies must not drive connectors away from the others.
   */
  merged(): HeardPop[] {
    const merged = new Map<string, HeardPop>();
    for (const { pops } of this.#words.values()) {
      for (const pop of pops.values()) {
        const known = merged.get(pop.popId);
        merged.set(pop.popId, known ? { ...known, draining: known.draining && pop.draining } : pop);
      }
    }
    for (const [id, { pops }] of this.#words) {
      const own = pops.get(id);
      if (own) merged.set(id, own);
    }
    return [...merged.values()];
  }
}
