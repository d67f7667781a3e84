/** Which hosts are reached without the proxy: NO_PROXY as curl and Go read it. */
import { type IpAddress, parseIpAddress } from '../../base/index.ts';

/**
 * Whether one of the entries covers a host: `*` (all), `example.com` and `.example.com` (it and every name below it),
 * an address, a prefix such as `10.0.0.0/8`; each may end in `:port`.
 */
export function isExempt(entries: readonly string[], host: string, port: number): boolean {
  const name = bare(host);
  const address = parseIpAddress(name);
  return entries.some((entry) => covers(entry.trim().toLowerCase(), name, address, port));
}

function covers(entry: string, name: string, address: IpAddress | undefined, port: number): boolean {
  if (entry === '' || entry === '*') return entry === '*';
  const prefix = /^(.+)\/(\d{1,3})$/.exec(entry);
  if (prefix) return address !== undefined && isWithin(address, parseIpAddress(prefix[1] as string), Number(prefix[2]));
  const whole = parseIpAddress(bare(entry));
  const withPort = whole ? null : /^(.+):(\d{1,5})$/.exec(entry);
  if (withPort && Number(withPort[2]) !== port) return false;
  const wanted = bare(withPort?.[1] ?? entry).replace(/^\*?\./, '');
  const wantedAddress = whole ?? parseIpAddress(wanted);
  if (wantedAddress) return address?.text === wantedAddress.text;
  return name === wanted || name.endsWith(`.${wanted}`);
}

function isWithin(address: IpAddress, prefix: IpAddress | undefined, bits: number): boolean {
  if (prefix?.version !== address.version || bits > prefix.bytes.length * 8) return false;
  for (let bit = 0; bit < bits; bit++) if (bitOf(address, bit) !== bitOf(prefix, bit)) return false;
  return true;
}

function bitOf({ bytes }: IpAddress, bit: number): number {
  return ((bytes[bit >> 3] as number) >> (7 - (bit & 7))) & 1;
}

/** In lower case, without the brackets of an IPv6 address and the dot at the end of a name. */
function bare(host: string): string {
  return host
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '');
}
