/** Certificates that organisations gave: how they are kept, and what becomes of files that change. */

import { utcDay } from '../../base/index.ts';
import type { OwnCertificate } from '../../io/own-certificate.ts';
import {
  allDomains,
  allOwnCertificates,
  findOwnCertificate,
  type OwnCertificatesTable,
  type Queries,
  updateOwnCertificate,
} from '../../io/store/index.ts';
import type { StoreSealing } from '../../io/store-sealing.ts';
import { sealCertificateKey } from '../certificates/certificate-key.ts';
import { publishChange } from '../change.ts';
import type { Actor, Control } from '../control.ts';
import { notFound } from '../problems.ts';
import { CertificateFiles } from './certificate-files.ts';
import { EXPIRY_WARNING_MS } from './constants.ts';

export function certificateColumns(id: string, certificate: OwnCertificate, sealing: StoreSealing) {
  return {
    hosts: JSON.stringify(certificate.hosts),
    chain_pem: certificate.chainPem,
    key_pem: sealCertificateKey(sealing, id, certificate.keyPem),
    not_before_unix_ms: certificate.notBeforeUnixMs,
    not_after_unix_ms: certificate.notAfterUnixMs,
    warnings: JSON.stringify(certificate.warnings),
    fault: null,
  };
}

export async function requireOwnCertificate(
  queries: Queries,
  organisationId: string,
  id: string,
): Promise<OwnCertificatesTable> {
  const row = await findOwnCertificate(queries, organisationId, id);
  if (!row) throw notFound('certificate', id);
  return row;
}

/** What people are told of a certificate that goes on as it is. */
export function warningsAbout(row: OwnCertificatesTable, nowUnixMs: number): string[] {
  const leftMs = row.not_after_unix_ms - nowUnixMs;
  const day = utcDay(row.not_after_unix_ms);
  const expiry =
    leftMs <= 0
      ? [`it expired on ${day}; browsers refuse it`]
      : leftMs < EXPIRY_WARNING_MS
        ? [`it expires on ${day}, in ${Math.ceil(leftMs / 86_400_000)} days; give a new one`]
        : [];
  const fault = row.fault === null ? [] : [`its files have changed and are not used: ${row.fault}`];
  return [...fault, ...expiry, ...(JSON.parse(row.warnings) as string[])];
}

/** What an organisation is to look after: domains whose proof is gone, and certificates that nobody renews for it. */
export async function edgeWarnings(queries: Queries, organisationId: string, nowUnixMs: number): Promise<string[]> {
  const isOwn = (row: { readonly organisation_id: string }): boolean => row.organisation_id === organisationId;
  const domains = (await allDomains(queries)).filter((row) => isOwn(row) && row.state === 'failing');
  const certificates = (await allOwnCertificates(queries)).filter(isOwn);
  return [
    ...domains.map(({ name, reason }) => `Domain ${name} is failing: ${reason}`),
    ...certificates.flatMap((row) =>
      warningsAbout({ ...row, warnings: '[]' }, nowUnixMs).map((warning) => `Certificate ${row.name}: ${warning}.`),
    ),
  ];
}

/** Follows the files of this control node. */
export function watchCertificateFiles(
  { store, clock, log, keys }: Pick<Control, 'store' | 'clock' | 'log' | 'keys'>,
  control: () => Control,
): CertificateFiles {
  const actor = (row: OwnCertificatesTable): Actor => ({
    ...{ name: 'system', clientAddress: '', organisationId: row.organisation_id },
  });
  return new CertificateFiles({
    ...{ store, clock, log, controlId: keys.controlId },
    async changed(row, certificate) {
      await publishChange(control(), actor(row), async (transaction) => {
        await updateOwnCertificate(transaction, row.id, certificateColumns(row.id, certificate, keys.sealing));
        const detail = { name: row.name, hosts: certificate.hosts, notAfterUnixMs: certificate.notAfterUnixMs };
        return { value: undefined, note: { action: 'own-certificate.reload', subject: row.id, detail } };
      });
      await control().ensureCertificates();
    },
    faulty: (row, fault) => updateOwnCertificate(store.database, row.id, { fault }),
  });
}
