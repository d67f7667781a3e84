import type { Endpoint } from '../../../base/index.ts';
import type { ConnectionStatistics, KeepAlive, TcpConnection } from '../api.ts';
import type { StackResources } from '../stack-resources.ts';
import { ControlBlock } from './control-block.ts';
import { armKeepAlive, forget, makeReady, recharge, schedule } from './lifecycle.ts';
import { bytesWereRead, tuneReceiveBuffer } from './receive-window.ts';

/** The program's side of a connection: the user calls of RFC 9293 section 3.9.1. */
export class Connection extends ControlBlock implements TcpConnection {
  user: unknown = undefined;
  readonly #clock: { readonly nowMs: number };

  /** `clock` holds the time of the stack's last `receivePacket` or `poll`. */
  constructor(
    id: number,
    local: Endpoint,
    remote: Endpoint,
    stack: StackResources<ControlBlock>,
    clock: { readonly nowMs: number },
  ) {
    super(id, local, remote, stack);
    this.#clock = clock;
  }

  get sendSpaceBytes(): number {
    if (this.isForgotten || this.snd.finQueued || this.state === 'timeWait') return 0;
    if (this.stack.memory.isExhausted && this.sendBuffer.sizeBytes > 0) return 0;
    return Math.max(0, this.sendBufferBytes - this.sendBuffer.sizeBytes);
  }

  get unacknowledgedBytes(): number {
    return this.sendBuffer.sizeBytes;
  }

  write(chunk: Uint8Array): number {
    const taken = Math.min(chunk.length, this.sendSpaceBytes);
    if (taken < chunk.length) this.writeWasShort = true;
    if (taken === 0) return 0;
    this.sendBuffer.append(taken === chunk.length ? chunk : chunk.subarray(0, taken));
    recharge(this);
    makeReady(this);
    return taken;
  }

  get readableBytes(): number {
    return this.receiveQueue.sizeBytes;
  }

  get peerFinished(): boolean {
    return this.rcv.finConsumed;
  }

  read(): Uint8Array | undefined {
    const chunk = this.receiveQueue.take();
    if (!chunk) {
      this.readableRaised = false;
      return undefined;
    }
    if (this.isForgotten) return chunk;
    recharge(this);
    tuneReceiveBuffer(this, chunk.length, this.#clock.nowMs);
    bytesWereRead(this);
    return chunk;
  }

  finish(): void {
    if (this.snd.finQueued || this.isForgotten) return;
    this.snd.finQueued = true;
    makeReady(this);
  }

  abort(): void {
    if (this.isForgotten) return;
    if (this.state !== 'timeWait') this.stack.sendReset(this);
    forget(this);
    this.receiveQueue.clear();
    this.pendingEvents = 0;
  }

  setNoDelay(noDelay: boolean): void {
    this.noDelay = noDelay;
    makeReady(this);
  }

  setKeepAlive(keepAlive: KeepAlive | undefined): void {
    this.keepAlive = keepAlive;
    if (this.state === 'synSent' || this.state === 'synReceived' || this.state === 'timeWait') return;
    armKeepAlive(this, this.#clock.nowMs);
    schedule(this);
  }

  statistics(): ConnectionStatistics {
    const { tally, rtt, congestion, snd, scoreboard } = this;
    return {
      srttMs: rtt.srttMs < 0 ? undefined : rtt.srttMs,
      rtoMs: rtt.rtoMs,
      cwndBytes: congestion.cwndBytes,
      ssthreshBytes: congestion.ssthreshBytes,
      mssBytes: snd.mss,
      bytesInFlight: scoreboard.inFlightBytes,
      bytesAcknowledged: snd.unaPosition,
      bytesReceived: tally.bytesReceived,
      segmentsSent: tally.segmentsSent,
      segmentsReceived: tally.segmentsReceived,
      retransmissions: tally.retransmissions,
      timeouts: tally.timeouts,
      spuriousRecoveries: tally.spuriousRecoveries,
      softErrors: tally.softErrors,
    };
  }
}
