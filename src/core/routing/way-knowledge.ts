import { afterRequest, type Ejection, isEjected, NEVER_EJECTED } from './ejection.ts';
import type { WayState } from './health.ts';
import type { Way } from './target.ts';

/** How good a way is, best first: nothing speaks against it. */
export const GOOD = 0;
/** Requests over it failed; its checks do not. */
export const EJECTED = 1;
/** Its checks fail, but somebody is there. */
export const FAILING = 2;
/** Its checks say that nobody listens: whatever threshold was crossed, no request can be served there. */
export const REFUSING = 3;
export type Grade = 0 | 1 | 2 | 3;

interface Known {
  check: WayState | undefined;
  ejection: Ejection;
  /** When the ejection that is under way, or the last one, began. */
  ejectedUnixMs: number;
}

type WayIds = Pick<Way, 'targetId' | 'connectorId'>;

/**
 * What is known of each way: what its connector's checks say, and what became of requests. Connectors may disagree on a
 * target, so nothing is known of a target alone. A way of unknown health is good: somebody has to be the first to try it.
 */
export class WayKnowledge {
  readonly #known = new Map<string, Map<string, Known>>();

  /** What a connector says of a target. */
  checked(way: WayIds, check: WayState): void {
    this.#of(way).check = check;
  }

  /** A request over a way ended. */
  ended(way: WayIds, succeeded: boolean, nowMs: number, unixMs: number): void {
    const known = this.#find(way);
    if (!known && succeeded) return;
    const held = known ?? this.#of(way);
    const before = held.ejection;
    held.ejection = afterRequest(before, succeeded, nowMs);
    if (held.ejection.untilMs !== before.untilMs) held.ejectedUnixMs = unixMs;
  }

  grade(way: WayIds, nowMs: number): Grade {
    const known = this.#find(way);
    if (!known) return GOOD;
    if (known.check?.state === 'unhealthy') return known.check.reason === 'connect-refused' ? REFUSING : FAILING;
    return isEjected(known.ejection, nowMs) ? EJECTED : GOOD;
  }

  /** Health as checks and requests together have it; undefined where nothing is known. */
  stateOf(way: WayIds, nowMs: number): WayState | undefined {
    const known = this.#find(way);
    if (!known) return undefined;
    if (known.check?.state !== 'unhealthy' && isEjected(known.ejection, nowMs))
      return { state: 'unhealthy', reason: 'ejected', sinceUnixMs: known.ejectedUnixMs };
    return known.check;
  }

  /** Forgets targets and connectors that are no longer there. */
  retain(targetIds: ReadonlySet<string>, hasConnector: (connectorId: string) => boolean = () => true): void {
    for (const [targetId, byConnector] of this.#known) {
      if (!targetIds.has(targetId)) this.#known.delete(targetId);
      else for (const id of byConnector.keys()) if (!hasConnector(id)) byConnector.delete(id);
    }
  }

  #find({ targetId, connectorId }: WayIds): Known | undefined {
    return this.#known.get(targetId)?.get(connectorId);
  }

  #of({ targetId, connectorId }: WayIds): Known {
    let byConnector = this.#known.get(targetId);
    if (!byConnector) {
      byConnector = new Map();
      this.#known.set(targetId, byConnector);
    }
    let known = byConnector.get(connectorId);
    if (!known) {
      known = { check: undefined, ejection: NEVER_EJECTED, ejectedUnixMs: 0 };
      byConnector.set(connectorId, known);
    }
    return known;
  }
}
