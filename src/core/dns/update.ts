/** Changes of a zone on somebody else's server (RFC 2136), signed with a shared key (TSIG, RFC 8945). */
import { utf8 } from '../../base/index.ts';
import { TEXT_TTL_SECONDS, TSIG_FUDGE_SECONDS } from './constants.ts';
import { nameBytes } from './names.ts';
import { CLASS_ANY, CLASS_IN, CLASS_NONE, FLAG, HEADER_BYTES, OPCODE_UPDATE, TYPE } from './wire.ts';

export interface TextUpdate {
  readonly zone: string;
  readonly name: string;
  readonly text: string;
  /** Adds the text to what is there, or removes this text alone. */
  readonly action: 'add' | 'remove';
}

/** Undefined where a name is none, or the text is longer than one string holds. */
export function writeTextUpdate(id: number, { zone, name, text, action }: TextUpdate): Uint8Array | undefined {
  const [origin, owner] = [nameBytes(zone), nameBytes(name)];
  const data = utf8(text);
  if (!origin || !owner || data.length > 255) return undefined;
  const writer = new Bytes();
  writer.u16(id, OPCODE_UPDATE, 1, 0, 1, 0);
  writer.raw(origin);
  writer.u16(TYPE.SOA, CLASS_IN);
  writer.raw(owner);
  // A record of class NONE is one to delete (section 2.5.4).
  writer.u16(TYPE.TXT, action === 'add' ? CLASS_IN : CLASS_NONE);
  writer.u32(action === 'add' ? TEXT_TTL_SECONDS : 0);
  writer.u16(data.length + 1);
  writer.raw(Uint8Array.of(data.length), data);
  return writer.bytes();
}

export interface TsigKey {
  readonly name: string;
  readonly algorithm: TsigAlgorithm;
}

export type TsigAlgorithm = 'hmac-sha256' | 'hmac-sha384' | 'hmac-sha512';

export interface TsigTimes {
  readonly signedUnixSeconds: number;
  readonly fudgeSeconds: number;
}

/** What is signed of a message: it, and the key's and time's part of its signature (RFC 8945 section 4.3). */
export function tsigInput(
  message: Uint8Array,
  key: TsigKey,
  times: TsigTimes,
  more: { readonly requestMac?: Uint8Array; readonly error?: number; readonly other?: Uint8Array } = {},
): Uint8Array {
  const writer = new Bytes();
  if (more.requestMac) {
    writer.u16(more.requestMac.length);
    writer.raw(more.requestMac);
  }
  writer.raw(message, nameOf(key.name));
  writer.u16(CLASS_ANY);
  writer.u32(0);
  writer.raw(nameOf(key.algorithm));
  writeTimes(writer, times);
  const other = more.other ?? new Uint8Array();
  writer.u16(more.error ?? 0, other.length);
  writer.raw(other);
  return writer.bytes();
}

/** The message with its signature as the last record. */
export function withTsig(message: Uint8Array, key: TsigKey, times: TsigTimes, mac: Uint8Array): Uint8Array {
  const data = new Bytes();
  data.raw(nameOf(key.algorithm));
  writeTimes(data, times);
  data.u16(mac.length);
  data.raw(mac);
  // The message's own id, no error, nothing more.
  data.raw(message.subarray(0, 2));
  data.u16(0, 0);
  const record = data.bytes();
  const writer = new Bytes();
  writer.raw(message, nameOf(key.name));
  writer.u16(TYPE.TSIG, CLASS_ANY);
  writer.u32(0);
  writer.u16(record.length);
  writer.raw(record);
  const bytes = writer.bytes();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  view.setUint16(10, view.getUint16(10) + 1);
  return bytes;
}

export function tsigTimes(unixMs: number): TsigTimes {
  return { signedUnixSeconds: Math.floor(unixMs / 1000), fudgeSeconds: TSIG_FUDGE_SECONDS };
}

export interface SignedReply {
  readonly id: number;
  readonly rcode: number;
  /** Undefined where it is not signed. */
  readonly tsig:
    | { readonly mac: Uint8Array; readonly times: TsigTimes; readonly error: number; readonly input: Uint8Array }
    | undefined;
}

/** Reads the answer to an update: no more than what says whether it was done, and by whom. */
export function readUpdateReply(bytes: Uint8Array, key: TsigKey, requestMac: Uint8Array): SignedReply | undefined {
  if (bytes.length < HEADER_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const flags = view.getUint16(2);
  if (!(flags & FLAG.RESPONSE)) return undefined;
  const head = { id: view.getUint16(0), rcode: flags & 0xf };
  const found = findTsig(bytes, view, key);
  if (!found) return { ...head, tsig: undefined };
  const { at, mac, times, error, other, originalId } = found;
  const message = new Uint8Array(bytes.subarray(0, at));
  const plain = new DataView(message.buffer);
  plain.setUint16(0, originalId);
  plain.setUint16(10, plain.getUint16(10) - 1);
  return { ...head, tsig: { mac, times, error, input: tsigInput(message, key, times, { requestMac, error, other }) } };
}

/** The last record, where it is a signature by this key. Its names are never compressed (RFC 8945 section 4.2). */
function findTsig(bytes: Uint8Array, view: DataView, key: TsigKey) {
  const head = new Bytes();
  head.raw(nameOf(key.name));
  head.u16(TYPE.TSIG, CLASS_ANY);
  head.u32(0);
  const begin = head.bytes();
  const algorithm = nameOf(key.algorithm);
  for (let at = HEADER_BYTES; at + begin.length + 2 <= bytes.length; at++) {
    const data = at + begin.length + 2;
    if (!startsWith(bytes, at, begin) || data + view.getUint16(data - 2) !== bytes.length) continue;
    const rest = data + algorithm.length;
    if (!startsWith(bytes, data, algorithm) || rest + 10 > bytes.length) return undefined;
    const times = {
      signedUnixSeconds: view.getUint16(rest) * 2 ** 32 + view.getUint32(rest + 2),
      fudgeSeconds: view.getUint16(rest + 6),
    };
    const macEnd = rest + 10 + view.getUint16(rest + 8);
    if (macEnd + 6 > bytes.length || macEnd + 6 + view.getUint16(macEnd + 4) !== bytes.length) return undefined;
    const [originalId, error] = [view.getUint16(macEnd), view.getUint16(macEnd + 2)];
    return { at, times, mac: bytes.subarray(rest + 10, macEnd), originalId, error, other: bytes.subarray(macEnd + 6) };
  }
  return undefined;
}

/** Names of keys and algorithms count in lower case. */
function startsWith(bytes: Uint8Array, at: number, expected: Uint8Array): boolean {
  return expected.every((byte, i) => {
    const found = bytes[at + i] ?? -1;
    return byte === (found >= 0x41 && found <= 0x5a ? found + 0x20 : found);
  });
}

function nameOf(text: string): Uint8Array {
  const bytes = nameBytes(text);
  if (!bytes) throw new RangeError('the name of a key was not judged');
  return bytes;
}

function writeTimes(writer: Bytes, { signedUnixSeconds, fudgeSeconds }: TsigTimes): void {
  writer.u16(Math.floor(signedUnixSeconds / 2 ** 32));
  writer.u32(signedUnixSeconds % 2 ** 32);
  writer.u16(fudgeSeconds);
}

class Bytes {
  readonly #parts: Uint8Array[] = [];

  u16(...values: readonly number[]): void {
    for (const value of values) this.#parts.push(Uint8Array.of(value >> 8, value & 0xff));
  }

  u32(value: number): void {
    this.u16(Math.floor(value / 0x10000), value % 0x10000);
  }

  raw(...parts: readonly Uint8Array[]): void {
    this.#parts.push(...parts);
  }

  bytes(): Uint8Array<ArrayBuffer> {
    const whole = new Uint8Array(this.#parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of this.#parts) {
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  }
}
