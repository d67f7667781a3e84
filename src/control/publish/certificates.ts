import type { AcmeAnswer, AcmeChallengeRecord, CertificateRecord, LinkRecord } from '../../core/link/index.ts';
import type { AcmeChallengesTable, CertificatesTable, PublishedRows } from '../../io/store/index.ts';
import type { StoreSealing } from '../../io/store-sealing.ts';
import { openCertificateKey } from '../certificates/certificate-key.ts';

/** Certificates with their keys, and what PoPs answer to ACME directories. */
export class CertificateRecords {
  readonly #sealing: StoreSealing;
  /** By their ids, from earlier readings: there may be ten thousand, and to unseal a key takes longer than all else. */
  #known = new Map<string, Known>();

  constructor(sealing: StoreSealing) {
    this.#sealing = sealing;
  }

  /** @param isAll whether the rows are all there are, so that others are forgotten */
  records(
    { certificates, acmeChallenges }: Pick<PublishedRows, 'certificates' | 'acmeChallenges'>,
    isAll: boolean,
  ): LinkRecord[] {
    const before = this.#known;
    if (isAll) this.#known = new Map();
    return [
      ...certificates.flatMap((row) => this.#recordOf(row, before.get(row.id)) ?? []),
      // A provider serves the others.
      ...acmeChallenges.filter((row) => row.dns_provider_id === null).map(challengeOf),
    ];
  }

  /** Undefined where the key cannot be read: another one is on its way, since whoever looks after certificates sees it, too. */
  #recordOf(row: CertificatesTable, before: Known | undefined): CertificateRecord | undefined {
    const record = before && isSame(before.row, row) ? before.record : certificateOf(row, this.#sealing);
    if (record) this.#known.set(row.id, { row, record });
    return record;
  }
}

interface Known {
  readonly row: CertificatesTable;
  readonly record: CertificateRecord;
}

function isSame(one: CertificatesTable, other: CertificatesTable): boolean {
  return one.key_pem === other.key_pem && one.chain_pem === other.chain_pem && one.hosts === other.hosts;
}

function certificateOf(row: CertificatesTable, sealing: StoreSealing): CertificateRecord | undefined {
  const keyPem = openCertificateKey(sealing, row);
  if (keyPem === undefined) return undefined;
  return {
    kind: 'certificate',
    id: row.id,
    hosts: JSON.parse(row.hosts) as string[],
    chainPem: row.chain_pem,
    keyPem,
    notAfterUnixMs: row.not_after_unix_ms,
  };
}

function challengeOf(row: AcmeChallengesTable): AcmeChallengeRecord {
  return { kind: 'acmeChallenge', id: row.id, name: row.name, challenge: answerOf(row) };
}

function answerOf({ kind, token, proof, certificate, record_name }: AcmeChallengesTable): AcmeAnswer {
  if (kind === 'http-01') return { kind, token, keyAuthorization: proof };
  if (kind === 'dns-01') return { kind, recordName: record_name ?? '', text: proof };
  return { kind, ...(JSON.parse(certificate ?? '{}') as { certificatePem: string; keyPem: string }) };
}
