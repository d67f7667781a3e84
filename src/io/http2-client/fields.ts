import { fieldValue } from '../../core/routing/index.ts';
import type { OutgoingRequest } from '../http-exchange.ts';

/** Fields that HTTP/2 does not have (RFC 9113 section 8.2.2), or says otherwise. */
const NOT_IN_HTTP2: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
  'te',
]);

/** The field block of a request (RFC 9113 section 8.3.1), flat: pseudo-header fields first, names in lower case. */
export function requestFields(
  { method, path, headers, incoming }: OutgoingRequest,
  scheme: 'http' | 'https',
): string[] {
  const fields = blockOf([':method', method, ':scheme', scheme, ':path', path], headers);
  // gRPC servers see by it that whoever is before them passes trailers on.
  if (/(?:^|,)\s*trailers\s*(?:,|$)/i.test(fieldValue(incoming.rawHeaders, 'te') ?? '')) fields.push('te', 'trailers');
  return fields;
}

/** The same of a request for a WebSocket (RFC 8441 section 5): the key of RFC 6455 has no use here. */
export function webSocketFields({ path, headers }: OutgoingRequest, scheme: 'http' | 'https'): string[] {
  const fields = [':method', 'CONNECT', ':protocol', 'websocket', ':scheme', scheme, ':path', path];
  const asked = headers.filter((_, i) => (headers[i - (i % 2)] as string).toLowerCase() !== 'sec-websocket-key');
  return blockOf(fields, asked);
}

function blockOf(pseudo: string[], headers: readonly string[]): string[] {
  const rest: string[] = [];
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const name = (headers[i] as string).toLowerCase();
    const value = headers[i + 1] as string;
    if (name === 'host') pseudo.push(':authority', value);
    else if (!NOT_IN_HTTP2.has(name)) rest.push(name, value);
  }
  return [...pseudo, ...rest];
}

/** The flat fields of an answer or trailer without what is HTTP/2's own. */
export function plainFields(raw: readonly string[]): string[] {
  const fields: string[] = [];
  for (let i = 0; i + 1 < raw.length; i += 2)
    if (!(raw[i] as string).startsWith(':')) fields.push(raw[i] as string, raw[i + 1] as string);
  return fields;
}

/** Trailers as Node's HTTP/2 takes them. */
export function trailerFields(flat: readonly string[]): Record<string, string | string[]> {
  const trailers: Record<string, string | string[]> = Object.create(null);
  for (let i = 0; i + 1 < flat.length; i += 2) {
    const name = (flat[i] as string).toLowerCase();
    const [had, value] = [trailers[name], flat[i + 1] as string];
    if (NOT_IN_HTTP2.has(name) || name.startsWith(':')) continue;
    trailers[name] = had === undefined ? value : [had, value].flat();
  }
  return trailers;
}
