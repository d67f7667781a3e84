/** Which autonomous system an address belongs to: ranges in order, in typed arrays, some 10 MB for the whole Internet. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { setImmediate } from 'node:timers/promises';
import { Failure, type IpAddress } from '../../base/index.ts';
import { ASN_ROWS_PER_TURN } from './constants.ts';

/** Rows `first,last,number,name` in ascending order, the addresses as decimal numbers. See docs/geography.md. */
const OWN_TABLES = ['@ip-location-db/asn/asn-ipv4-num.csv', '@ip-location-db/asn/asn-ipv6-num.csv'] as const;

export interface AsnTable {
  asn(address: IpAddress): number | undefined;
}

/** Reads the tables of the package, a little at a time so that requests go on. Failure `asn-table-unreadable`. */
export async function openAsnTable(files?: readonly [ipv4: string, ipv6: string]): Promise<AsnTable> {
  try {
    const resolve = (name: string): string => createRequire(import.meta.url).resolve(name);
    const [ipv4, ipv6] = files ?? [resolve(OWN_TABLES[0]), resolve(OWN_TABLES[1])];
    const low = await readRanges(await readFile(ipv4, 'latin1'));
    const high = await readRanges(await readFile(ipv6, 'latin1'));
    return { asn: (address) => find(address.version === 4 ? low : high, numberOf(address)) };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Failure('asn-table-unreadable', `The table of autonomous systems cannot be read: ${why}`, error);
  }
}

/** Halves of 64 bits; IPv4 has the lower alone. Ends of ranges are kept, since there are gaps. */
interface Ranges {
  readonly firstHigh: BigUint64Array;
  readonly firstLow: BigUint64Array;
  readonly lastHigh: BigUint64Array;
  readonly lastLow: BigUint64Array;
  readonly asns: Uint32Array;
  readonly count: number;
}

const LOW = 0xffff_ffff_ffff_ffffn;

async function readRanges(text: string): Promise<Ranges> {
  const rows = countRows(text);
  const made = () => new BigUint64Array(rows);
  const ranges = {
    firstHigh: made(),
    firstLow: made(),
    lastHigh: made(),
    lastLow: made(),
    asns: new Uint32Array(rows),
  };
  let count = 0;
  for (let at = 0; at < text.length; ) {
    const first = text.indexOf(',', at);
    const last = text.indexOf(',', first + 1);
    const [from, to] = [BigInt(text.slice(at, first)), BigInt(text.slice(first + 1, last))];
    ranges.firstHigh[count] = from >> 64n;
    ranges.firstLow[count] = from & LOW;
    ranges.lastHigh[count] = to >> 64n;
    ranges.lastLow[count] = to & LOW;
    ranges.asns[count++] = Number(text.slice(last + 1, text.indexOf(',', last + 1)));
    const next = text.indexOf('\n', last);
    at = next < 0 ? text.length : next + 1;
    if (count % ASN_ROWS_PER_TURN === 0) await setImmediate();
  }
  return { ...ranges, count };
}

function countRows(text: string): number {
  let rows = text.endsWith('\n') ? 0 : 1;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) rows++;
  return rows;
}

/** By bisection: the last range that begins at or before the address, where it reaches so far. */
function find(ranges: Ranges, [high, low]: readonly [bigint, bigint]): number | undefined {
  let from = 0;
  let to = ranges.count;
  while (from < to) {
    const middle = (from + to) >>> 1;
    const firstHigh = ranges.firstHigh[middle] as bigint;
    const isBefore = firstHigh < high || (firstHigh === high && (ranges.firstLow[middle] as bigint) <= low);
    if (isBefore) from = middle + 1;
    else to = middle;
  }
  const found = from - 1;
  if (found < 0) return undefined;
  const lastHigh = ranges.lastHigh[found] as bigint;
  const reaches = lastHigh > high || (lastHigh === high && (ranges.lastLow[found] as bigint) >= low);
  return reaches && ranges.asns[found] !== 0 ? ranges.asns[found] : undefined;
}

function numberOf({ bytes }: IpAddress): readonly [high: bigint, low: bigint] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return bytes.length === 4 ? [0n, BigInt(view.getUint32(0))] : [view.getBigUint64(0), view.getBigUint64(8)];
}
