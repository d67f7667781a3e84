/**
 * A check of a target, as control writes it into a site's grant and the site's connectors make it. It dials the host and
 * port of the target and nothing else; redirects are not followed.
 */
export type TargetCheck = TcpCheck | HttpCheck;

interface CheckTiming {
  /** From one check to the next of a target that is well. */
  readonly intervalMs: number;
  /** The same of one that is not, or whose last check failed. */
  readonly unhealthyIntervalMs: number;
  /** For the whole of one check. */
  readonly timeoutMs: number;
  /** Good checks in a row that make an unhealthy target healthy. */
  readonly healthyThreshold: number;
  /** Failed checks in a row that make a healthy target unhealthy. */
  readonly unhealthyThreshold: number;
}

/** The target accepts a connection. */
export interface TcpCheck extends CheckTiming {
  readonly kind: 'tcp';
}

/** The target answers a request with a status that is expected. */
export interface HttpCheck extends CheckTiming {
  readonly kind: 'http';
  readonly method: string;
  /** With the query. */
  readonly path: string;
  /** The Host field. */
  readonly host: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly expected: readonly StatusRange[];
  /** Left out: plain HTTP. */
  readonly tls?: CheckTls;
  /** Left out: HTTP/1.1. */
  readonly protocol?: 'h2';
}

export interface CheckTls {
  readonly serverName?: string;
  readonly verify: boolean;
  /** Who vouches for the target, in place of the public authorities. PEM. */
  readonly caPem?: string;
  /** The target asks for a certificate that only PoPs have: it is well when TLS with it is set up. */
  readonly onlyHandshake?: true;
}

/** Statuses from and to, both included. */
export interface StatusRange {
  readonly from: number;
  readonly to: number;
}

export function isExpected(status: number, expected: readonly StatusRange[]): boolean {
  return expected.some(({ from, to }) => status >= from && status <= to);
}

/** `200`, `200-299` or `2xx`; undefined where it is none of these. */
export function parseStatusRange(text: string): StatusRange | undefined {
  const found = /^(?:(?<one>[1-5]\d\d)|(?<from>[1-5]\d\d)-(?<to>[1-5]\d\d)|(?<hundred>[1-5])xx)$/.exec(text)?.groups;
  if (!found) return undefined;
  const { one, from, to, hundred } = found;
  if (one !== undefined) return { from: Number(one), to: Number(one) };
  if (hundred !== undefined) return { from: Number(hundred) * 100, to: Number(hundred) * 100 + 99 };
  const range = { from: Number(from), to: Number(to) };
  return range.from <= range.to ? range : undefined;
}
