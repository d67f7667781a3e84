import type { Random } from '../base/index.ts';
import { type Balancer, balancerFor, type Target } from '../core/routing/index.ts';
import type { TargetDialer } from './dialer.ts';
import type { SiteNode } from './snapshot-view.ts';

/** How good a way to a connector is; lower is better, undefined is none. */
type Rank = 0 | 1 | 2 | 3 | 4;

/**
 * Puts the connectors of a site in the order in which a request tries them: those with a direct path that is up, then
 * those behind a relay, then doubtful paths in the same order; among equals by latency and open requests, power of two
 * choices, so that every connector carries its share. Connectors that are about to stop come last. A device stands among
 * them as one that is reached directly.
 */
export class ConnectorChoice {
  readonly #dialer: TargetDialer;
  readonly #balancer: Balancer;
  readonly #asTargets = new WeakMap<SiteNode, Target>();

  constructor(dialer: TargetDialer, random: Random) {
    this.#dialer = dialer;
    this.#balancer = balancerFor('least-latency', random);
  }

  /** The same connectors, best first; those that nothing leads to are left out. */
  order(connectors: readonly SiteNode[], nowMs: number): readonly SiteNode[] {
    const ranks: SiteNode[][] = [[], [], [], [], []];
    for (const connector of connectors) {
      const rank = this.#rankOf(connector);
      if (rank !== undefined) ranks[rank]?.push(connector);
    }
    return ranks.flatMap((equals) => (equals.length < 2 ? equals : this.#spread(equals, nowMs)));
  }

  /** A request through a connector begins; every one is followed by `ended`. */
  started(connectorId: string, nowMs: number): void {
    this.#balancer.started(connectorId, nowMs);
  }

  /** The first byte of the answer came, or the request failed. */
  ended(connectorId: string, latencyMs: number, succeeded: boolean, nowMs: number): void {
    this.#balancer.ended(connectorId, latencyMs, succeeded, nowMs);
  }

  /** Forgets connectors that are no longer there. */
  retain(connectorIds: ReadonlySet<string>): void {
    this.#balancer.retain(connectorIds);
  }

  /** Whether new requests are better sent to others. */
  isLeaving(connector: SiteNode): boolean {
    const { kind, overlayAddress } = connector;
    return (kind === 'connector' && connector.draining === true) || this.#dialer.isDraining(overlayAddress);
  }

  #rankOf(connector: SiteNode): Rank | undefined {
    const { overlayAddress } = connector;
    const state = this.#dialer.state(overlayAddress);
    if (state === 'down') return undefined;
    if (this.isLeaving(connector)) return 4;
    const isRelayed = this.#dialer.isRelayed(overlayAddress);
    if (state === 'up') return isRelayed ? 1 : 0;
    return isRelayed ? 3 : 2;
  }

  #spread(connectors: readonly SiteNode[], nowMs: number): readonly SiteNode[] {
    const byId = new Map(connectors.map((connector) => [connector.id, connector]));
    const order = this.#balancer.order(
      connectors.map((connector) => this.#asTarget(connector)),
      nowMs,
    );
    return order.flatMap(({ id }) => byId.get(id) ?? []);
  }

  /** What the balancer knows of a connector: it is one of several equals. */
  #asTarget(connector: SiteNode): Target {
    const known = this.#asTargets.get(connector);
    if (known) return known;
    const target = { id: connector.id, tier: 0, weight: 1 };
    this.#asTargets.set(connector, target);
    return target;
  }
}
