import { assertNever } from '../../base/index.ts';
import type { PathState } from './path-health.ts';
import type { OverlayPeer } from './peer.ts';

/**
 * Which tunnel takes a packet to a destination: several may lead there, the healthiest is taken, and the order of
 * `add` breaks ties (direct before relayed).
 */
export class NextHopTable {
  readonly #hops = new Map<string, OverlayPeer[]>();

  add(destination: string, peer: OverlayPeer): void {
    const hops = this.#hops.get(destination);
    if (!hops) this.#hops.set(destination, [peer]);
    else if (!hops.includes(peer)) hops.push(peer);
  }

  /** Forgets a peer as next hop of everything. */
  remove(peer: OverlayPeer): void {
    for (const [destination, hops] of this.#hops) {
      const left = hops.filter((hop) => hop !== peer);
      if (left.length === 0) this.#hops.delete(destination);
      else this.#hops.set(destination, left);
    }
  }

  /** The best next hop, even if it is down: a packet that waits for a handshake is better than none. */
  choose(destination: string): OverlayPeer | undefined {
    const hops = this.#hops.get(destination);
    if (!hops) return undefined;
    let best = hops[0] as OverlayPeer;
    for (let i = 1; i < hops.length; i++) {
      const hop = hops[i] as OverlayPeer;
      if (rank(hop.health.state) < rank(best.health.state)) best = hop;
    }
    return best;
  }
}

function rank(state: PathState): number {
  switch (state) {
    case 'up':
      return 0;
    case 'suspect':
      return 1;
    case 'unproven':
      return 2;
    case 'down':
      return 3;
    default:
      return assertNever(state);
  }
}
