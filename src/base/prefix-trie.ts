import { type IpAddress, parseIpAddress } from './address.ts';

/** An address block (RFC 4632, RFC 4291 section 2.3). Bits behind `length` are zero. */
export interface Prefix {
  readonly address: IpAddress;
  readonly length: number;
}

/** `10.0.0.0/8`, `2001:db8::/32`, or a bare address as a block of one. Undefined where host bits are set. */
export function parsePrefix(text: string): Prefix | undefined {
  const slash = text.indexOf('/');
  const address = parseIpAddress(slash < 0 ? text : text.slice(0, slash));
  if (!address) return undefined;
  const bits = address.bytes.length * 8;
  const lengthText = slash < 0 ? String(bits) : text.slice(slash + 1);
  if (!/^(0|[1-9]\d{0,2})$/.test(lengthText)) return undefined;
  const length = Number(lengthText);
  if (length > bits) return undefined;
  for (let i = length; i < bits; i++) if (bitAt(address.bytes, i) === 1) return undefined;
  return { address, length };
}

export function formatPrefix(prefix: Prefix): string {
  return `${prefix.address.text}/${prefix.length}`;
}

interface Node<Value> {
  zero?: Node<Value>;
  one?: Node<Value>;
  value?: { of: Value };
}

/** Longest-prefix match over IPv4 and IPv6 blocks. One bit a level: at most 128 steps, no rebalancing. */
export class PrefixTrie<Value> {
  #ipv4: Node<Value> = {};
  #ipv6: Node<Value> = {};
  #size = 0;

  /** How many blocks hold a value. */
  get size(): number {
    return this.#size;
  }

  /** Sets the value of a block, in place of the one it had. */
  set(prefix: Prefix, value: Value): void {
    let node = prefix.address.version === 4 ? this.#ipv4 : this.#ipv6;
    for (let i = 0; i < prefix.length; i++) {
      const side = bitAt(prefix.address.bytes, i) === 1 ? 'one' : 'zero';
      node[side] ??= {};
      node = node[side];
    }
    if (!node.value) this.#size++;
    node.value = { of: value };
  }

  /** The value of the longest block that holds the address. */
  match(address: IpAddress): Value | undefined {
    let node: Node<Value> | undefined = address.version === 4 ? this.#ipv4 : this.#ipv6;
    let best = node.value;
    for (let i = 0; node && i < address.bytes.length * 8; i++) {
      node = bitAt(address.bytes, i) === 1 ? node.one : node.zero;
      if (node?.value) best = node.value;
    }
    return best?.of;
  }
}

function bitAt(bytes: Uint8Array, index: number): 0 | 1 {
  return (((bytes[index >> 3] as number) >> (7 - (index & 7))) & 1) as 0 | 1;
}

/** The addresses that are in one of several blocks. */
export function prefixSet(prefixes: Iterable<Prefix>): PrefixTrie<true> {
  const set = new PrefixTrie<true>();
  for (const prefix of prefixes) set.set(prefix, true);
  return set;
}
