/** Everything a device knows of one peer. The rules that change it are in `handshake.ts`, `timers.ts` and `device.ts`. */
import type { Endpoint, Milliseconds } from '../../base/index.ts';
import { cookieKey, mac1Key } from './cookies.ts';
import type { WireguardCrypto } from './crypto.ts';
import type { OutgoingHandshake } from './outgoing-handshake.ts';
import { PacketQueue } from './packet-queue.ts';
import type { Session } from './session.ts';
import type { PeerHandle, PeerOptions } from './types.ts';

/** What a receiver index may name. */
export type IndexOwner = Session<Peer> | OutgoingHandshake<Peer>;

const NEVER = Number.POSITIVE_INFINITY;
const LONG_AGO = Number.NEGATIVE_INFINITY;

/** When each timer of a peer goes off; Infinity while it is not armed. */
export class PeerTimes {
  retransmitHandshakeMs: Milliseconds = NEVER;
  sendKeepaliveMs: Milliseconds = NEVER;
  newHandshakeMs: Milliseconds = NEVER;
  wipeKeysMs: Milliseconds = NEVER;
  persistentKeepaliveMs: Milliseconds = NEVER;

  earliestMs(): Milliseconds {
    return Math.min(
      this.retransmitHandshakeMs,
      this.sendKeepaliveMs,
      this.newHandshakeMs,
      this.wipeKeysMs,
      this.persistentKeepaliveMs,
    );
  }
}

export class Peer implements PeerHandle {
  readonly id: number;
  readonly publicKey: Uint8Array;
  readonly presharedKey: Uint8Array;
  /** Shared secret of the two static keys, computed once. */
  readonly staticSecret: Uint8Array;
  readonly mac1Key: Uint8Array;
  readonly cookieKey: Uint8Array;
  readonly retryScheduleMs: readonly Milliseconds[];
  readonly slowRetryMs: Milliseconds | undefined;
  readonly persistentKeepaliveMs: Milliseconds;
  endpoint: Endpoint | undefined;
  readonly roams: boolean;
  isRemoved = false;

  // Handshakes.
  outgoing: OutgoingHandshake<Peer> | undefined;
  /** Newest timestamp of the peer's initiations. */
  latestTimestamp: Uint8Array | undefined;
  lastInitiationReceivedMs: Milliseconds = LONG_AGO;
  lastHandshakeSentMs: Milliseconds = LONG_AGO;
  /** When the present run of attempts began, and how many initiations it has sent. */
  attemptsSinceMs: Milliseconds = LONG_AGO;
  attempts = 0;
  hasGivenUp = false;
  cookie: { readonly value: Uint8Array; readonly receivedMs: Milliseconds } | undefined;
  /** mac1 of the last handshake message sent, and its index: a cookie reply names them. */
  lastMac1: Uint8Array | undefined;
  lastMac1Index = 0;

  // Sessions: `current` sends; `next` waits for the initiator's first message; `previous` still receives.
  previous: Session<Peer> | undefined;
  current: Session<Peer> | undefined;
  next: Session<Peer> | undefined;
  /** Whether the session was asked to be renewed because it is about to end although only the peer sends. */
  renewsBeforeEnd = false;

  // Timers and work.
  readonly times = new PeerTimes();
  /** Random part of timers, in [0, 1), drawn anew for each handshake. */
  jitter = 0;
  wantsInitiation = false;
  wantsKeepalive = false;
  isListedForWork = false;
  readonly queue = new PacketQueue();
  /** Place in the heap of deadlines (-1: none), and the time it is filed under, never later than its timers. */
  heapIndex = -1;
  heapMs: Milliseconds = NEVER;

  // Status.
  lastHandshakeMs: Milliseconds | undefined;
  lastReceivedMs: Milliseconds | undefined;
  handshakeRttMs: Milliseconds | undefined;
  receivedBytes = 0;
  sentBytes = 0;

  /** Byte arrays are copied with their constructor: a Buffer's `slice` would be a view of the caller's bytes. */
  constructor(id: number, crypto: WireguardCrypto, staticSecret: Uint8Array, options: PeerOptions) {
    this.id = id;
    this.publicKey = new Uint8Array(options.publicKey);
    this.presharedKey = options.presharedKey ? new Uint8Array(options.presharedKey) : new Uint8Array(32);
    this.staticSecret = staticSecret;
    this.mac1Key = mac1Key(crypto, this.publicKey);
    this.cookieKey = cookieKey(crypto, this.publicKey);
    this.endpoint = options.endpoint;
    this.persistentKeepaliveMs = options.persistentKeepaliveMs ?? 0;
    this.latestTimestamp = options.lastTimestamp && new Uint8Array(options.lastTimestamp);
    this.retryScheduleMs = options.retryScheduleMs ?? [];
    this.slowRetryMs = options.slowRetryMs;
    this.roams = options.roams ?? true;
  }
}
