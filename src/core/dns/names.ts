import { utf8 } from '../../base/index.ts';
import { LABEL_MAX_BYTES, NAME_MAX_BYTES } from './wire.ts';

/** ASCII in lower case (RFC 4343); a dot within a label, a blank and the like are spelled out. */
export function letterOf(byte: number): string {
  if (byte >= 0x41 && byte <= 0x5a) return String.fromCharCode(byte + 0x20);
  const isPlain = byte > 0x20 && byte < 0x7f && byte !== 0x2e && byte !== 0x5c;
  return isPlain ? String.fromCharCode(byte) : `\\${String(byte).padStart(3, '0')}`;
}

export function labelText(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += letterOf(byte);
  return text;
}

/** A plain name on the wire, in lower case and uncompressed; undefined where it is none. The root is the empty text. */
export function nameBytes(name: string): Uint8Array | undefined {
  const labels = name === '' ? [] : name.toLowerCase().split('.');
  const parts = labels.map((label) => utf8(label));
  if (parts.some((part) => part.length === 0 || part.length > LABEL_MAX_BYTES)) return undefined;
  const size = parts.reduce((sum, part) => sum + part.length + 1, 1);
  if (size > NAME_MAX_BYTES) return undefined;
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    bytes[at] = part.length;
    bytes.set(part, at + 1);
    at += part.length + 1;
  }
  return bytes;
}
