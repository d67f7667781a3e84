import { type IpAddress, parseEndpoint } from '../../base/index.ts';

/**
 * Addresses on which browsers reach a PoP: those at the port that URLs have, or all where none is (another machine in
 * front passes the port on). Names and addresses that stand for "all" are left out.
 */
export function browserAddresses(
  { httpsEndpoints }: { readonly httpsEndpoints: readonly string[] },
  publicPort: number,
): IpAddress[] {
  const endpoints = httpsEndpoints.flatMap((text) => {
    const endpoint = parseEndpoint(text);
    return endpoint?.address.bytes.some((byte) => byte !== 0) ? [endpoint] : [];
  });
  const atPort = endpoints.filter(({ port }) => port === publicPort);
  const byText = new Map((atPort.length > 0 ? atPort : endpoints).map(({ address }) => [address.text, address]));
  return [...byText.values()];
}

/**
 * The addresses of each name server, `ns1` first: those of the PoPs in the order of their enrolment, so that the names
 * at the parent zone stay right when one is added.
 */
export function nameserverAddresses(
  pops: Iterable<{ readonly id: string; readonly httpsEndpoints: readonly string[] }>,
  publicPort: number,
  atMost: number,
): IpAddress[][] {
  return [...pops]
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .map((pop) => browserAddresses(pop, publicPort))
    .filter((addresses) => addresses.length > 0)
    .slice(0, atMost);
}
