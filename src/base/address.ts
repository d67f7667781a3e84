/**
 * IP addresses and endpoints. An address is kept as its bytes (4 or 16) and compared by its canonical text
 * (RFC 5952); parsing is strict: no leading zeros, no zone, no IPv4 in fewer than four parts.
 */
export interface IpAddress {
  readonly version: 4 | 6;
  readonly bytes: Uint8Array;
  /** Canonical text (RFC 5952), also fit as a map key. */
  readonly text: string;
}

/** Where a datagram comes from or goes to. */
export interface Endpoint {
  readonly address: IpAddress;
  readonly port: number;
}

/** An address of 4 or 16 bytes; the bytes are copied. Throws for other lengths: a programming error. */
export function ipAddress(bytes: Uint8Array): IpAddress {
  if (bytes.length !== 4 && bytes.length !== 16)
    throw new RangeError(`an address has 4 or 16 bytes, not ${bytes.length}`);
  const own = bytes.slice();
  return own.length === 4
    ? { version: 4, bytes: own, text: own.join('.') }
    : { version: 6, bytes: own, text: formatIpv6(own) };
}

/** The address a text spells, or undefined. IPv6 in brackets or with a zone is not an address. */
export function parseIpAddress(text: string): IpAddress | undefined {
  const bytes = text.includes(':') ? parseIpv6(text) : parseIpv4(text);
  return bytes && ipAddress(bytes);
}

/** `192.0.2.1:80` or `[2001:db8::1]:80`, or undefined. */
export function parseEndpoint(text: string): Endpoint | undefined {
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text);
  if (!match) return undefined;
  const address = parseIpAddress(match[1] ?? match[2] ?? '');
  const port = Number(match[3]);
  if (!address || port > 65535 || (match[1] !== undefined) !== (address.version === 6)) return undefined;
  return { address, port };
}

/** `192.0.2.1:80` or `[2001:db8::1]:80`. */
export function formatEndpoint(endpoint: Endpoint): string {
  const { address, port } = endpoint;
  return address.version === 6 ? `[${address.text}]:${port}` : `${address.text}:${port}`;
}

export function sameEndpoint(a: Endpoint, b: Endpoint): boolean {
  return a === b || (a.port === b.port && a.address.text === b.address.text);
}

/** An IPv4-mapped IPv6 address (::ffff:0:0/96, RFC 4291 section 2.5.5.2) as the IPv4 address it stands for. */
export function unmapIpv4(address: IpAddress): IpAddress {
  if (address.version === 4) return address;
  const { bytes } = address;
  for (let i = 0; i < 10; i++) if (bytes[i] !== 0) return address;
  return bytes[10] === 0xff && bytes[11] === 0xff ? ipAddress(bytes.subarray(12)) : address;
}

/** The first bytes of 64:ff9b::/96, by which translators say an IPv4 address (NAT64, RFC 6052 section 2.1). */
const NAT64_HEAD = [0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0];

/** The IPv4 address that an IPv6 one of NAT64 stands for; any other as it is. */
export function unmapNat64(address: IpAddress): IpAddress {
  const { version, bytes } = address;
  const isOne = version === 6 && NAT64_HEAD.every((byte, i) => bytes[i] === byte);
  return isOne ? ipAddress(bytes.subarray(12)) : address;
}

function parseIpv4(text: string): Uint8Array | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  const bytes = new Uint8Array(4);
  for (let i = 0; i < 4; i++) {
    const part = parts[i] as string;
    if (!/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return undefined;
    bytes[i] = Number(part);
  }
  return bytes;
}

function parseIpv6(text: string): Uint8Array | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const head = parseGroups(halves[0] as string, halves.length === 1);
  const tail = halves.length === 2 ? parseGroups(halves[1] as string, true) : [];
  if (!head || !tail) return undefined;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const bytes = new Uint8Array(16);
  const groups = [...head, ...new Array<number>(missing).fill(0), ...tail];
  for (let i = 0; i < 8; i++) {
    bytes[2 * i] = (groups[i] as number) >> 8;
    bytes[2 * i + 1] = (groups[i] as number) & 0xff;
  }
  return bytes;
}

function parseGroups(text: string, mayEndInIpv4: boolean): number[] | undefined {
  if (text === '') return [];
  const parts = text.split(':');
  const groups: number[] = [];
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i] as string;
    if (mayEndInIpv4 && i === parts.length - 1 && part.includes('.')) {
      const v4 = parseIpv4(part);
      if (!v4) return undefined;
      groups.push(((v4[0] as number) << 8) | (v4[1] as number), ((v4[2] as number) << 8) | (v4[3] as number));
    } else {
      if (!/^[0-9a-fA-F]{1,4}$/.test(part)) return undefined;
      groups.push(Number.parseInt(part, 16));
    }
  }
  return groups;
}

function formatIpv6(bytes: Uint8Array): string {
  const groups: number[] = [];
  for (let i = 0; i < 16; i += 2) groups.push(((bytes[i] as number) << 8) | (bytes[i + 1] as number));
  let bestStart = -1;
  let bestLength = 1;
  for (let start = 0; start < 8; start++) {
    let end = start;
    while (end < 8 && groups[end] === 0) end++;
    if (end - start > bestLength) {
      bestStart = start;
      bestLength = end - start;
    }
  }
  const hex = groups.map((group) => group.toString(16));
  if (bestStart < 0) return hex.join(':');
  return `${hex.slice(0, bestStart).join(':')}::${hex.slice(bestStart + bestLength).join(':')}`;
}
