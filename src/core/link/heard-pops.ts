/** What a PoP tells the connectors that are attached to it of the PoPs that it hears. */
export interface HeardPopsNews {
  readonly whole: boolean;
  /** What time it is, by the sender’s clock; said with the whole. */
  readonly unixMs?: number;
  readonly pops: readonly HeardPop[];
  readonly gone: readonly string[];
}

/** Another PoP (or itself), in the words of the PoP that a connector is attached to. */
export interface HeardPop {
  readonly popId: string;
  /** Between the two PoPs; 0 for itself. */
  readonly rttMs: number | null;
  /** It takes no new work: connectors move away. */
  readonly draining: boolean;
  /** Share of the connections it is built for, 0 to 1 and more; null where it did not say. */
  readonly utilisation: number | null;
  /** Connectors that keep a tunnel to it. */
  readonly tunnels: number;
}
