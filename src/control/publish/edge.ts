import type { DomainRecord, LinkRecord, StrictTransport, TicketSecretRecord } from '../../core/link/index.ts';
import type { DomainsTable, PublishedRows } from '../../io/store/index.ts';
import type { StoreSealing } from '../../io/store-sealing.ts';
import { ticketSecretPlace } from '../ticket-secrets.ts';

/** Domains, and what session tickets are made with. */
export function edgeRecords(rows: PublishedRows, sealing: StoreSealing): LinkRecord[] {
  return [
    ...rows.domains.map(domainOf),
    ...rows.ticketSecrets.flatMap(({ id, secret }): TicketSecretRecord[] => {
      const opened = sealing.unseal(secret, ticketSecretPlace(id));
      return opened === undefined ? [] : [{ kind: 'ticketSecret', id, secret: opened }];
    }),
  ];
}

function domainOf(row: DomainsTable): DomainRecord {
  return {
    kind: 'domain',
    id: row.id,
    organisationId: row.organisation_id,
    name: row.name,
    token: row.proof_token,
    ...(row.mode === 'zone' && { isZone: true }),
    ...(row.verified_unix_ms !== null && { isVerified: true }),
    ...(row.hsts !== null && { strictTransport: strictTransportOf(row.hsts) }),
  };
}

interface StoredHsts {
  readonly enabled: boolean;
  readonly maxAgeSeconds: number;
  readonly includeSubDomains: boolean;
  readonly preload: boolean;
}

function strictTransportOf(json: string): StrictTransport {
  const { enabled, maxAgeSeconds, includeSubDomains, preload } = JSON.parse(json) as StoredHsts;
  return enabled ? { isSaid: true, maxAgeSeconds, includesSubDomains: includeSubDomains, preload } : { isSaid: false };
}
