import { type IpAddress, ipAddress } from '../../base/index.ts';
import { QUERY_RECORDS_MAX } from './constants.ts';
import { letterOf } from './names.ts';
import {
  EDNS_DO,
  FLAG,
  HEADER_BYTES,
  LABEL_MAX_BYTES,
  NAME_MAX_BYTES,
  OPTION_CLIENT_SUBNET,
  type RcodeName,
  TYPE,
} from './wire.ts';

/** Why bytes get no answer at all: an answer would help nobody but a forger. */
export type DnsDropReason = 'dns-too-short' | 'dns-response';

/** Where a resolver says that its client is (RFC 7871). */
export interface ClientSubnet {
  /** Undefined where the resolver was told to hide it (no bits). */
  readonly address: IpAddress | undefined;
  readonly family: number;
  readonly sourceBits: number;
}

export interface Edns {
  /** Largest answer that the client takes over UDP, as it says. */
  readonly udpBytes: number;
  readonly version: number;
  readonly dnssecOk: boolean;
  readonly subnet: ClientSubnet | undefined;
}

export interface Query {
  readonly kind: 'query';
  readonly id: number;
  readonly flags: number;
  /** Lower case, without the dot at the end; the root is empty. Bytes that no host name has are written as `\ddd`. */
  readonly name: string;
  readonly type: number;
  readonly class: number;
  /** The question as it came, so that the answer repeats it letter for letter. */
  readonly question: Uint8Array;
  readonly edns: Edns | undefined;
}

/** A query that gets an answer without a question: it could not be understood. */
export interface BadQuery {
  readonly kind: 'bad';
  readonly id: number;
  readonly flags: number;
  readonly rcode: RcodeName;
}

export type ReadQuery = Query | BadQuery | { readonly kind: 'drop'; readonly reason: DnsDropReason };

/**
 * Reads a message that came to port 53.
 *
 *     0..1 id | 2..3 flags | 4..5 questions | 6..7 answers | 8..9 authorities | 10..11 additionals | question | records
 */
export function readQuery(bytes: Uint8Array): ReadQuery {
  if (bytes.length < HEADER_BYTES) return { kind: 'drop', reason: 'dns-too-short' };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const [id, flags] = [view.getUint16(0), view.getUint16(2)];
  if (flags & FLAG.RESPONSE) return { kind: 'drop', reason: 'dns-response' };
  if (flags & FLAG.OPCODE) return { kind: 'bad', id, flags, rcode: 'NOTIMP' };
  const records = view.getUint16(6) + view.getUint16(8) + view.getUint16(10);
  const read = view.getUint16(4) === 1 && records <= QUERY_RECORDS_MAX ? readBody(view, bytes, records) : undefined;
  return read ? { kind: 'query', id, flags, ...read } : { kind: 'bad', id, flags, rcode: 'FORMERR' };
}

type Body = Pick<Query, 'name' | 'type' | 'class' | 'question' | 'edns'>;

function readBody(view: DataView, bytes: Uint8Array, records: number): Body | undefined {
  const name = readQuestionName(bytes);
  if (!name || name.end + 4 > bytes.length) return undefined;
  const end = name.end + 4;
  const edns = readRecords(view, bytes, end, records);
  if (edns === 'malformed') return undefined;
  return {
    name: name.text,
    type: view.getUint16(name.end),
    class: view.getUint16(name.end + 2),
    question: bytes.slice(HEADER_BYTES, end),
    edns,
  };
}

/** Labels up to the root; a pointer can point at nothing here. */
function readQuestionName(bytes: Uint8Array): { text: string; end: number } | undefined {
  let text = '';
  let at = HEADER_BYTES;
  for (;;) {
    const length = bytes[at];
    if (length === undefined || length > LABEL_MAX_BYTES) return undefined;
    at++;
    if (length === 0) return { text, end: at };
    if (at + length > bytes.length || at + length - HEADER_BYTES >= NAME_MAX_BYTES) return undefined;
    if (text !== '') text += '.';
    for (let i = 0; i < length; i++) text += letterOf(bytes[at + i] as number);
    at += length;
  }
}

/** Walks the records behind the question: only OPT means something. Nothing may follow the last one. */
function readRecords(view: DataView, bytes: Uint8Array, from: number, count: number): Edns | undefined | 'malformed' {
  let edns: Edns | undefined;
  let at = from;
  for (let i = 0; i < count; i++) {
    const nameEnd = skipName(bytes, at);
    if (nameEnd === undefined || nameEnd + 10 > bytes.length) return 'malformed';
    const dataEnd = nameEnd + 10 + view.getUint16(nameEnd + 8);
    if (dataEnd > bytes.length) return 'malformed';
    if (view.getUint16(nameEnd) === TYPE.OPT) {
      if (edns || nameEnd !== at + 1) return 'malformed';
      const read = readOpt(view, bytes, nameEnd, dataEnd);
      if (read === 'malformed') return read;
      edns = read;
    }
    at = dataEnd;
  }
  return at === bytes.length ? edns : 'malformed';
}

function skipName(bytes: Uint8Array, from: number): number | undefined {
  for (let at = from; ; ) {
    const length = bytes[at];
    if (length === undefined) return undefined;
    if (length === 0) return at + 1;
    if (length >= 0xc0) return at + 2;
    if (length > LABEL_MAX_BYTES || at - from > NAME_MAX_BYTES) return undefined;
    at += 1 + length;
  }
}

/** Type | UDP size | extended rcode, version, DO and zeros | length | options (RFC 6891 section 6.1.2). */
function readOpt(view: DataView, bytes: Uint8Array, at: number, end: number): Edns | 'malformed' {
  let subnet: ClientSubnet | undefined;
  let option = at + 10;
  while (option < end) {
    if (option + 4 > end) return 'malformed';
    const dataEnd = option + 4 + view.getUint16(option + 2);
    if (dataEnd > end) return 'malformed';
    if (view.getUint16(option) === OPTION_CLIENT_SUBNET) {
      const read = readSubnet(bytes.subarray(option + 4, dataEnd));
      if (!read || subnet) return 'malformed';
      subnet = read;
    }
    option = dataEnd;
  }
  return {
    udpBytes: view.getUint16(at + 2),
    version: bytes[at + 5] as number,
    dnssecOk: (view.getUint16(at + 6) & EDNS_DO) !== 0,
    subnet,
  };
}

/** Family | source bits | scope bits, zero in a query | as many bytes of the address as the bits need, the rest zero. */
function readSubnet(data: Uint8Array): ClientSubnet | undefined {
  if (data.length < 4) return undefined;
  const [high, low, sourceBits, scopeBits] = data as unknown as [number, number, number, number];
  const family = (high << 8) | low;
  const addressBytes = data.subarray(4);
  if (scopeBits !== 0 || addressBytes.length !== Math.ceil(sourceBits / 8)) return undefined;
  if (sourceBits === 0) return { family, sourceBits, address: undefined };
  const size = family === 1 ? 4 : family === 2 ? 16 : 0;
  if (sourceBits > size * 8) return undefined;
  const spare = sourceBits % 8;
  if (spare !== 0 && ((addressBytes.at(-1) as number) & (0xff >> spare)) !== 0) return undefined;
  const whole = new Uint8Array(size);
  whole.set(addressBytes);
  return { family, sourceBits, address: ipAddress(whole) };
}
