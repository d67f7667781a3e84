/** Numbers of the WireGuard paper (section 6.1 and 5.4) and the limits of this implementation. */

// The paper's table.
/** A session whose sender used this many counters is renewed. The paper has 2^60; counters here are exact below 2^53. */
export const REKEY_AFTER_MESSAGES = 2 ** 50;
/** A counter that is never reached nor accepted. The paper has 2^64 - 2^13 - 1; see above. */
export const REJECT_AFTER_MESSAGES = 2 ** 53 - 2 ** 13 - 1;
/** The initiator of a session renews it when it sends after this age. */
export const REKEY_AFTER_TIME_MS = 120_000;
/** A session of this age neither sends nor receives. */
export const REJECT_AFTER_TIME_MS = 180_000;
/** Handshakes are tried for this long before the device gives up until there is something to send again. */
export const REKEY_ATTEMPT_TIME_MS = 90_000;
/** An initiation without an answer is sent again after this time. */
export const REKEY_TIMEOUT_MS = 5_000;
/** Who received data and sent nothing for this long sends a keepalive. */
export const KEEPALIVE_TIMEOUT_MS = 10_000;
/** A cookie secret, and so a cookie, lives this long. */
export const COOKIE_LIFETIME_MS = 120_000;

// Shape of this implementation.
/** Share of a retry interval that is added at random, so that two peers do not stay in step (334 ms of 5 s). */
export const RETRY_JITTER_FRACTION = 1 / 15;
/** A cookie is not used in the last seconds of its life: it might arrive after the secret changed. */
export const COOKIE_LATENCY_MS = 5_000;
/** Keys are wiped this many times REJECT_AFTER_TIME after the last session was made. */
export const WIPE_AFTER_REJECT_TIMES = 3;
/** Counters behind the newest that are still told apart (RFC 6479): a window of 8192 less one word. */
export const REPLAY_WINDOW_BITS = 8192;
/** Initiations of one peer closer together than this are dropped. */
export const INITIATION_INTERVAL_MS = 20;
/** Packets that wait for a session, per peer; the oldest goes first. */
export const MAX_QUEUED_PACKETS = 128;
/** Bytes that wait for a session, per peer. */
export const MAX_QUEUED_BYTES = 192 * 1024;
/** Bytes that wait for a session, over all peers. */
export const MAX_QUEUED_BYTES_TOTAL = 32 * 1024 * 1024;
/** Handshake responses and cookie replies that wait for `poll`; more are not made. */
export const MAX_OUTBOX_MESSAGES = 1024;
/** Handshake messages per second that are answered without asking for a cookie. */
export const CALM_HANDSHAKES_PER_SECOND = 250;
/** Handshake messages at once that are answered without asking for a cookie: all of a site's tunnels after a restart. */
export const CALM_HANDSHAKE_BURST = 1_000;
/** Handshake messages per second that are computed at all: bounds the processor time a flood can take. */
export const MAX_HANDSHAKES_PER_SECOND = 1_000;
/** After the calm budget ran out, cookies are asked for during this time at least. */
export const UNDER_LOAD_MS = 1_000;
/** Handshake messages per second from one source (IPv4 address, IPv6 /64) under load. */
export const SOURCE_HANDSHAKES_PER_SECOND = 20;
/** Handshake messages at once from one source under load. */
export const SOURCE_HANDSHAKE_BURST = 5;
/** Sources that are counted at once under load. */
export const MAX_SOURCES = 8_192;
/** Cookie replies per second: they cost little, but go to addresses that nobody proved. */
export const MAX_COOKIE_REPLIES_PER_SECOND = 10_000;

/** Times and caps that a program or a test may set otherwise. All are in milliseconds, counts or bytes by name. */
export interface WireguardLimits {
  readonly rekeyAfterMessages: number;
  readonly rejectAfterMessages: number;
  readonly rekeyAfterTimeMs: number;
  readonly rejectAfterTimeMs: number;
  readonly rekeyAttemptTimeMs: number;
  readonly rekeyTimeoutMs: number;
  readonly keepaliveTimeoutMs: number;
  readonly maxQueuedPackets: number;
  readonly maxQueuedBytes: number;
  readonly maxQueuedBytesTotal: number;
  readonly maxOutboxMessages: number;
  readonly calmHandshakesPerSecond: number;
  readonly calmHandshakeBurst: number;
  readonly maxHandshakesPerSecond: number;
}

/** What a device keeps to where nothing else is asked for: the constants above. */
export const DEFAULT_LIMITS: WireguardLimits = {
  rekeyAfterMessages: REKEY_AFTER_MESSAGES,
  rejectAfterMessages: REJECT_AFTER_MESSAGES,
  rekeyAfterTimeMs: REKEY_AFTER_TIME_MS,
  rejectAfterTimeMs: REJECT_AFTER_TIME_MS,
  rekeyAttemptTimeMs: REKEY_ATTEMPT_TIME_MS,
  rekeyTimeoutMs: REKEY_TIMEOUT_MS,
  keepaliveTimeoutMs: KEEPALIVE_TIMEOUT_MS,
  maxQueuedPackets: MAX_QUEUED_PACKETS,
  maxQueuedBytes: MAX_QUEUED_BYTES,
  maxQueuedBytesTotal: MAX_QUEUED_BYTES_TOTAL,
  maxOutboxMessages: MAX_OUTBOX_MESSAGES,
  calmHandshakesPerSecond: CALM_HANDSHAKES_PER_SECOND,
  calmHandshakeBurst: CALM_HANDSHAKE_BURST,
  maxHandshakesPerSecond: MAX_HANDSHAKES_PER_SECOND,
};
