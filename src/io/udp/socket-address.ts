/**
 * Linux `sockaddr_in` and `sockaddr_in6` as bytes.
 *
 *     sockaddr_in   | family 2 (LE) | port 2 (BE) | address 4 | zero 8 |                        16 bytes
 *     sockaddr_in6  | family 2 (LE) | port 2 (BE) | flow 4 | address 16 | scope 4 |             28 bytes
 */
import { type Endpoint, type IpAddress, ipAddress } from '../../base/index.ts';
import type { Senders } from './senders.ts';

export const AF_INET = 2;
export const AF_INET6 = 10;
export const SOCKADDR_BYTES = 28;

/** Writes the endpoint for a socket of the family; IPv4 goes to an IPv6 socket as a mapped address. Returns its size. */
export function writeSocketAddress(into: Uint8Array, offset: number, family: number, endpoint: Endpoint): number {
  const { address, port } = endpoint;
  into.fill(0, offset, offset + SOCKADDR_BYTES);
  into[offset] = family;
  into[offset + 2] = port >> 8;
  into[offset + 3] = port & 0xff;
  if (family === AF_INET) {
    into.set(address.bytes, offset + 4);
    return 16;
  }
  into.set(address.version === 6 ? address.bytes : mapped(address), offset + 8);
  return SOCKADDR_BYTES;
}

/** Reads socket addresses; the same sender gives the same object, without work where it repeats. */
export class SocketAddressReader {
  readonly #senders: Senders;
  readonly #last = new Uint8Array(SOCKADDR_BYTES);
  #lastEndpoint: Endpoint | undefined;

  constructor(senders: Senders) {
    this.#senders = senders;
  }

  read(bytes: Uint8Array, offset: number): Endpoint {
    const size = bytes[offset] === AF_INET ? 16 : SOCKADDR_BYTES;
    if (this.#lastEndpoint && this.#isLast(bytes, offset, size)) return this.#lastEndpoint;
    const endpoint = this.#lookUp(bytes, offset);
    for (let i = 0; i < size; i++) this.#last[i] = bytes[offset + i] as number;
    this.#lastEndpoint = endpoint;
    return endpoint;
  }

  #isLast(bytes: Uint8Array, offset: number, size: number): boolean {
    for (let i = 0; i < size; i++) if (this.#last[i] !== bytes[offset + i]) return false;
    return true;
  }

  #lookUp(bytes: Uint8Array, offset: number): Endpoint {
    const port = ((bytes[offset + 2] as number) << 8) | (bytes[offset + 3] as number);
    if (bytes[offset] === AF_INET) return this.#senders.ofIpv4(bytes.subarray(offset + 4, offset + 8), port);
    return this.#senders.of(ipAddress(bytes.subarray(offset + 8, offset + 24)).text, port);
  }
}

function mapped(address: IpAddress): Uint8Array {
  const bytes = new Uint8Array(16);
  bytes[10] = 0xff;
  bytes[11] = 0xff;
  bytes.set(address.bytes, 12);
  return bytes;
}
