/**
 * What a proxy has to know of gRPC (its "PROTOCOL-HTTP2" and "statuscodes" documents): how to see a call, how long it may
 * take, and how to tell a caller that something went wrong. Messages pass unread.
 */

/** Status codes that a proxy gives. */
export const GRPC_STATUS = {
  internal: 13,
  unknown: 2,
  deadlineExceeded: 4,
  permissionDenied: 7,
  resourceExhausted: 8,
  unimplemented: 12,
  unavailable: 14,
  unauthenticated: 16,
} as const;

/** Whether a Content-Type is gRPC over HTTP/2; `grpc-web` is another protocol, and passes like any request. */
export function isGrpc(contentType: string | undefined): boolean {
  return contentType !== undefined && /^application\/grpc(?:\+[^;]*)?\s*(?:;|$)/i.test(contentType);
}

const UNIT_MS: Readonly<Record<string, number>> = { H: 3_600_000, M: 60_000, S: 1_000, m: 1, u: 1e-3, n: 1e-6 };

/** A grpc-timeout in milliseconds; undefined where there is none, or it is malformed. */
export function grpcTimeoutMs(value: string | undefined): number | undefined {
  const [, digits, unit = ''] = /^(\d{1,8})([HMSmun])$/.exec(value ?? '') ?? [];
  return digits === undefined ? undefined : Number(digits) * (UNIT_MS[unit] ?? 0);
}

/** The status that stands for an answer of HTTP which is no gRPC ("HTTP to gRPC Status Code Mapping"). */
export function grpcStatusOf(httpStatus: number): number {
  switch (httpStatus) {
    case 400:
    case 431:
      return GRPC_STATUS.internal;
    case 401:
      return GRPC_STATUS.unauthenticated;
    case 403:
      return GRPC_STATUS.permissionDenied;
    case 404:
      return GRPC_STATUS.unimplemented;
    case 413:
      return GRPC_STATUS.resourceExhausted;
    case 429:
    case 502:
    case 503:
    case 504:
      return GRPC_STATUS.unavailable;
    default:
      return GRPC_STATUS.unknown;
  }
}

/** A grpc-message: UTF-8, with everything but printable ASCII and the percent sign itself in percent-encoding. */
export function encodeGrpcMessage(text: string): string {
  return text.replace(/[^\x20-\x24\x26-\x7e]+/gu, (other) => encodeURIComponent(other.toWellFormed()));
}
