/**
 * Probes: datagrams that ask a PoP "do you get this?", for people who want to know what their network lets through
 * (`manis doctor`). Nobody has to be enrolled to ask. They share the port of WireGuard, whose messages begin with 1 to 4.
 *
 *     request                                        answer
 *     at  0  magic        4   'MNPR'                 at  0  magic      4   'MNPA'
 *     at  4  version      1   1                      at  4  version    1   1
 *     at  5  reserved     1                          at  5  family     1   4 or 6: of the address below
 *     at  6  wanted size  2   of the answer          at  6  port       2   where the request came from
 *     at  8  nonce        8                          at  8  nonce      8   of the request
 *     at 16  padding          to the size to try     at 16  address   16   where the request came from, padded with zeros
 *                                                    at 32  received   4   bytes of the request
 *                                                    at 36  time       8   Unix milliseconds at the PoP
 *                                                    at 44  padding        to the wanted size
 *
 * An answer is never longer than its request, but where the caller vouches for the asker's address.
 */
import { type Endpoint, ipAddress } from '../../base/index.ts';
import { PROBE_BULK_MAXIMUM_BYTES, PROBE_MINIMUM_BYTES } from './constants.ts';

/** First byte of requests and answers. */
export const PROBE_FIRST_BYTE = 0x4d;
const REQUEST_MAGIC = 0x4d4e5052;
const ANSWER_MAGIC = 0x4d4e5041;
const VERSION = 1;
export const PROBE_NONCE_BYTES = 8;
const ANSWER_BYTES = 44;

export interface ProbeRequest {
  readonly nonce: Uint8Array;
  /** Bytes that the answer may have at most. */
  readonly wantedBytes: number;
}

export interface ProbeAnswer {
  readonly nonce: Uint8Array;
  /** Where the request came from, as the PoP saw it: behind a NAT this is the NAT's idea. */
  readonly seenAs: Endpoint;
  /** Bytes of the request that arrived. */
  readonly receivedBytes: number;
  /** The PoP's clock. */
  readonly unixMs: number;
}

/** A request of `sizeBytes` (at least `PROBE_MINIMUM_BYTES`) with a nonce of `PROBE_NONCE_BYTES`. */
export function emitProbeRequest(nonce: Uint8Array, sizeBytes: number, wantedBytes = 0): Uint8Array {
  const bytes = new Uint8Array(Math.max(sizeBytes, PROBE_MINIMUM_BYTES));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, REQUEST_MAGIC);
  view.setUint8(4, VERSION);
  view.setUint16(6, Math.min(wantedBytes, PROBE_BULK_MAXIMUM_BYTES));
  bytes.set(nonce, 8);
  return bytes;
}

/** Undefined where the bytes are no request, or one that is too short to be answered. */
export function parseProbeRequest(bytes: Uint8Array): ProbeRequest | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (bytes.length < PROBE_MINIMUM_BYTES || view.getUint32(0) !== REQUEST_MAGIC || view.getUint8(4) !== VERSION)
    return undefined;
  return { nonce: bytes.slice(8, 16), wantedBytes: view.getUint16(6) };
}

/** @param sizeBytes of the answer; it is longer where it must be. */
export function emitProbeAnswer(answer: ProbeAnswer, sizeBytes = 0): Uint8Array {
  const bytes = new Uint8Array(Math.max(ANSWER_BYTES, Math.min(sizeBytes, PROBE_BULK_MAXIMUM_BYTES)));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, ANSWER_MAGIC);
  view.setUint8(4, VERSION);
  view.setUint8(5, answer.seenAs.address.version);
  view.setUint16(6, answer.seenAs.port);
  bytes.set(answer.nonce, 8);
  bytes.set(answer.seenAs.address.bytes, 16);
  view.setUint32(32, answer.receivedBytes);
  view.setFloat64(36, answer.unixMs);
  return bytes;
}

/** Undefined where the bytes are no answer. */
export function parseProbeAnswer(bytes: Uint8Array): ProbeAnswer | undefined {
  if (bytes.length < ANSWER_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const family = view.getUint8(5);
  const isAnswer = view.getUint32(0) === ANSWER_MAGIC && view.getUint8(4) === VERSION && (family === 4 || family === 6);
  if (!isAnswer || !Number.isFinite(view.getFloat64(36))) return undefined;
  const address = ipAddress(bytes.subarray(16, 16 + (family === 4 ? 4 : 16)));
  return {
    nonce: bytes.slice(8, 16),
    seenAs: { address, port: view.getUint16(6) },
    receivedBytes: view.getUint32(32),
    unixMs: view.getFloat64(36),
  };
}
