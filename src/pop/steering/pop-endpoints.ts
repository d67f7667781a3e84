import { type IpAddress, parseEndpoint } from '../../base/index.ts';
import type { PopRecord } from '../../core/link/index.ts';

/**
 * Addresses on which browsers reach a PoP: those at the port that URLs have, or all where none is (another machine in
 * front passes the port on). Names and addresses that stand for "all" are left out.
 */
export function browserAddresses({ httpsEndpoints }: PopRecord, publicPort: number): IpAddress[] {
  const endpoints = httpsEndpoints.flatMap((text) => {
    const endpoint = parseEndpoint(text);
    return endpoint?.address.bytes.some((byte) => byte !== 0) ? [endpoint] : [];
  });
  const atPort = endpoints.filter(({ port }) => port === publicPort);
  const byText = new Map((atPort.length > 0 ? atPort : endpoints).map(({ address }) => [address.text, address]));
  return [...byText.values()];
}
