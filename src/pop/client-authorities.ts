import type { ClientAuthorityRecord } from '../core/link/index.ts';
import type { ClientCertificate } from '../core/policy/index.ts';
import { type CertificateFacts, type PresentedCertificate, readCertificate } from '../io/client-certificate.ts';

/** Why a certificate that was shown stands for nobody; counted. */
export type CertificateDropReason =
  | 'certificate-untrusted'
  | 'certificate-expired'
  | 'certificate-not-yet-valid'
  | 'certificate-revoked'
  | 'certificate-wrong-purpose'
  | 'revocation-list-stale';

/** A certificate that counts, with what the policy looks at and what the backend is told. */
export interface AcceptedCertificate {
  readonly forPolicy: ClientCertificate;
  readonly facts: CertificateFacts;
}

/** An authority as it judges: its certificate read, its revoked serial numbers in a set. */
interface KnownAuthority {
  readonly record: ClientAuthorityRecord;
  readonly certificate: CertificateFacts | undefined;
  readonly fingerprints: ReadonlySet<string>;
  readonly revoked: ReadonlySet<string>;
}

/** The client authorities of a snapshot by resource; the same object as long as their records stay the same. */
export class ClientAuthorities {
  readonly #records: readonly ClientAuthorityRecord[];
  readonly #byResource: ReadonlyMap<string, readonly KnownAuthority[]>;

  private constructor(records: readonly ClientAuthorityRecord[]) {
    this.#records = records;
    const byResource = new Map<string, KnownAuthority[]>();
    for (const record of records) {
      const known = knownAuthority(record);
      for (const resourceId of record.resourceIds)
        byResource.set(resourceId, [...(byResource.get(resourceId) ?? []), known]);
    }
    this.#byResource = byResource;
  }

  /** The previous ones where nothing has changed: what was made from their certificates stays. */
  static of(records: readonly ClientAuthorityRecord[], previous: ClientAuthorities | undefined): ClientAuthorities {
    const before = previous ? previous.#records : [];
    const isSame = before.length === records.length && records.every((record, at) => record === before[at]);
    return previous && isSame ? previous : new ClientAuthorities(records);
  }

  get isAny(): boolean {
    return this.#byResource.size > 0;
  }

  has(resourceId: string): boolean {
    return this.#byResource.has(resourceId);
  }

  /** PEM of the authorities that clients of a resource are asked for. */
  certificatesOf(resourceId: string): string[] {
    const authorities = this.#byResource.get(resourceId) ?? [];
    return authorities.flatMap(({ certificate }) => (certificate ? [certificate.pem] : []));
  }

  /** Judged on every request, so what was revoked, taken away or has run out since the handshake counts. */
  judge(
    resourceId: string,
    presented: PresentedCertificate,
    nowUnixMs: number,
  ): AcceptedCertificate | CertificateDropReason {
    const { leaf, chain } = presented;
    let reason: CertificateDropReason = 'certificate-untrusted';
    for (const authority of this.#byResource.get(resourceId) ?? []) {
      const vouched = vouchedBy(authority, leaf, chain);
      if (!vouched) continue;
      const fault = faultIn(authority, vouched, nowUnixMs);
      if (fault === undefined) return accepted(authority.record.id, leaf);
      reason = fault;
    }
    return reason;
  }
}

function knownAuthority(record: ClientAuthorityRecord): KnownAuthority {
  return {
    record,
    certificate: record.certificatePem === undefined ? undefined : readOrNone(record.certificatePem),
    fingerprints: new Set(record.fingerprints),
    revoked: new Set(record.revokedSerials),
  };
}

/** Control has read it before; what cannot be read here vouches for nobody. */
function readOrNone(pem: string): CertificateFacts | undefined {
  try {
    return readCertificate(pem);
  } catch {
    return undefined;
  }
}

/** The certificates that must hold for the authority to vouch: leaf first, its own last. */
function vouchedBy(
  { certificate, fingerprints }: KnownAuthority,
  leaf: CertificateFacts,
  chain: readonly CertificateFacts[] | undefined,
): readonly CertificateFacts[] | undefined {
  if (fingerprints.has(leaf.fingerprint)) return [leaf];
  if (!certificate || !chain) return undefined;
  const until = chain.findIndex((each, at) => {
    const issuer = chain[at + 1];
    return each.isIssuedBy(certificate) || (issuer !== undefined && !each.isIssuedBy(issuer));
  });
  const last = chain[until];
  return last?.isIssuedBy(certificate) ? [...chain.slice(0, until + 1), certificate] : undefined;
}

function faultIn(
  { record, revoked }: KnownAuthority,
  vouched: readonly CertificateFacts[],
  nowUnixMs: number,
): CertificateDropReason | undefined {
  for (const { notBeforeUnixMs, notAfterUnixMs } of vouched) {
    if (!(nowUnixMs <= notAfterUnixMs)) return 'certificate-expired';
    if (!(nowUnixMs >= notBeforeUnixMs)) return 'certificate-not-yet-valid';
  }
  if (!vouched[0]?.isForClients) return 'certificate-wrong-purpose';
  // What a list says is about those that its authority issued itself.
  const issued = vouched.length > 1 ? vouched.at(-2) : undefined;
  if (issued && revoked.has(issued.serial)) return 'certificate-revoked';
  const isStale = record.revocationsUntilUnixMs !== undefined && nowUnixMs > record.revocationsUntilUnixMs;
  return issued && isStale ? 'revocation-list-stale' : undefined;
}

function accepted(authorityId: string, facts: CertificateFacts): AcceptedCertificate {
  const { fingerprint, commonName, emails } = facts;
  return { facts, forPolicy: { fingerprint, authorityId, commonName, emails } };
}
