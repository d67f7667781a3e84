/** What goes into a device and comes out of it. */
import type { Endpoint, Milliseconds, Random } from '../../base/index.ts';
import type { WireguardLimits } from './constants.ts';
import type { WireguardCrypto } from './crypto.ts';
import type { DropReason } from './drops.ts';

export interface WireguardDeviceOptions {
  /** 32 bytes; copied. */
  readonly privateKey: Uint8Array;
  readonly crypto: WireguardCrypto;
  readonly random: Random;
  /** Unix time minus monotonic time, in milliseconds: handshakes carry wall-clock timestamps. See `setUnixOffset`. */
  readonly unixOffsetMs: Milliseconds;
  /** The newest timestamp this key ever sent (12 bytes), where it was kept: later ones are newer even if the clock was set back. */
  readonly lastSentTimestamp?: Uint8Array;
  readonly limits?: Partial<WireguardLimits>;
}

export interface PeerOptions {
  readonly publicKey: Uint8Array;
  /** 32 bytes; absent is the same as zeros. */
  readonly presharedKey?: Uint8Array;
  readonly endpoint?: Endpoint;
  /** A keepalive after this time without traffic, also when idle. 0 or absent: none. */
  readonly persistentKeepaliveMs?: Milliseconds;
  /** The newest timestamp this peer ever sent us (12 bytes), where it was kept: older initiations are replays. */
  readonly lastTimestamp?: Uint8Array;
  /** Times to the second, third, ... initiation without an answer; REKEY_TIMEOUT after the last. Absent: always REKEY_TIMEOUT. */
  readonly retryScheduleMs?: readonly Milliseconds[];
  /** After giving up, go on trying at this interval. Absent: wait until there is something to send. */
  readonly slowRetryMs?: Milliseconds;
  /** Whether answers follow the newest authentic message (paper section 6.5). False: `setEndpoint` alone decides. Absent: true. */
  readonly roams?: boolean;
}

/** Names a peer of one device. `id` is unique within the device and never used again. */
export interface PeerHandle {
  readonly id: number;
  readonly publicKey: Uint8Array;
}

/** A packet was decrypted where it stood. The object is used again by the next call. */
export interface ReceivedPacket {
  readonly kind: 'packet';
  readonly peer: PeerHandle;
  /** Where the packet begins in the buffer, and its length, padding zeros included. */
  readonly offset: number;
  readonly length: number;
}

/** The object is used again by the next call. */
export interface ReceivedMessage {
  readonly kind: 'none';
  /** Who proved to have sent it; undefined for cookie replies, which prove nothing. */
  readonly peer: PeerHandle | undefined;
}

export type Received =
  | ReceivedPacket
  /** A handshake message or keepalive was taken in. */
  | ReceivedMessage
  | { readonly kind: 'dropped'; readonly reason: DropReason };

export type WireguardEventKind =
  /** Both sides have keys and the peer proved it. */
  | 'sessionEstablished'
  /** All keys of the peer were wiped. */
  | 'sessionExpired'
  /** The peer proved to be at another endpoint. */
  | 'endpointChanged'
  /** No answer to handshakes for REKEY_ATTEMPT_TIME. */
  | 'handshakeGaveUp';

export interface WireguardEvent {
  readonly kind: WireguardEventKind;
  readonly peer: PeerHandle;
}

export interface PeerStatus {
  readonly endpoint: Endpoint | undefined;
  /** Whether a packet could be sealed now. */
  readonly established: boolean;
  /** Monotonic times; undefined where it never happened. */
  readonly lastHandshakeMs: Milliseconds | undefined;
  readonly lastReceivedMs: Milliseconds | undefined;
  /** From our last answered initiation to its response. */
  readonly handshakeRttMs: Milliseconds | undefined;
  /** Bytes of whole messages. */
  readonly receivedBytes: number;
  readonly sentBytes: number;
  readonly queuedPackets: number;
}
