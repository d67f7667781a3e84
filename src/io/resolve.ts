import { lookup } from 'node:dns/promises';
import { type IpAddress, parseIpAddress } from '../base/index.ts';

/** The first address that the machine's resolver has for a name; undefined where it has none. */
export async function resolveName(name: string): Promise<IpAddress | undefined> {
  try {
    return parseIpAddress((await lookup(name)).address);
  } catch {
    return undefined;
  }
}
