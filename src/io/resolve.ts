import { lookup } from 'node:dns/promises';
import { type Endpoint, type IpAddress, parseEndpoint, parseIpAddress } from '../base/index.ts';

/** The first address that the machine's resolver has for a name, or the first of IPv4; undefined where it has none. */
export async function resolveName(
  name: string,
  order: 'verbatim' | 'ipv4first' = 'verbatim',
): Promise<IpAddress | undefined> {
  try {
    return parseIpAddress((await lookup(name, { order })).address);
  } catch {
    return undefined;
  }
}

/** Finds the address of a name. */
export type Resolve = (name: string) => Promise<IpAddress | undefined>;

/** The endpoint that `host:port` or `[v6]:port` stands for; undefined where it is neither, or the name is not found. */
export async function findEndpoint(text: string, resolve: Resolve = resolveName): Promise<Endpoint | undefined> {
  const literal = parseEndpoint(text);
  if (literal) return literal;
  const [, name, port] = /^([a-zA-Z0-9.-]+):(\d{1,5})$/.exec(text) ?? [];
  if (name === undefined || Number(port) > 65_535) return undefined;
  const address = await resolve(name);
  return address && { address, port: Number(port) };
}
