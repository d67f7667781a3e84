import { MAXIMUM_KNOWN_HEADER_NAMES } from './constants.ts';

/**
 * What becomes of a header field on the way to a backend, by its name.
 *
 * | verdict | fields |
 * |---|---|
 * | keep | end to end |
 * | hop-by-hop | of this connection alone (RFC 9110 section 7.6.1) |
 * | identity | who the client is and where it came from: only Manis says that |
 * | twin | a second spelling of a field that counts, as `Content_Length` |
 * | host, cookie, connection | looked at and written anew |
 */
export type HeaderVerdict = 'keep' | 'hop-by-hop' | 'identity' | 'twin' | 'host' | 'cookie' | 'connection';

const HOP_BY_HOP = [
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-authentication-info',
  'te',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
];

/** Names that backends believe about the client. Whole families are in `IDENTITY_FAMILIES`. */
const IDENTITY = [
  'forwarded',
  'x-real-ip',
  'x-client-ip',
  'x-cluster-client-ip',
  'x-originating-ip',
  'x-remote-ip',
  'x-remote-addr',
  'x-envoy-external-address',
  'client-ip',
  'true-client-ip',
  'cf-connecting-ip',
  'fastly-client-ip',
  'x-azure-clientip',
  'x-host',
  'x-http-host-override',
  'x-rewrite-url',
  'x-url-scheme',
  'x-scheme',
  'front-end-https',
  'remote-user',
  'remote-email',
  'remote-name',
  'remote-groups',
  'remote-addr',
  'x-remote-user',
  'x-remote-email',
  'x-remote-name',
  'x-remote-groups',
  'x-webauth-user',
  'x-authenticated-user',
];
const IDENTITY_FAMILIES = ['x-forwarded-', 'x-original-', 'x-manis-', 'x-forwarded'];

/** End-to-end fields whose second spelling could be taken for the first. */
const SENSITIVE = [
  'authorization',
  'content-length',
  'content-type',
  'content-encoding',
  'expect',
  'origin',
  'trailer',
  'sec-websocket-key',
];

const BY_NAME = new Map<string, HeaderVerdict>([
  ...HOP_BY_HOP.map((name) => [name, 'hop-by-hop'] as const),
  ...IDENTITY.map((name) => [name, 'identity'] as const),
  ...SENSITIVE.map((name) => [name, 'keep'] as const),
  ['host', 'host'],
  ['cookie', 'cookie'],
  ['connection', 'connection'],
]);

/** Verdicts by the name as it was sent; a browser sends the same few dozen again and again. */
const known = new Map<string, HeaderVerdict>();

/** The verdict on a field name in whatever spelling. */
export function verdictOn(name: string): HeaderVerdict {
  const before = known.get(name);
  if (before !== undefined) return before;
  const verdict = judge(name.toLowerCase());
  if (known.size < MAXIMUM_KNOWN_HEADER_NAMES) known.set(name, verdict);
  return verdict;
}

/**
 * Backends that turn fields into variables (CGI, RFC 3875 section 4.1.18, and its heirs) make one name of `X-Real-IP`,
 * `X_Real_IP` and `x.real.ip`, so every character but letters and digits counts as a hyphen.
 */
function judge(lowerName: string): HeaderVerdict {
  const folded = lowerName.replace(/[^a-z0-9]/g, '-');
  for (const family of IDENTITY_FAMILIES) if (folded.startsWith(family)) return 'identity';
  const verdict = BY_NAME.get(folded);
  if (verdict === undefined) return 'keep';
  return folded === lowerName || verdict === 'identity' ? verdict : 'twin';
}

/** Fields that a Connection field cannot take away: that would change what the message means. */
const NEVER_LISTED: ReadonlySet<string> = new Set([
  'host',
  'content-length',
  'content-type',
  'cookie',
  'authorization',
  'origin',
  'set-cookie',
]);

/** Adds the names that one Connection field lists to those listed so far; undefined while there are none. */
export function addListed(value: string, listed: Set<string> | undefined): Set<string> | undefined {
  let names = listed;
  for (const option of value.split(',')) {
    const name = option.trim().toLowerCase();
    if (name === '' || name === 'close' || name === 'keep-alive' || name === 'upgrade') continue;
    if (NEVER_LISTED.has(name)) continue;
    names ??= new Set();
    names.add(name);
  }
  return names;
}
