import { assertNever, type IpAddress, utf8 } from '../../base/index.ts';
import { UDP_ANSWER_MAX_BYTES } from './constants.ts';
import type { BadQuery, Query } from './query.ts';
import { CLASS_IN, EDNS_DO, FLAG, HEADER_BYTES, OPTION_CLIENT_SUBNET, RCODE, type RcodeName, TYPE } from './wire.ts';

/** Whose record it is: the name that was asked for, the zone's own, or one label below the zone's. */
export type Owner = 'question' | 'origin' | { readonly label: string };

export type RecordData =
  | { readonly kind: 'address'; readonly address: IpAddress }
  | { readonly kind: 'ns'; readonly label: string }
  | {
      readonly kind: 'soa';
      readonly primary: string;
      readonly mailbox: string;
      /** Serial, refresh, retry, expire, minimum. */
      readonly numbers: readonly [number, number, number, number, number];
    }
  | { readonly kind: 'caa'; readonly isCritical: boolean; readonly tag: string; readonly value: string }
  | { readonly kind: 'txt'; readonly text: string }
  | { readonly kind: 'hinfo'; readonly cpu: string; readonly os: string };

export interface ResourceRecord {
  readonly owner: Owner;
  readonly ttlSeconds: number;
  readonly data: RecordData;
}

export interface Answer {
  readonly rcode: RcodeName;
  readonly isAuthoritative: boolean;
  readonly answers: readonly ResourceRecord[];
  readonly authorities: readonly ResourceRecord[];
  /** Left out, one after the other, where they do not fit. */
  readonly additionals: readonly ResourceRecord[];
  /** For how many bits of the client's address this is the answer (RFC 7871 section 7.2.1); 0: for everybody. */
  readonly scopeBits: number;
}

export interface WriteOptions {
  /** Bytes of the zone's name at the end of the question's name, its root included; 0 outside the zone. */
  readonly originBytes: number;
  readonly maxBytes: number;
}

/** The header alone, for what could not be understood. */
export function writeBad({ id, flags, rcode }: BadQuery): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, id);
  view.setUint16(2, FLAG.RESPONSE | (flags & (FLAG.OPCODE | FLAG.RECURSION_DESIRED)) | RCODE[rcode]);
  return bytes;
}

/** An answer that says nothing but "ask again over TCP". */
export function writeTruncated(query: Query): Uint8Array {
  const writer = new Writer(query, 0);
  return writer.finish('NOERROR', FLAG.TRUNCATED, 0);
}

/** The answer as bytes; truncated (TC) where answers and authorities do not fit. */
export function writeAnswer(query: Query, answer: Answer, options: WriteOptions): Uint8Array {
  const flags = answer.isAuthoritative ? FLAG.AUTHORITATIVE : 0;
  const writer = new Writer(query, options.originBytes);
  const limit = options.maxBytes - optBytes(query);
  for (const [section, records] of [answer.answers, answer.authorities].entries())
    for (const record of records) writer.record(section as 0 | 1, record);
  if (writer.length > limit) return new Writer(query, 0).finish(answer.rcode, flags | FLAG.TRUNCATED, answer.scopeBits);
  for (const record of answer.additionals) {
    const mark = writer.mark();
    writer.record(2, record);
    if (writer.length > limit) {
      writer.reset(mark);
      break;
    }
  }
  return writer.finish(answer.rcode, flags, answer.scopeBits);
}

function optBytes({ edns }: Query): number {
  if (!edns) return 0;
  return 11 + (edns.subnet ? 8 + Math.ceil(edns.subnet.sourceBits / 8) : 0);
}

const POINTER = 0xc000;

/** Writes one message. Names are one label at most in front of a pointer into the question. */
class Writer {
  readonly #query: Query;
  readonly #originOffset: number;
  readonly #labels = new Map<string, number>();
  readonly #counts = [0, 0, 0];
  #bytes = new Uint8Array(512);
  #view = new DataView(this.#bytes.buffer);
  length: number;

  constructor(query: Query, originBytes: number) {
    this.#query = query;
    // Behind the name stand type and class.
    this.#originOffset = HEADER_BYTES + query.question.length - 4 - originBytes;
    this.#bytes.set(query.question, HEADER_BYTES);
    this.length = HEADER_BYTES + query.question.length;
  }

  mark(): { length: number; counts: readonly number[] } {
    return { length: this.length, counts: [...this.#counts] };
  }

  reset({ length, counts }: { length: number; counts: readonly number[] }): void {
    this.length = length;
    for (const [index, count] of counts.entries()) this.#counts[index] = count;
  }

  record(section: 0 | 1 | 2, { owner, ttlSeconds, data }: ResourceRecord): void {
    this.#counts[section] = (this.#counts[section] as number) + 1;
    if (owner === 'question') this.#u16(POINTER | HEADER_BYTES);
    else if (owner === 'origin') this.#u16(POINTER | this.#originOffset);
    else this.#label(owner.label);
    this.#u16(typeOf(data));
    this.#u16(CLASS_IN);
    this.#u32(ttlSeconds);
    const lengthAt = this.length;
    this.#u16(0);
    this.#data(data);
    this.#view.setUint16(lengthAt, this.length - lengthAt - 2);
  }

  finish(rcode: RcodeName, flags: number, scopeBits: number): Uint8Array {
    const { id, flags: asked, edns } = this.#query;
    const code = RCODE[rcode];
    if (edns) this.#opt(code >> 4, scopeBits);
    const view = this.#view;
    view.setUint16(0, id);
    view.setUint16(2, FLAG.RESPONSE | flags | (asked & FLAG.RECURSION_DESIRED) | (code & 0xf));
    view.setUint16(4, 1);
    for (const [index, count] of this.#counts.entries()) view.setUint16(6 + 2 * index, count);
    return this.#bytes.subarray(0, this.length);
  }

  #opt(extendedRcode: number, scopeBits: number): void {
    const { edns } = this.#query;
    this.#counts[2] = (this.#counts[2] as number) + 1;
    this.#u8(0);
    this.#u16(TYPE.OPT);
    this.#u16(UDP_ANSWER_MAX_BYTES);
    this.#u8(extendedRcode);
    this.#u8(0);
    this.#u16(edns?.dnssecOk ? EDNS_DO : 0);
    const subnet = edns?.subnet;
    const addressBytes = Math.ceil((subnet?.sourceBits ?? 0) / 8);
    this.#u16(subnet ? 8 + addressBytes : 0);
    if (!subnet) return;
    this.#u16(OPTION_CLIENT_SUBNET);
    this.#u16(4 + addressBytes);
    this.#u16(subnet.family);
    this.#u8(subnet.sourceBits);
    this.#u8(scopeBits);
    if (subnet.address) this.#raw(subnet.address.bytes.subarray(0, addressBytes));
  }

  #data(data: RecordData): void {
    switch (data.kind) {
      case 'address':
        this.#raw(data.address.bytes);
        break;
      case 'ns':
        this.#label(data.label);
        break;
      case 'soa':
        this.#label(data.primary);
        this.#label(data.mailbox);
        for (const number of data.numbers) this.#u32(number);
        break;
      case 'caa':
        this.#u8(data.isCritical ? 0x80 : 0);
        this.#string(utf8(data.tag));
        this.#raw(utf8(data.value));
        break;
      case 'txt':
        this.#text(utf8(data.text));
        break;
      case 'hinfo':
        this.#string(utf8(data.cpu));
        this.#string(utf8(data.os));
        break;
      default:
        assertNever(data);
    }
  }

  /** One label below the zone's name. */
  #label(label: string): void {
    const known = this.#labels.get(label);
    if (known !== undefined) this.#u16(POINTER | known);
    else {
      this.#labels.set(label, this.length);
      this.#string(utf8(label));
      this.#u16(POINTER | this.#originOffset);
    }
  }

  /** Pieces of 255 bytes, one at least (RFC 1035 section 3.3.14). */
  #text(bytes: Uint8Array): void {
    for (let at = 0; at === 0 || at < bytes.length; at += 255) this.#string(bytes.subarray(at, at + 255));
  }

  #string(bytes: Uint8Array): void {
    this.#u8(bytes.length);
    this.#raw(bytes);
  }

  #raw(bytes: Uint8Array): void {
    this.#room(bytes.length);
    this.#bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  #u8(value: number): void {
    this.#room(1);
    this.#bytes[this.length++] = value;
  }

  #u16(value: number): void {
    this.#room(2);
    this.#view.setUint16(this.length, value);
    this.length += 2;
  }

  #u32(value: number): void {
    this.#room(4);
    this.#view.setUint32(this.length, value);
    this.length += 4;
  }

  #room(more: number): void {
    if (this.length + more <= this.#bytes.length) return;
    const larger = new Uint8Array(2 * (this.length + more));
    larger.set(this.#bytes.subarray(0, this.length));
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
  }
}

function typeOf(data: RecordData): number {
  switch (data.kind) {
    case 'address':
      return data.address.version === 4 ? TYPE.A : TYPE.AAAA;
    case 'ns':
      return TYPE.NS;
    case 'soa':
      return TYPE.SOA;
    case 'caa':
      return TYPE.CAA;
    case 'txt':
      return TYPE.TXT;
    case 'hinfo':
      return TYPE.HINFO;
    default:
      return assertNever(data);
  }
}
