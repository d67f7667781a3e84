import { assertNever, concat, type Endpoint, type IpAddress, utf8 } from '../../base/index.ts';
import type { ProxyHeader } from './header.ts';
import { FAMILIES, HEAD_BYTES, LOCAL_COMMAND, PROXY_COMMAND, SIGNATURE, TRANSPORTS } from './version-2.ts';

export type ProxyVersion = 1 | 2;

/**
 * The bytes of a header. Addresses of two families are both written as IPv6, the IPv4 one mapped. Version 1 has no word
 * for datagrams and none for LOCAL: it says UNKNOWN of both.
 */
export function writeProxyHeader(version: ProxyVersion, header: ProxyHeader): Uint8Array {
  switch (version) {
    case 1:
      return writeVersion1(header);
    case 2:
      return writeVersion2(header);
    default:
      return assertNever(version);
  }
}

function writeVersion1(header: ProxyHeader): Uint8Array {
  if (header.kind !== 'proxied' || header.transport !== 'stream') return utf8('PROXY UNKNOWN\r\n');
  const { source, destination } = header;
  const isIpv4 = areIpv4(source, destination);
  const text = (address: IpAddress) => (isIpv4 || address.version === 6 ? address.text : `::ffff:${address.text}`);
  return utf8(
    `PROXY TCP${isIpv4 ? 4 : 6} ${text(source.address)} ${text(destination.address)} ${source.port} ${destination.port}\r\n`,
  );
}

function writeVersion2(header: ProxyHeader): Uint8Array {
  switch (header.kind) {
    case 'local':
      return concat(SIGNATURE, new Uint8Array([LOCAL_COMMAND, FAMILIES.unspecified, 0, 0]));
    case 'unknown':
      return concat(SIGNATURE, new Uint8Array([PROXY_COMMAND, FAMILIES.unspecified, 0, 0]));
    case 'proxied': {
      const { source, destination } = header;
      const isIpv4 = areIpv4(source, destination);
      const size = isIpv4 ? 4 : 16;
      const bytes = new Uint8Array(HEAD_BYTES + 2 * size + 4);
      bytes.set(SIGNATURE);
      bytes[12] = PROXY_COMMAND;
      bytes[13] = (isIpv4 ? FAMILIES.ipv4 : FAMILIES.ipv6) | TRANSPORTS[header.transport];
      writeInteger(bytes, 14, bytes.length - HEAD_BYTES);
      writeAddress(bytes, HEAD_BYTES, size, source.address);
      writeAddress(bytes, HEAD_BYTES + size, size, destination.address);
      writeInteger(bytes, HEAD_BYTES + 2 * size, source.port);
      writeInteger(bytes, HEAD_BYTES + 2 * size + 2, destination.port);
      return bytes;
    }
    default:
      return assertNever(header);
  }
}

function areIpv4(source: Endpoint, destination: Endpoint): boolean {
  return source.address.version === 4 && destination.address.version === 4;
}

/** Right-aligned in its field; an IPv4 address in the field of an IPv6 one is mapped (RFC 4291 section 2.5.5.2). */
function writeAddress(bytes: Uint8Array, at: number, size: number, address: IpAddress): void {
  if (address.bytes.length < size) bytes.fill(0xff, at + 10, at + 12);
  bytes.set(address.bytes, at + size - address.bytes.length);
}

function writeInteger(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >> 8;
  bytes[at + 1] = value & 0xff;
}
