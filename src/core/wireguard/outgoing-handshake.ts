/** An initiation of ours that waits for its response. */
import type { Milliseconds } from '../../base/index.ts';
import type { SymmetricState, X25519KeyPair } from './noise.ts';

/** `Peer` is whom it was sent to; a handshake only carries it. */
export interface OutgoingHandshake<Peer> {
  readonly kind: 'handshake';
  readonly peer: Peer;
  readonly localIndex: number;
  readonly sentMs: Milliseconds;
  readonly state: SymmetricState;
  readonly e: X25519KeyPair;
}

export function wipeHandshake(handshake: OutgoingHandshake<unknown>): void {
  handshake.state.wipe();
  handshake.e.privateKey.fill(0);
}
