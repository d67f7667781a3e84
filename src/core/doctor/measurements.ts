/** What was measured, before anybody judged it. */
import type { WayOutcome } from '../link/index.ts';

export interface Measurements {
  /** Of this machine. */
  readonly software: string;
  /** Who asked: a connector's folder, or a token that is not spent yet. */
  readonly source: string;
  readonly proxy: string | undefined;
  readonly pops: readonly PopMeasurement[];
}

export interface PopMeasurement {
  readonly name: string;
  readonly udp: readonly UdpMeasurement[];
  readonly tls: readonly TlsMeasurement[];
}

export interface UdpMeasurement {
  /** As announced: `host:port`. */
  readonly endpoint: string;
  /** Undefined where the name was not found. */
  readonly address: string | undefined;
  readonly sent: number;
  readonly answered: number;
  /** Median, in milliseconds. */
  readonly rttMs: number | undefined;
  /** Where the PoP saw us: `host:port`. */
  readonly seenAs: string | undefined;
  /** The PoP's clock minus ours. */
  readonly clockAheadMs: number | undefined;
  /** Largest UDP payload that was answered; undefined where it cannot be measured here. */
  readonly largestBytes: number | undefined;
}

export interface TlsMeasurement {
  readonly endpoint: string;
  /**
   * `ok`: the handshake was done and the carrier was taken. `no-answer`: nobody answered, or with something that is no TLS.
   * `no-carrier`: somebody answered, but no PoP that takes carriers.
   */
  readonly outcome: WayOutcome;
  /** In the words of whoever refused; for people. */
  readonly detail: string;
  readonly handshakeMs: number | undefined;
  /** Of the carrier, towards us. */
  readonly bytesPerSecond: number | undefined;
}
