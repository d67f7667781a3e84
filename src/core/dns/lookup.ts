/** The other side of a conversation in DNS: questions to servers of others, and what they answer. */
import { ipAddress } from '../../base/index.ts';
import { ANSWER_RECORDS_MAX, NAME_POINTERS_MAX, UDP_ANSWER_MAX_BYTES } from './constants.ts';
import { labelText, nameBytes } from './names.ts';
import { CLASS_IN, FLAG, HEADER_BYTES, LABEL_MAX_BYTES, NAME_MAX_BYTES, RCODE, type RcodeName, TYPE } from './wire.ts';

export type LookupType = 'A' | 'AAAA' | 'CNAME' | 'NS' | 'SOA' | 'TXT';

export interface LookupRecord {
  /** Lower case, without the dot at the end. */
  readonly name: string;
  readonly type: number;
  readonly ttlSeconds: number;
  /** A name, an address or a text; of SOA the primary server. Undefined for other types. */
  readonly value: string | undefined;
}

export interface LookupAnswer {
  readonly rcode: RcodeName | `RCODE${number}`;
  readonly isTruncated: boolean;
  readonly isAuthoritative: boolean;
  readonly answers: readonly LookupRecord[];
  readonly authorities: readonly LookupRecord[];
  readonly additionals: readonly LookupRecord[];
}

/** Why bytes are no answer to the question. */
export type LookupFault = 'dns-answer-malformed' | 'dns-answer-of-another-question';

/** @param recursion asks a resolver; else a server for what it has itself. Undefined where the name is none. */
export function writeLookup(
  id: number,
  name: string,
  type: LookupType,
  { recursion }: { readonly recursion: boolean },
): Uint8Array | undefined {
  const encoded = nameBytes(name);
  if (!encoded) return undefined;
  const bytes = new Uint8Array(HEADER_BYTES + encoded.length + 4 + 11);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, id);
  view.setUint16(2, recursion ? FLAG.RECURSION_DESIRED : 0);
  view.setUint16(4, 1);
  view.setUint16(10, 1);
  bytes.set(encoded, HEADER_BYTES);
  const at = HEADER_BYTES + encoded.length;
  view.setUint16(at, TYPE[type]);
  view.setUint16(at + 2, CLASS_IN);
  // The root, OPT, the size that is taken (RFC 6891 section 6.1.2).
  view.setUint16(at + 5, TYPE.OPT);
  view.setUint16(at + 7, UDP_ANSWER_MAX_BYTES);
  return bytes;
}

/** Reads what came back for `question`, which is what was sent. */
export function readLookup(bytes: Uint8Array, question: Uint8Array): LookupAnswer | LookupFault {
  if (bytes.length < HEADER_BYTES) return 'dns-answer-malformed';
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const flags = view.getUint16(2);
  if (view.getUint16(0) !== ((question[0] as number) << 8) + (question[1] as number) || !(flags & FLAG.RESPONSE))
    return 'dns-answer-of-another-question';
  const asked = questionOf(question);
  const code = flags & 0xf;
  const rcode = (Object.entries(RCODE).find(([, value]) => value === code)?.[0] ?? `RCODE${code}`) as RcodeName;
  const head = {
    rcode,
    isTruncated: (flags & FLAG.TRUNCATED) !== 0,
    isAuthoritative: (flags & FLAG.AUTHORITATIVE) !== 0,
  };
  // A server that refuses may leave the question out.
  if (view.getUint16(4) === 0 && code !== 0) return { ...head, answers: [], authorities: [], additionals: [] };
  if (view.getUint16(4) !== 1) return 'dns-answer-malformed';
  const name = readName(bytes, HEADER_BYTES);
  if (!name || name.end + 4 > bytes.length) return 'dns-answer-malformed';
  if (name.text !== asked.name || view.getUint16(name.end) !== asked.type) return 'dns-answer-of-another-question';
  const sections = readSections(bytes, view, name.end + 4);
  return sections ? { ...head, ...sections } : 'dns-answer-malformed';
}

function questionOf(question: Uint8Array): { name: string | undefined; type: number } {
  const name = readName(question, HEADER_BYTES);
  const at = name?.end ?? HEADER_BYTES;
  return { name: name?.text, type: ((question[at] as number) << 8) + (question[at + 1] as number) };
}

type Sections = Pick<LookupAnswer, 'answers' | 'authorities' | 'additionals'>;

function readSections(bytes: Uint8Array, view: DataView, from: number): Sections | undefined {
  const counts = [view.getUint16(6), view.getUint16(8), view.getUint16(10)] as const;
  if (counts[0] + counts[1] + counts[2] > ANSWER_RECORDS_MAX) return undefined;
  const sections: LookupRecord[][] = [];
  let at = from;
  for (const count of counts) {
    const records: LookupRecord[] = [];
    for (let i = 0; i < count; i++) {
      const read = readRecord(bytes, view, at);
      if (!read) return undefined;
      records.push(read.record);
      at = read.end;
    }
    sections.push(records);
  }
  const [answers = [], authorities = [], additionals = []] = sections;
  return { answers, authorities, additionals };
}

function readRecord(
  bytes: Uint8Array,
  view: DataView,
  from: number,
): { record: LookupRecord; end: number } | undefined {
  const name = readName(bytes, from);
  if (!name || name.end + 10 > bytes.length) return undefined;
  const type = view.getUint16(name.end);
  const ttlSeconds = view.getUint32(name.end + 4);
  const data = name.end + 10;
  const end = data + view.getUint16(name.end + 8);
  if (end > bytes.length) return undefined;
  return { record: { name: name.text, type, ttlSeconds, value: dataOf(bytes, type, data, end) }, end };
}

function dataOf(bytes: Uint8Array, type: number, from: number, end: number): string | undefined {
  switch (type) {
    case TYPE.A:
      return end - from === 4 ? ipAddress(new Uint8Array(bytes.subarray(from, end))).text : undefined;
    case TYPE.AAAA:
      return end - from === 16 ? ipAddress(new Uint8Array(bytes.subarray(from, end))).text : undefined;
    case TYPE.CNAME:
    case TYPE.NS:
    case TYPE.SOA:
      return readName(bytes, from)?.text;
    case TYPE.TXT:
      return textOf(bytes, from, end);
    default:
      return undefined;
  }
}

/** Strings of up to 255 bytes, which together are one text. */
function textOf(bytes: Uint8Array, from: number, end: number): string | undefined {
  let text = '';
  for (let at = from; at < end; ) {
    const next = at + 1 + (bytes[at] as number);
    if (next > end) return undefined;
    for (let i = at + 1; i < next; i++) text += String.fromCharCode(bytes[i] as number);
    at = next;
  }
  return text;
}

/** Labels and pointers (RFC 1035 section 4.1.4). A pointer leads backwards, and only so many are followed. */
function readName(bytes: Uint8Array, from: number): { text: string; end: number } | undefined {
  const labels: string[] = [];
  let size = 0;
  let end: number | undefined;
  let pointers = 0;
  for (let at = from; ; ) {
    const length = bytes[at];
    if (length === undefined) return undefined;
    if (length >= 0xc0) {
      const to = ((length & 0x3f) << 8) | (bytes[at + 1] ?? 0);
      if (++pointers > NAME_POINTERS_MAX || to >= at || at + 1 >= bytes.length) return undefined;
      end ??= at + 2;
      at = to;
      continue;
    }
    if (length === 0) return { text: labels.join('.'), end: end ?? at + 1 };
    size += length + 1;
    if (length > LABEL_MAX_BYTES || size >= NAME_MAX_BYTES || at + 1 + length > bytes.length) return undefined;
    labels.push(labelText(bytes.subarray(at + 1, at + 1 + length)));
    at += 1 + length;
  }
}
