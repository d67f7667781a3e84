/** Where connectors are at home, and how that changes: what people see of failovers. */
import type { AttachedConnector } from '../../core/link/index.ts';
import { LIVE_GONE_KEPT_MS, RELAYED_COST_MS, UNMEASURED_COST_MS } from './constants.ts';
import type { NetworkEvent } from './live-shapes.ts';

/** A PoP whose link lives, and what it reaches. */
export interface SeenPop {
  readonly popId: string;
  readonly connectors: readonly AttachedConnector[];
}

interface Home {
  /** Null: it has no tunnel. */
  popId: string | null;
  /** The one before it had none. */
  lastPopId: string | null;
  lostUnixMs: number;
  /** When it had another tunnel again, though nobody was sure yet that the first is gone. */
  foundUnixMs: number;
}

/**
 * A connector is at home at the PoP it has the best direct tunnel to, until that tunnel is gone. A PoP whose link broke may be
 * back in a moment, and its tunnels never were away: it is lost only after a while.
 */
export class Homes {
  readonly #lostAfterMs: number;
  readonly #homes = new Map<string, Home>();
  /** PoPs that were linked, and since when they are not. */
  readonly #pops = new Map<string, { goneUnixMs: number | null; isTold: boolean }>();

  constructor(lostAfterMs: number) {
    this.#lostAfterMs = lostAfterMs;
  }

  /** What the network is like now; gives what happened since. Of what is seen for the first time nothing happened. */
  see(pops: readonly SeenPop[], nowUnixMs: number): NetworkEvent[] {
    return [...this.#seePops(pops, nowUnixMs), ...this.#seeConnectors(pops, nowUnixMs)];
  }

  #seePops(pops: readonly SeenPop[], nowUnixMs: number): NetworkEvent[] {
    const events: NetworkEvent[] = [];
    const linked = new Set(pops.map(({ popId }) => popId));
    for (const popId of linked) {
      const known = this.#pops.get(popId);
      if (known?.isTold) events.push({ kind: 'pop-back', unixMs: nowUnixMs, popId });
      this.#pops.set(popId, { goneUnixMs: null, isTold: false });
    }
    for (const [popId, known] of this.#pops) {
      if (linked.has(popId)) continue;
      known.goneUnixMs ??= nowUnixMs;
      if (nowUnixMs - known.goneUnixMs > LIVE_GONE_KEPT_MS) this.#pops.delete(popId);
      if (known.isTold) continue;
      if (nowUnixMs - known.goneUnixMs < this.#lostAfterMs) continue;
      known.isTold = true;
      events.push({ kind: 'pop-lost', unixMs: known.goneUnixMs, popId });
    }
    return events;
  }

  #seeConnectors(pops: readonly SeenPop[], nowUnixMs: number): NetworkEvent[] {
    const tunnels = new Map<string, Map<string, AttachedConnector>>();
    for (const { popId, connectors } of pops)
      for (const tunnel of connectors) {
        const own = tunnels.get(tunnel.connectorId) ?? new Map<string, AttachedConnector>();
        tunnels.set(tunnel.connectorId, own.set(popId, tunnel));
      }
    const ids = new Set([...tunnels.keys(), ...this.#homes.keys()]);
    return [...ids].flatMap((id) => this.#seeConnector(id, tunnels.get(id) ?? new Map(), nowUnixMs));
  }

  #seeConnector(
    connectorId: string,
    tunnels: ReadonlyMap<string, AttachedConnector>,
    nowUnixMs: number,
  ): NetworkEvent[] {
    const home = this.#homes.get(connectorId);
    const best = bestOf(tunnels);
    if (!home) {
      if (best !== null) this.#homes.set(connectorId, newHome(best));
      return [];
    }
    if (home.popId !== null && (isGood(tunnels.get(home.popId)) || this.#mayBeBack(home.popId, nowUnixMs))) {
      // The link of its PoP is away: whether the tunnel is, the others' tell when the PoP is given up.
      if (isGood(tunnels.get(home.popId))) home.foundUnixMs = home.lostUnixMs = 0;
      else {
        home.lostUnixMs ||= nowUnixMs;
        if (best !== null) home.foundUnixMs ||= nowUnixMs;
      }
      return [];
    }
    return best === null ? this.#leave(connectorId, home, nowUnixMs) : this.#move(connectorId, home, best, nowUnixMs);
  }

  #mayBeBack(popId: string, nowUnixMs: number): boolean {
    const known = this.#pops.get(popId);
    return known?.goneUnixMs != null && nowUnixMs - known.goneUnixMs < this.#lostAfterMs;
  }

  #leave(connectorId: string, home: Home, nowUnixMs: number): NetworkEvent[] {
    if (home.popId === null) {
      if (nowUnixMs - home.lostUnixMs > LIVE_GONE_KEPT_MS) this.#homes.delete(connectorId);
      return [];
    }
    home.lastPopId = home.popId;
    home.popId = null;
    home.lostUnixMs ||= nowUnixMs;
    return [{ kind: 'connector-lost', unixMs: home.lostUnixMs, connectorId }];
  }

  #move(connectorId: string, home: Home, toPopId: string, nowUnixMs: number): NetworkEvent[] {
    const fromPopId = home.popId ?? home.lastPopId;
    const lostUnixMs = home.lostUnixMs || nowUnixMs;
    const foundUnixMs = home.foundUnixMs || nowUnixMs;
    this.#homes.set(connectorId, newHome(toPopId));
    if (fromPopId === null || fromPopId === toPopId)
      return [{ kind: 'connector-back', unixMs: nowUnixMs, connectorId }];
    const tookMs = Math.max(0, foundUnixMs - lostUnixMs);
    return [{ kind: 'home-moved', unixMs: foundUnixMs, connectorId, fromPopId, toPopId, tookMs }];
  }
}

function newHome(popId: string): Home {
  return { popId, lastPopId: null, lostUnixMs: 0, foundUnixMs: 0 };
}

function isGood(tunnel: AttachedConnector | undefined): boolean {
  return tunnel !== undefined && tunnel.state !== 'down' && tunnel.path !== 'relay';
}

/** The PoP of the direct tunnel with the shortest round trip, else of one through another PoP; null: nothing is up. */
function bestOf(tunnels: ReadonlyMap<string, AttachedConnector>): string | null {
  const up = [...tunnels].filter(([, { state }]) => state === 'up');
  const cost = ({ path, rttMs }: AttachedConnector): number =>
    (path === 'relay' ? RELAYED_COST_MS : 0) + (rttMs ?? UNMEASURED_COST_MS);
  up.sort(([, a], [, b]) => cost(a) - cost(b));
  return up[0]?.[0] ?? null;
}
