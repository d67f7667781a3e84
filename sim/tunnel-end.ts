/** One end of one tunnel: the production `PathHealth`, and as much of WireGuard's handshake as decides when it can speak. */
import { PathHealth, type PathState } from '../src/core/overlay/path-health.ts';
import type { SimNode } from './network.ts';

export class TunnelEnd {
  /** The tick in which it is looked at next; it may be asked for in later ones that do not count any more. */
  tick = Number.POSITIVE_INFINITY;
  readonly owner: SimNode;
  readonly peer: SimNode;
  readonly dials: boolean;
  readonly oneWayMs: number;
  readonly health: PathHealth;
  /** As it was told last. */
  state: PathState = 'unproven';
  /** Numbers of handshakes; 0 for none. `pending`: answered, but nothing was sealed with it yet. */
  session = 0;
  previous = 0;
  pending = 0;
  /** The last that was asked for, and how often in a row; -1 while none is under way. */
  asked = 0;
  attempt = -1;
  sessionAtMs = 0;
  isRemoved = false;

  constructor(owner: SimNode, peer: SimNode, dials: boolean, oneWayMs: number, nowMs: number) {
    this.owner = owner;
    this.peer = peer;
    this.dials = dials;
    this.oneWayMs = oneWayMs;
    this.health = new PathHealth(nowMs, { yields: !dials });
  }

  get isKeyed(): boolean {
    return this.session !== 0;
  }

  /** Whether heartbeats of our own go over it, as `OverlayPeer.talksOver` says of a direct path. */
  get talks(): boolean {
    return this.dials || (this.isKeyed && !this.health.isGivenUp);
  }

  /** Whether what was sealed with a session can be opened here. */
  opens(session: number): boolean {
    return session !== 0 && (session === this.session || session === this.previous || session === this.pending);
  }

  nextDeadlineMs(): number {
    if (this.health.owesAnswer) return Number.NEGATIVE_INFINITY;
    return this.talks ? this.health.nextDeadlineMs() : Number.POSITIVE_INFINITY;
  }
}
