import { fromBase64, type IpAddress } from '../../base/index.ts';
import type { PopRecord } from '../../core/link/index.ts';
import { overlayAddress } from '../../core/overlay/index.ts';
import { sha256 } from '../../io/overlay/open-overlay.ts';

/** Another PoP as this one meets it: of two, the one with the lower overlay address dials, and opens the link. */
export interface Neighbour {
  readonly pop: PopRecord;
  readonly address: IpAddress;
  readonly opens: boolean;
}

/** The other PoPs whose key can be used. */
export function neighboursOf(pops: readonly PopRecord[], own: { popId: string; address: string }): Neighbour[] {
  return pops.flatMap((pop) => {
    const publicKey = fromBase64(pop.wireguardKey);
    if (pop.id === own.popId || publicKey?.length !== 32) return [];
    const address = overlayAddress(publicKey, sha256);
    return { pop, address, opens: own.address < address.text };
  });
}
