/** Where requests for a resource can go: one backend behind one site. */
export interface Target {
  readonly id: string;
  /** Candidates of the lowest tier are used while enough of it is usable. */
  readonly tier: number;
  /** Share of requests among the usable targets of a tier; 0 takes none but as a last resort. */
  readonly weight: number;
}

/** One way to a target: through one connector of its site. */
export interface Way {
  readonly targetId: string;
  readonly connectorId: string;
  /** The path to the connector is in doubt: ways that are not go first. */
  readonly isSuspect: boolean;
}

/** How a target of a tier is chosen. */
export type Balancing = 'round-robin' | 'least-latency';

/** By what a client comes back to the target that it had: not at all, a cookie of Manis, or its address. */
export type Stickiness = 'none' | 'cookie' | 'client-address';

/** How the requests of one resource are spread over its targets. */
export interface BalanceSettings {
  readonly balancing: Balancing;
  readonly sticky: Stickiness;
  /**
   * Share of a tier's weight, 0 to 1, that must be usable; with less, what is known against its targets is believed no
   * more (see `TargetPool`). 0: failed checks are always believed.
   */
  readonly panicThreshold: number;
}

/** Half a tier lost is likelier a check or a network that is wrong than so many targets at once. */
export const DEFAULT_BALANCE: BalanceSettings = { balancing: 'least-latency', sticky: 'none', panicThreshold: 0.5 };

/** What is known of a target's health (see `health.ts`). */
export type Health = 'unknown' | 'healthy' | 'unhealthy';
