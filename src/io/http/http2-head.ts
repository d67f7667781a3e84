import { METHODS } from 'node:http';
import { HTTP2_FIELD_OVERHEAD_BYTES } from './constants.ts';

/** A request's head of HTTP/2, told as HTTP/1.1 tells it (RFC 9113 section 8.3.1 and RFC 9112 section 3). */
export interface Http2Head {
  readonly method: string;
  readonly path: string;
  /** Flat. */
  readonly fields: string[];
  /** The `:protocol` of an extended CONNECT (RFC 8441). */
  readonly protocol: string | undefined;
  /** As SETTINGS_MAX_HEADER_LIST_SIZE counts (RFC 9113 section 6.5.2). */
  readonly sizeBytes: number;
}

/** Why a head that HTTP/2 allows is not one that is understood here. */
export type Http2HeadFault = 'http-malformed' | 'http2-scheme' | 'http-connect-method' | 'http2-protocol-unknown';

const KNOWN_METHODS: ReadonlySet<string> = new Set(METHODS);

/**
 * Reads the fields of a HEADERS frame in their order; the library has refused already what RFC 9113 section 8.2 and 8.3
 * call malformed. `:authority` becomes Host; where Host came too and says the same it is one, else it stays two, which
 * nobody takes. A body without a length is `Transfer-Encoding: chunked`, as it is when it goes to the backend.
 */
export function readHttp2Head(raw: readonly string[], endsWithHead: boolean): Http2Head | Http2HeadFault {
  const pseudo = new Map<string, string>();
  const fields: string[] = ['Host', ''];
  let cookie: string | undefined;
  let host: string | undefined;
  let hasLength = false;
  let sizeBytes = 0;
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const [name, value] = [raw[i] as string, raw[i + 1] as string];
    sizeBytes += name.length + value.length + HTTP2_FIELD_OVERHEAD_BYTES;
    if (name.charCodeAt(0) === COLON) pseudo.set(name, value);
    // RFC 9113 section 8.2.3: the crumbs of a Cookie are one field again before it leaves HTTP/2.
    else if (name === 'cookie') cookie = cookie === undefined ? value : `${cookie}; ${value}`;
    else if (name === 'host' && host === undefined) host = value;
    else {
      if (name === 'content-length') hasLength = true;
      fields.push(name, value);
    }
  }
  if (cookie !== undefined) fields.push('Cookie', cookie);
  const fault = faultIn(pseudo);
  if (fault !== undefined) return fault;
  writeHost(fields, pseudo.get(':authority'), host);
  const [protocol, method] = [pseudo.get(':protocol'), pseudo.get(':method') as string];
  if (!endsWithHead && !hasLength && protocol === undefined) fields.push('Transfer-Encoding', 'chunked');
  const shown = protocol === undefined ? method : 'GET';
  return { method: shown, path: pseudo.get(':path') as string, fields, protocol, sizeBytes };
}

const COLON = 0x3a;

function faultIn(pseudo: ReadonlyMap<string, string>): Http2HeadFault | undefined {
  const [method, protocol] = [pseudo.get(':method'), pseudo.get(':protocol')];
  if (method === undefined || !KNOWN_METHODS.has(method)) return 'http-malformed';
  if (protocol !== undefined && (method !== 'CONNECT' || protocol.toLowerCase() !== 'websocket'))
    return 'http2-protocol-unknown';
  if (method === 'CONNECT' && protocol === undefined) return 'http-connect-method';
  // Not `http`: who says so was led here by somebody who speaks for another scheme.
  if (pseudo.get(':scheme') !== 'https') return 'http2-scheme';
  return pseudo.get(':path') === undefined ? 'http-malformed' : undefined;
}

/** Into the first two places of `fields`. */
function writeHost(fields: string[], authority: string | undefined, host: string | undefined): void {
  const first = authority ?? host;
  if (first === undefined) fields.splice(0, 2);
  else fields[1] = first;
  if (authority !== undefined && host !== undefined && authority.toLowerCase() !== host.toLowerCase())
    fields.push('Host', host);
}
