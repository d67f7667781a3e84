import { fromUtf8 } from '../../base/text.ts';
import { MAXIMUM_TARGET_LENGTH } from './constants.ts';

/**
 * A request target in its one spelling. Policies read `plainPath`, backends get `path + query`; both come from here
 * and nowhere else, so there is no second opinion on what a request asks for.
 */
export interface NormalisedTarget {
  /** The path as it is sent on: percent-encoded, unreserved characters literal, no dot or empty segments. */
  readonly path: string;
  /** The query with its leading `?`, as it was sent; empty where there is none. */
  readonly query: string;
  /** The path with every percent-encoding decoded; what rules are written in. */
  readonly plainPath: string;
  /** `plainPath` without `;` parameters, as some backends read it (RFC 3986 section 3.3); mostly the same text. */
  readonly plainPathWithoutParameters: string;
}

/** Why a request target is refused. The answer is 400. */
export type TargetDropReason =
  | 'target-too-long'
  | 'target-not-origin-form'
  | 'target-character'
  | 'target-fragment'
  | 'target-backslash'
  | 'target-control-character'
  | 'target-percent-encoding'
  | 'target-encoded-slash'
  | 'target-double-encoding'
  | 'target-not-utf8'
  | 'target-above-root'
  | 'target-dot-parameters';

/**
 * The one spelling of an origin-form target (RFC 9112 section 3.2.1), or why there is none. Percent-encoded unreserved
 * characters are decoded, hexadecimal digits put in capitals, characters that belong encoded are encoded (RFC 3986
 * section 6.2.2), dot segments resolved, empty segments dropped. What two backends could read in two ways is refused:
 * encoded slashes, backslashes, control characters, double encodings, overlong UTF-8, `..;`, paths above the root.
 * The caller takes absolute-form targets apart first. Normalising a normalised target changes nothing.
 */
export function normaliseTarget(rawTarget: string): NormalisedTarget | TargetDropReason {
  if (rawTarget.length > MAXIMUM_TARGET_LENGTH) return 'target-too-long';
  if (rawTarget.charCodeAt(0) !== SLASH) return 'target-not-origin-form';
  const mark = rawTarget.indexOf('?');
  const query = mark < 0 ? '' : rawTarget.slice(mark);
  const queryFault = faultInQuery(query);
  if (queryFault !== undefined) return queryFault;
  const rawPath = mark < 0 ? rawTarget : rawTarget.slice(0, mark);
  if (isNormalAlready(rawPath))
    return { path: rawPath, query, plainPath: rawPath, plainPathWithoutParameters: rawPath };
  return normalisePath(rawPath, query);
}

/** Whether a target is this path or below it, however its backend reads `;` parameters. The prefix is decoded, without a `/` at its end. */
export function isBelow({ plainPath, plainPathWithoutParameters }: NormalisedTarget, prefix: string): boolean {
  return isPathBelow(plainPath, prefix) && isPathBelow(plainPathWithoutParameters, prefix);
}

function isPathBelow(path: string, prefix: string): boolean {
  return path.startsWith(prefix) && (path.length === prefix.length || path.charCodeAt(prefix.length) === SLASH);
}

const SLASH = 0x2f;
const DOT = 0x2e;
const PERCENT = 0x25;

/** What a character of a raw path asks for. */
const REFUSE = 0;
const LITERAL = 1;
const ENCODE = 2;
/** The characters of RFC 3986's unreserved set, which have one spelling: literal. */
const UNRESERVED = 3;

const CHARACTER = new Uint8Array(128);
for (const character of "!$&'()*+,;=:@/") CHARACTER[character.charCodeAt(0)] = LITERAL;
for (const character of '"<>^`{|}[]') CHARACTER[character.charCodeAt(0)] = ENCODE;
for (const character of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~')
  CHARACTER[character.charCodeAt(0)] = UNRESERVED;

const SEMICOLON = 0x3b;

/** The common case, seen in one pass without an allocation. */
function isNormalAlready(path: string): boolean {
  let previous = 0;
  for (let i = 0; i < path.length; i++) {
    const code = path.charCodeAt(i);
    if (code >= 128 || code === SEMICOLON) return false;
    const kind = CHARACTER[code];
    if (kind !== LITERAL && kind !== UNRESERVED) return false;
    if (previous === SLASH && (code === SLASH || code === DOT)) return false;
    previous = code;
  }
  return true;
}

/** The query is passed on as it is; only what could end it or split a message is refused. */
function faultInQuery(query: string): TargetDropReason | undefined {
  for (let i = 0; i < query.length; i++) {
    const code = query.charCodeAt(i);
    if (code === 0x23) return 'target-fragment';
    if (code <= 0x20 || code >= 0x7f) return 'target-character';
  }
  return undefined;
}

function normalisePath(rawPath: string, query: string): NormalisedTarget | TargetDropReason {
  const encoded: string[] = [];
  const plain: string[] = [];
  let endsInSlash = false;
  for (const rawSegment of rawPath.slice(1).split('/')) {
    const segment = readSegment(rawSegment);
    if (typeof segment === 'string') return segment;
    endsInSlash = segment.plain === '' || segment.plain === '.' || segment.plain === '..';
    if (segment.plain === '..') {
      if (encoded.pop() === undefined) return 'target-above-root';
      plain.pop();
    } else if (!endsInSlash) {
      encoded.push(segment.encoded);
      plain.push(segment.plain);
    }
  }
  const tail = endsInSlash && encoded.length > 0 ? '/' : '';
  const plainPath = `/${plain.join('/')}${tail}`;
  return {
    path: `/${encoded.join('/')}${tail}`,
    query,
    plainPath,
    plainPathWithoutParameters: plainPath.includes(';') ? withoutParameters(plain, endsInSlash) : plainPath,
  };
}

/** Segments cut at their first `;`; those that become empty vanish, as in a backend that cuts first and merges then. */
function withoutParameters(segments: readonly string[], endsInSlash: boolean): string {
  const cut = segments.map((segment) => segment.split(';', 1)[0] ?? '');
  const kept = cut.filter((segment) => segment !== '');
  const slash = endsInSlash || cut.at(-1) === '';
  return `/${kept.join('/')}${slash && kept.length > 0 ? '/' : ''}`;
}

interface Segment {
  readonly encoded: string;
  readonly plain: string;
}

/** A decoded twice spelling of a dot, slash, backslash, percent sign or control character. */
const DOUBLE_ENCODING = /%25(?:2[5EFef]|5[Cc]|[01][0-9A-Fa-f]|7[Ff])/;

function readSegment(raw: string): Segment | TargetDropReason {
  let encoded = '';
  let plain = '';
  for (let i = 0; i < raw.length; i++) {
    const code = raw.charCodeAt(i);
    if (code !== PERCENT) {
      const fault = faultInCharacter(code);
      if (fault !== undefined) return fault;
      encoded += CHARACTER[code] === ENCODE ? percentEncoded(code) : raw.charAt(i);
      plain += raw.charAt(i);
      continue;
    }
    const end = endOfEncodedRun(raw, i);
    const run = readEncodedRun(raw.slice(i, end));
    if (typeof run === 'string') return run;
    encoded += run.encoded;
    plain += run.plain;
    i = end - 1;
  }
  if (DOUBLE_ENCODING.test(encoded)) return 'target-double-encoding';
  const cut = plain.indexOf(';');
  if (cut >= 0 && (plain.slice(0, cut) === '.' || plain.slice(0, cut) === '..')) return 'target-dot-parameters';
  return { encoded, plain };
}

function faultInCharacter(code: number): TargetDropReason | undefined {
  if (code === 0x5c) return 'target-backslash';
  if (code === 0x23) return 'target-fragment';
  if (code >= 128 || CHARACTER[code] === REFUSE) return 'target-character';
  return undefined;
}

/** The end of a run of `%XX`; taken whole, because a character may need several octets. */
function endOfEncodedRun(raw: string, start: number): number {
  let end = start;
  while (raw.charCodeAt(end) === PERCENT) end += 3;
  return Math.min(end, raw.length);
}

function readEncodedRun(run: string): Segment | TargetDropReason {
  if (run.length % 3 !== 0) return 'target-percent-encoding';
  const octets = new Uint8Array(run.length / 3);
  let encoded = '';
  for (let i = 0; i < octets.length; i++) {
    const digits = run.slice(3 * i + 1, 3 * i + 3);
    if (!/^[0-9A-Fa-f]{2}$/.test(digits)) return 'target-percent-encoding';
    const octet = Number.parseInt(digits, 16);
    const fault = faultInOctet(octet);
    if (fault !== undefined) return fault;
    octets[i] = octet;
    const isUnreserved = octet < 128 && CHARACTER[octet] === UNRESERVED;
    encoded += isUnreserved ? String.fromCharCode(octet) : percentEncoded(octet);
  }
  const plain = fromUtf8(octets);
  if (plain === undefined) return 'target-not-utf8';
  // The decoder drops a leading byte order mark; a path keeps it.
  const startsWithMark = octets[0] === 0xef && octets[1] === 0xbb && octets[2] === 0xbf;
  return { encoded, plain: startsWithMark ? `\ufeff${plain}` : plain };
}

function faultInOctet(octet: number): TargetDropReason | undefined {
  if (octet === SLASH) return 'target-encoded-slash';
  if (octet === 0x5c) return 'target-backslash';
  if (octet < 0x20 || octet === 0x7f) return 'target-control-character';
  return undefined;
}

function percentEncoded(octet: number): string {
  return `%${octet.toString(16).toUpperCase().padStart(2, '0')}`;
}
