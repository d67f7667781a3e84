import type { Duplex } from 'node:stream';
import { Failure } from '../base/index.ts';

/** What a stream is for. */
export interface Destination {
  /** Of the connector or device. */
  readonly overlayAddress: string;
  readonly port: number;
  /** The address behind a device whose port this is; left out for connectors, whose own port it is. */
  readonly behind?: string;
}

/** A port of the PoP's own, from which datagrams go to the ports of one connector. */
export interface DatagramPath {
  /** False where a packet is too long, or too much waits to be sent. */
  send(port: number, packet: Uint8Array): boolean;
  close(): void;
}

/** How the PoP reaches the connectors: the tunnels behind it belong to the overlay. */
export interface TargetDialer {
  /** A TCP stream over the overlay to a site's connector, or through its device. Rejects with DialFailure. */
  connect(to: Destination & { timeoutMs: number }): Promise<Duplex>;
  /** A way for datagrams to a connector, whose answers are given to `take`. Undefined where nothing leads there. */
  openDatagrams?(overlayAddress: string, take: (packet: Uint8Array) => void): DatagramPath | undefined;
  /** Which connectors have a usable path now. */
  state(overlayAddress: string): 'up' | 'suspect' | 'down';
  /** Whether the path there leads through another PoP now: it works, and costs more than a direct one. */
  isRelayed(overlayAddress: string): boolean;
  /** Whether the connector said that it is about to stop. */
  isDraining(overlayAddress: string): boolean;
  /** Whether it is a device whose tunnel leads to another PoP, and that PoP cannot be reached now. */
  isPopLost(overlayAddress: string): boolean;
}

/**
 * | code | what happened |
 * |---|---|
 * | no-path | no tunnel and no relay leads to the connector |
 * | pop-lost | the PoP that the device has its tunnel to cannot be reached |
 * | target-refused | the connector answered with RST: the target is not listening |
 * | target-timed-out | nothing was heard within the time given |
 * | target-unreachable | the connector says that its target cannot be reached (ICMP) |
 * | reset | the stream broke while it was opened |
 */
export type DialFailureCode =
  | 'no-path'
  | 'pop-lost'
  | 'target-refused'
  | 'target-timed-out'
  | 'target-unreachable'
  | 'reset';

export class DialFailure extends Failure {
  override readonly name = 'DialFailure';
  declare readonly code: DialFailureCode;

  constructor(code: DialFailureCode, message: string, cause?: unknown) {
    super(code, message, cause);
  }
}
