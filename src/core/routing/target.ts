/** Where requests for a resource can go: one backend behind one site. */
export interface Target {
  readonly id: string;
  /** Candidates of the lowest tier are used while one of them is healthy. */
  readonly tier: number;
  /** Share of requests among the healthy targets of a tier; 0 takes none but as a last resort. */
  readonly weight: number;
}

/** How a target of a tier is chosen. */
export type Balancing = 'round-robin' | 'least-latency';

/** What is known of a target's health (see `health.ts`). */
export type Health = 'unknown' | 'healthy' | 'unhealthy';
