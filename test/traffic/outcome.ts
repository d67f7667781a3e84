/** What became of a request, as the client saw it. Times are Unix milliseconds: faults are noted on the same clock. */

export type RequestKind = 'item' | 'write' | 'download' | 'upload' | 'web-socket';

/**
 * What went wrong on one connection.
 *
 * | trouble | |
 * |---|---|
 * | no-connection | refused, unreachable, or no TLS session in time: nothing of the request was sent |
 * | reset | it ended before the first byte of an answer |
 * | silent | open, but nothing came for too long |
 * | truncated | it ended within the answer |
 * | status | a whole answer, but of the wrong status |
 */
export type Trouble = 'no-connection' | 'reset' | 'silent' | 'truncated' | 'status';

export interface Incident {
  /** The PoP's address and port. */
  readonly endpoint: string;
  readonly trouble: Trouble;
  readonly detail: string;
  readonly fromUnixMs: number;
  readonly toUnixMs: number;
}

export interface Outcome {
  readonly kind: RequestKind;
  readonly id: number;
  /** The person got what was asked for, perhaps by another address or in several parts. */
  readonly isDone: boolean;
  readonly fromUnixMs: number;
  readonly toUnixMs: number;
  /** Every trouble on the way, whether it was got over or not. */
  readonly incidents: readonly Incident[];
  readonly bytes: number;
  /** Bytes that were not what they should have been. */
  readonly wrongBytes: number;
  /** Longest wait for bytes within a stream that had some to send, on connections that lived. */
  readonly stallMs: number;
  /** Downloads: how often it went on by Range on another connection. */
  readonly resumes: number;
}
