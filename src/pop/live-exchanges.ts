/** A request that is being served, or a WebSocket that is open. */
export interface LiveExchange {
  /** Whether it would be admitted now. */
  stillAdmitted(): boolean;
  /** Cuts both sides. */
  cut(): void;
  /** No path leads to a connector any more: what waits for an answer through it goes elsewhere. */
  connectorLost?(overlayAddress: string): void;
}

/** What is under way, so that a revocation ends it and not only the next request. */
export class LiveExchanges {
  readonly #live = new Set<LiveExchange>();

  get size(): number {
    return this.#live.size;
  }

  add(exchange: LiveExchange): void {
    this.#live.add(exchange);
  }

  remove(exchange: LiveExchange): void {
    this.#live.delete(exchange);
  }

  /** Call when the last path to a connector went down. Streams that carry an answer are left to their transport. */
  connectorLost(overlayAddress: string): void {
    for (const exchange of [...this.#live]) exchange.connectorLost?.(overlayAddress);
  }

  /** Call after a revocation and after a new snapshot. Gives how many were cut. */
  review(): number {
    let cut = 0;
    for (const exchange of this.#live) {
      if (exchange.stillAdmitted()) continue;
      this.#live.delete(exchange);
      exchange.cut();
      cut++;
    }
    return cut;
  }
}
