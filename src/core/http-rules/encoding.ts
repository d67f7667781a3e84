import { fieldValue } from '../routing/index.ts';
import { DEFAULT_COMPRESSION_MINIMUM_BYTES } from './constants.ts';
import { type CompressionSettings, ENCODINGS, type Encoding } from './model.ts';

/** What is known to shrink. Event streams are not among them: a compressor would hold events back. */
const DEFAULT_TYPES = [
  ...['text/html', 'text/css', 'text/plain', 'text/xml', 'text/javascript', 'text/markdown', 'text/csv', 'text/vtt'],
  ...['application/javascript', 'application/json', 'application/ld+json', 'application/manifest+json'],
  ...['application/problem+json', 'application/xml', 'application/xhtml+xml', 'application/rss+xml'],
  ...['application/atom+xml', 'application/wasm', 'application/x-javascript', 'application/graphql-response+json'],
  ...['image/svg+xml', 'image/bmp', 'image/x-icon', 'font/ttf', 'font/otf', 'application/vnd.ms-fontobject'],
];
/**
 * What holds nothing of the person who asks, so that its length tells nothing either (BREACH, CVE-2013-3587): a page that
 * shows a secret beside what the attacker put into the request gives the secret away, letter by letter.
 */
const IMPERSONAL = /^(?:text\/css|(?:text|application)\/(?:x-)?javascript|application\/wasm|image\/.*|font\/.*)$/;
const DIGESTS = ['content-md5', 'digest', 'content-digest', 'repr-digest'];

/** What an answer is compressed by, and what is said of it where it is not. */
export interface EncodingChoice {
  /** Undefined: it goes as it is. */
  readonly encoding: Encoding | undefined;
  /** The answer depends on Accept-Encoding. */
  readonly varies: boolean;
  /** It is a stream of events, each of which must go out at once. */
  readonly isEvents: boolean;
}

const AS_IT_IS: EncodingChoice = { encoding: undefined, varies: false, isEvents: false };

export interface EncodableAnswer {
  readonly method: string;
  /** Fields of the request, flat. */
  readonly request: readonly string[];
  readonly status: number;
  /** Fields of the answer, flat. */
  readonly response: readonly string[];
  /** Whether somebody is signed in. */
  readonly isPersonal: boolean;
}

/** Whether and how to compress (RFC 9110 sections 8.4, 12.5.3; RFC 9111 section 5.2.2.6 for `no-transform`). */
export function chooseEncoding(settings: CompressionSettings, answer: EncodableAnswer): EncodingChoice {
  const { method, request, status, response, isPersonal } = answer;
  const { encodings = ENCODINGS, minimumBytes = DEFAULT_COMPRESSION_MINIMUM_BYTES, personal = false } = settings;
  if (status < 200 || status === 204 || status === 205 || status === 206) return AS_IT_IS;
  if ((fieldValue(response, 'content-encoding') ?? 'identity').toLowerCase() !== 'identity') return AS_IT_IS;
  const type = (fieldValue(response, 'content-type') ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (!isListed(type, settings.types ?? DEFAULT_TYPES)) return AS_IT_IS;
  if (isPersonal && !personal && !IMPERSONAL.test(type)) return AS_IT_IS;
  if (/(?:^|[,\s])no-transform(?:$|[,\s])/i.test(fieldValue(response, 'cache-control') ?? '')) return AS_IT_IS;
  if (DIGESTS.some((name) => fieldValue(response, name) !== undefined)) return AS_IT_IS;
  const varies = { ...AS_IT_IS, varies: true };
  const length = fieldValue(response, 'content-length');
  if (method === 'HEAD' || status === 304 || (length !== undefined && Number(length) < minimumBytes)) return varies;
  if (fieldValue(request, 'range') !== undefined) return varies;
  const encoding = acceptable(fieldValue(request, 'accept-encoding'), encodings);
  return { encoding, varies: true, isEvents: type === 'text/event-stream' };
}

function isListed(type: string, types: readonly string[]): boolean {
  return types.some((listed) => listed === type || (listed.endsWith('/*') && type.startsWith(listed.slice(0, -1))));
}

/** The best encoding that the client takes, by its weights first and by our order then; undefined: none. */
export function acceptable(field: string | undefined, encodings: readonly Encoding[]): Encoding | undefined {
  if (field === undefined) return undefined;
  const weights = weightsOf(field);
  const any = weights.get('*') ?? 0;
  let best: Encoding | undefined;
  let bestWeight = 0;
  for (const encoding of encodings) {
    const weight = weights.get(encoding) ?? (encoding === 'gzip' ? weights.get('x-gzip') : undefined) ?? any;
    if (weight > bestWeight) [best, bestWeight] = [encoding, weight];
  }
  // Who would rather have it as it is gets it so.
  return bestWeight >= (weights.get('identity') ?? 0) ? best : undefined;
}

function weightsOf(field: string): ReadonlyMap<string, number> {
  const weights = new Map<string, number>();
  for (const item of field.split(',', 32)) {
    const [name = '', ...parameters] = item.split(';').map((part) => part.trim().toLowerCase());
    const q = parameters.map((parameter) => /^q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.exec(parameter)?.[1]);
    // What cannot be read is no wish.
    const weight = parameters.length === 0 ? 1 : Number(q[0] ?? 0);
    if (name !== '') weights.set(name, weight);
  }
  return weights;
}

/** The fields of an answer once it is compressed: another representation, whose length nobody knows yet. */
export function encodedFields(fields: readonly string[], encoding: Encoding): string[] {
  const result: string[] = [];
  for (let i = 0; i + 1 < fields.length; i += 2) {
    const [name, value] = [fields[i] as string, fields[i + 1] as string];
    const lower = name.toLowerCase();
    if (lower === 'content-length' || lower === 'content-encoding' || lower === 'accept-ranges') continue;
    // A strong validator promises the same bytes (RFC 9110 section 8.8.1).
    result.push(name, lower === 'etag' && !value.startsWith('W/') ? `W/${value}` : value);
  }
  result.push('Content-Encoding', encoding);
  return result;
}

/** With a name in Vary that is not there yet. */
export function withVary(fields: readonly string[], name: string): string[] {
  const listed = (fieldValue(fields, 'vary') ?? '').toLowerCase().split(/\s*,\s*/);
  if (listed.includes(name.toLowerCase()) || listed.includes('*')) return [...fields];
  return [...fields, 'Vary', name];
}
