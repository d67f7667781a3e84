import type { Clock } from '../../base/index.ts';
import {
  certifiedHostsNamed,
  deleteCertificate,
  deleteCertificateOrder,
  findCertificate,
  type StoreTransaction,
} from '../../io/store/index.ts';
import type { Host } from '../domains/wishes.ts';
import { wishesFor } from './ensure.ts';
import { putOrder } from './ensure-orders.ts';
import type { LocalLeaves } from './local-leaves.ts';
import { putOwnLeaves } from './own-leaves.ts';
import { type CertificateWish, wildcardOver } from './wishes.ts';

export interface HostCertificatesOptions {
  readonly portalHost: string;
  readonly leaves: LocalLeaves;
  readonly clock: Clock;
}

/**
 * What a host that comes or goes means for certificates, in the transaction that adds or removes it: so whoever sees the
 * host sees its certificate, on other control nodes, too, and no other host is looked at. What one host alone cannot say
 * (a wildcard covers others; one certificate may be for several) is left to a look at all of them.
 */
export class HostCertificates {
  readonly #options: HostCertificatesOptions;
  #isLookDue = false;

  constructor(options: HostCertificatesOptions) {
    this.#options = options;
  }

  /** Call when the resource is written. */
  async comes(transaction: StoreTransaction, { host }: Pick<Host, 'host'>): Promise<void> {
    if (!isName(host)) return;
    const wishes = await this.#wishesNear(transaction, host);
    await this.#options.leaves.put(transaction, wishes);
    await putOwnLeaves(transaction, wishes);
    for (const wish of wishes)
      if (wish.source === 'acme') await putOrder(transaction, wish, this.#options.clock.unixMs());
    const isOthers = !wishes.some(({ id }) => id === host) && (await findCertificate(transaction, host)) !== undefined;
    if (isWildcard(host) || isOthers) this.#isLookDue = true;
  }

  /** Call when the resource is removed, or has another host. */
  async goes(transaction: StoreTransaction, gone: Host): Promise<void> {
    const { host } = gone;
    if (!isName(host)) return;
    const { portalHost } = this.#options;
    const near = await certifiedHostsNamed(transaction, [host, wildcardOver(host)]);
    if (near.some((other) => other.host === host)) return;
    const wishes = await wishesFor(transaction, portalHost, [gone]);
    const isShared = wishes.some(({ id }) => id !== host && id !== portalHost);
    if (isWildcard(host) || host === portalHost || near.length > 0 || isShared) {
      this.#isLookDue = true;
      return;
    }
    await deleteCertificate(transaction, host);
    await deleteCertificateOrder(transaction, host);
  }

  /** Whether all hosts are to be looked at since the last time that this was asked. */
  takeLookDue(): boolean {
    const isDue = this.#isLookDue;
    this.#isLookDue = false;
    return isDue;
  }

  /** Of the host, the wildcard over it where that is a host as well, and the portal. */
  async #wishesNear(transaction: StoreTransaction, host: string): Promise<CertificateWish[]> {
    const near = await certifiedHostsNamed(transaction, [host, wildcardOver(host)]);
    if (!near.some((other) => other.host === host)) return [];
    return wishesFor(transaction, this.#options.portalHost, near);
  }
}

/** Of a resource without a host the column begins with a colon. */
function isName(host: string): boolean {
  return !host.startsWith(':');
}

function isWildcard(host: string): boolean {
  return host.startsWith('*.');
}
