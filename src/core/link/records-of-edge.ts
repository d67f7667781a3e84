/** Records of names, and of what all PoPs do alike at the edge. */

/** A domain that an organisation has, or says it has. */
export interface DomainRecord {
  readonly kind: 'domain';
  readonly id: string;
  readonly organisationId: string;
  /** `example.com` */
  readonly name: string;
  /** In the names of its name servers and of what its hosts are aliases of. */
  readonly token: string;
  /** It is delegated to the PoPs, which answer for it. Left out: it is not. */
  readonly isZone?: true;
  /** Its organisation has proved that it is its own. Left out: not yet. */
  readonly isVerified?: true;
  /** What browsers are told of HTTPS at its hosts. Left out: as everywhere. */
  readonly strictTransport?: StrictTransport;
}

/** RFC 6797. `preload` is what lists of browsers ask for. */
export type StrictTransport =
  | { readonly isSaid: false }
  | {
      readonly isSaid: true;
      readonly maxAgeSeconds: number;
      readonly includesSubDomains: boolean;
      readonly preload: boolean;
    };

/** What keys of session tickets of one span of time are made from, at every PoP the same. */
export interface TicketSecretRecord {
  readonly kind: 'ticketSecret';
  /** The number of the span. */
  readonly id: string;
  /** 32 bytes, base64url. */
  readonly secret: string;
}
