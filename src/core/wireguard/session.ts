/** One pair of transport keys (the paper's keypair), and which of a peer's three is used for what. */
import type { PacketKey } from './crypto.ts';
import { ReplayWindow } from './replay-window.ts';

/** `Peer` is whose session it is; a session only carries it. */
export interface SessionStart<Peer> {
  readonly peer: Peer;
  readonly isInitiator: boolean;
  readonly createdMs: number;
  readonly localIndex: number;
  readonly remoteIndex: number;
  readonly sendKey: PacketKey;
  readonly receiveKey: PacketKey;
}

export class Session<Peer> {
  readonly kind = 'session';
  readonly peer: Peer;
  /** Only the initiator renews a session by age, so that both do not at once. */
  readonly isInitiator: boolean;
  readonly createdMs: number;
  readonly localIndex: number;
  readonly remoteIndex: number;
  readonly sendKey: PacketKey;
  readonly receiveKey: PacketKey;
  sendCounter = 0;
  readonly replay = new ReplayWindow();

  constructor(start: SessionStart<Peer>) {
    this.peer = start.peer;
    this.isInitiator = start.isInitiator;
    this.createdMs = start.createdMs;
    this.localIndex = start.localIndex;
    this.remoteIndex = start.remoteIndex;
    this.sendKey = start.sendKey;
    this.receiveKey = start.receiveKey;
  }

  wipe(): void {
    this.sendKey.destroy();
    this.receiveKey.destroy();
  }
}
