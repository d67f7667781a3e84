/**
 * What a new node is handed: the one-time secret, and where and how to spend it, in one word that survives a shell.
 *
 *     mnp_<secret> . base64url(JSON { urls, caSha256, rootKey, publicPort })
 *
 * The part behind the dot is no secret. The fingerprint makes it safe to learn control's certificate authority from
 * whoever answers, so a node needs no file but this word; the root key, that a PoP which passes the enrolment on cannot
 * put its own in place of the installation's.
 */
import { fromBase64Url, fromUtf8, toBase64Url, utf8 } from '../../base/index.ts';
import { MAX_JOIN_TOKEN_CHARS, MAX_JOIN_URLS } from './constants.ts';
import { isObject } from './shape.ts';

export interface JoinToken {
  /** What control counts as spent. */
  readonly secret: string;
  /** Where to enrol, tried in turn: control nodes, then the portal, which any PoP serves. `https://host:port`. */
  readonly urls: readonly string[];
  /** SHA-256 of the DER of the certificate authority to trust beside the system's, base64url. */
  readonly caSha256: string | undefined;
  /** The installation's root key, Ed25519, base64url: what enrolment must answer. */
  readonly rootKey: string | undefined;
  /** Port that browsers use, for a PoP that is not told where to listen. */
  readonly publicPort: number | undefined;
}

export function formatJoinToken({ secret, urls, caSha256, rootKey, publicPort }: JoinToken): string {
  return `${secret}.${toBase64Url(utf8(JSON.stringify({ urls, caSha256, rootKey, publicPort })))}`;
}

/** A bare secret is a token that says nothing about where to spend it. Undefined where the text is neither. */
export function parseJoinToken(text: string): JoinToken | undefined {
  const [secret = '', rest, ...more] = text.trim().split('.');
  if (text.length > MAX_JOIN_TOKEN_CHARS || more.length > 0 || !/^mn[pc]_[\w-]+$/.test(secret)) return undefined;
  if (rest === undefined) return { secret, urls: [], caSha256: undefined, rootKey: undefined, publicPort: undefined };
  const facts = factsOf(rest);
  return facts && { secret, ...facts };
}

function factsOf(text: string): Omit<JoinToken, 'secret'> | undefined {
  const { urls, caSha256, rootKey, publicPort } = objectOf(text);
  if (!Array.isArray(urls) || urls.length > MAX_JOIN_URLS || !urls.every(isHttpsUrl)) return undefined;
  if (!isAbsentOr32Bytes(caSha256) || !isAbsentOr32Bytes(rootKey)) return undefined;
  const isPort = Number.isInteger(publicPort) && (publicPort as number) > 0 && (publicPort as number) < 65_536;
  return { urls, caSha256, rootKey, publicPort: isPort ? (publicPort as number) : undefined };
}

function isAbsentOr32Bytes(value: unknown): value is string | undefined {
  return value === undefined || (typeof value === 'string' && fromBase64Url(value)?.length === 32);
}

/** Empty where the text is anything but the JSON of an object. */
function objectOf(text: string): Readonly<Record<string, unknown>> {
  const json = fromUtf8(fromBase64Url(text) ?? new Uint8Array());
  try {
    const value: unknown = JSON.parse(json ?? '');
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}

function isHttpsUrl(value: unknown): boolean {
  return typeof value === 'string' && /^https:\/\/[^\s/]+$/.test(value);
}
