import { networkInterfaces } from 'node:os';

/** The addresses of this machine's network as one text, the same while it stays where it is. */
export function ownAddresses(): string {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  const outward = all.filter(({ internal, scopeid }) => !internal && !scopeid);
  return [...new Set(outward.map(({ address }) => address))].sort().join(' ');
}
