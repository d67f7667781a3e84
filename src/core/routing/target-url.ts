import { parseIpAddress } from '../../base/address.ts';
import { MAXIMUM_SOCKET_PATH_BYTES } from './constants.ts';
import { normaliseHost } from './host.ts';

/**
 * How a target is spoken to.
 *
 * | scheme | protocol |
 * |---|---|
 * | http, https | HTTP/1.1, over TLS or not |
 * | h2c, h2 | HTTP/2 from its first byte (RFC 9113 section 3.3), over TLS or not |
 * | tcp, udp | bytes and datagrams as they are |
 */
export type TargetScheme = 'http' | 'https' | 'h2c' | 'h2' | 'tcp' | 'udp';

/** Where a target is, as its connector reaches it. */
export type TargetPlace =
  | {
      readonly kind: 'host';
      /** Lower case; an IPv6 address canonical and without brackets. */
      readonly host: string;
      readonly port: number;
    }
  /** A unix socket of the connector's machine, by its absolute path. */
  | { readonly kind: 'unix'; readonly path: string };

export interface TargetUrl {
  readonly scheme: TargetScheme;
  readonly place: TargetPlace;
}

const DEFAULT_PORTS: Readonly<Record<TargetScheme, number | undefined>> = {
  http: 80,
  https: 443,
  h2c: 80,
  h2: 443,
  tcp: undefined,
  udp: undefined,
};

/** What a target's URL may look like, for whoever wrote another. */
export const TARGET_URL_FORMS =
  'http://host:port, https://host:port, h2c://host:port, h2://host:port, unix:/path, tcp://host:port or udp://host:port, without path, query or user';

const NETWORK = /^(?<scheme>[a-z0-9]+):\/\/(?<host>\[[^\]]*\]|[^/:?#@[\]]+)(?::(?<port>[1-9][0-9]{0,4}))?\/?$/i;
const UNIX = /^(?:(?<scheme>http|https|h2c|h2)\+)?unix:(?:\/\/)?(?<path>\/(?!\/).*)$/is;

/**
 * Reads a target's URL; undefined where it is none. It means what it says and nothing else: no second spelling of a host
 * (`0x7f.1`, `%61`, full-width letters), no path, no user.
 *
 * A unix socket speaks plain HTTP/1.1 unless a scheme is written before it: `h2c+unix:/run/app.sock`.
 */
export function parseTargetUrl(text: string): TargetUrl | undefined {
  const unix = UNIX.exec(text)?.groups;
  if (unix) return readUnix(unix['scheme'], unix['path'] ?? '');
  const { scheme: written = '', host = '', port } = NETWORK.exec(text)?.groups ?? {};
  const scheme = written.toLowerCase();
  if (!isScheme(scheme)) return undefined;
  const name = readHost(host);
  const number = port === undefined ? DEFAULT_PORTS[scheme] : Number(port);
  if (name === undefined || number === undefined || number > 65_535) return undefined;
  return { scheme, place: { kind: 'host', host: name, port: number } };
}

/** The URL of a target, as `parseTargetUrl` reads it. */
export function formatTargetUrl({ scheme, place }: TargetUrl): string {
  if (place.kind === 'unix') return `${scheme === 'http' ? '' : `${scheme}+`}unix:${place.path}`;
  const host = place.host.includes(':') ? `[${place.host}]` : place.host;
  return `${scheme}://${host}:${place.port}`;
}

function readUnix(scheme: string | undefined, path: string): TargetUrl | undefined {
  // One byte a character; the system wants it to end with a zero, which a path must not hold itself.
  if (!/^\/[\x21-\x7e]+$/.test(path) || path.length > MAXIMUM_SOCKET_PATH_BYTES) return undefined;
  // One spelling of a path: whoever narrows what may be dialled compares beginnings.
  if (/\/(?:\.{0,2})(?:\/|$)/.test(path)) return undefined;
  return { scheme: (scheme?.toLowerCase() ?? 'http') as TargetScheme, place: { kind: 'unix', path } };
}

function readHost(text: string): string | undefined {
  const literal = text.startsWith('[');
  const address = literal ? parseIpAddress(text.slice(1, -1)) : undefined;
  if (literal) return address?.version === 6 ? address.text : undefined;
  const host = normaliseHost(text);
  return typeof host === 'string' ? undefined : host.name;
}

function isScheme(text: string): text is TargetScheme {
  return Object.hasOwn(DEFAULT_PORTS, text);
}
