/** TLS of a target, as the API says it: judged before it is stored, and never with a private key in an answer. */
import { z } from 'zod';
import {
  type ClientCertificateFault,
  certificateSummary,
  faultInClientCertificate,
  readCertificates,
} from '../../io/backend-certificates.ts';
import type { TargetsTable } from '../../io/store/index.ts';
import type { StoreSealing } from '../../io/store-sealing.ts';
import { ControlFailure } from '../problems.ts';
import { backendOf, clientKeyPlace, type StoredBackend } from '../target-backend.ts';
import { unixMs } from './schemas.ts';

const PEM_MAX_CHARS = 65_536;
const pem = z.string().max(PEM_MAX_CHARS);
const serverName = z.string().min(1).max(253).nullable();
const caPem = pem.nullable().describe('who vouches for the target, in place of the public authorities');
const clientCertificate = z
  .strictObject({
    chainPem: pem.describe('leaf first'),
    keyPem: pem.describe('kept sealed; PoPs alone get it, and no answer holds it'),
  })
  .nullable()
  .describe('what PoPs show to the target');

export const tlsBody = z.strictObject({
  serverName: serverName
    .default(null)
    .describe('the name to ask for and to verify; null: the name in hostHeader, else in the URL'),
  verify: z.boolean().default(true).describe('false: whoever answers is believed'),
  caPem: caPem.default(null),
  clientCertificate: clientCertificate.default(null),
});

/** Without the defaults: what is left out stays as it is. */
export const tlsChanges = z.strictObject({
  serverName: serverName.optional(),
  verify: z.boolean().optional(),
  caPem: caPem.optional(),
  clientCertificate: clientCertificate.optional(),
});

export type TlsChanges = z.output<typeof tlsChanges>;

export const tlsItem = z.object({
  serverName: z.string().nullable(),
  verify: z.boolean(),
  caPem: z.string().nullable(),
  clientCertificate: z.object({ chainPem: z.string(), subject: z.string(), notAfterUnixMs: unixMs }).nullable(),
});

export function tlsItemOf(row: TargetsTable): z.output<typeof tlsItem> {
  const { caPem: authorities, clientCertificate: shown } = backendOf(row);
  return {
    serverName: row.tls_server_name,
    verify: row.tls_verify === 1,
    caPem: authorities ?? null,
    clientCertificate: shown ? { chainPem: shown.chainPem, ...certificateSummary(shown.chainPem) } : null,
  };
}

/** What is written of a change in the audit trail: everything but the key. */
export function withoutKey<Body extends { readonly tls?: TlsChanges | undefined }>(
  body: Body,
): Record<string, unknown> {
  const shown = body.tls?.clientCertificate;
  if (!shown) return { ...body };
  const { subject } = certificateSummary(shown.chainPem);
  return { ...body, tls: { ...body.tls, clientCertificate: { subject } } };
}

type TlsColumns = Pick<TargetsTable, 'tls_server_name' | 'tls_verify'>;

/** What a row has after a change of its TLS. Failure `target-invalid`, which names the field. */
export function changedTls(
  row: TlsColumns & Pick<TargetsTable, 'id' | 'scheme'>,
  had: StoredBackend,
  changes: TlsChanges,
  sealing: StoreSealing,
): TlsColumns & { readonly backend: StoredBackend } {
  judge(row, changes);
  const { caPem: authorities, clientCertificate: shown } = changes;
  const { caPem: hadAuthorities, clientCertificate: hadShown, ...speech } = had;
  const kept = authorities === undefined ? hadAuthorities : (authorities ?? undefined);
  const sealed = shown && { chainPem: shown.chainPem, sealedKey: sealing.seal(shown.keyPem, clientKeyPlace(row.id)) };
  const certificate = shown === undefined ? hadShown : (sealed ?? undefined);
  const verify = changes.verify ?? row.tls_verify === 1;
  if (!verify && kept !== undefined)
    throw refused('tls.verify', 'true where there is a caPem: who is not verified needs nobody to vouch for it');
  return {
    tls_server_name: changes.serverName === undefined ? row.tls_server_name : changes.serverName,
    tls_verify: verify ? 1 : 0,
    backend: {
      ...speech,
      ...(kept !== undefined && { caPem: kept }),
      ...(certificate && { clientCertificate: certificate }),
    },
  };
}

function judge({ scheme }: Pick<TargetsTable, 'scheme'>, changes: TlsChanges): void {
  const { serverName: name, verify, caPem: authorities, clientCertificate: shown } = changes;
  if (scheme !== 'https') {
    const given = { serverName: name, caPem: authorities, clientCertificate: shown, verify: verify === false || null };
    for (const [field, value] of Object.entries(given))
      if (value !== undefined && value !== null)
        throw refused(`tls.${field}`, 'an https:// or h2:// target to go with');
  }
  if (authorities && !readCertificates(authorities))
    throw refused('tls.caPem', 'one or more certificates in PEM and nothing else');
  const fault = shown && faultInClientCertificate(shown.chainPem, shown.keyPem);
  if (fault) throw refused(...FAULTS[fault]);
}

const FAULTS: Readonly<Record<ClientCertificateFault, [field: string, expected: string]>> = {
  'certificate-unreadable': ['tls.clientCertificate.chainPem', 'certificates in PEM, the leaf first'],
  'key-unreadable': ['tls.clientCertificate.keyPem', 'a private key in PEM without a passphrase'],
  'key-differs': ['tls.clientCertificate.keyPem', 'the private key of the first certificate of chainPem'],
};

/** What was found is not repeated: it may be a key. */
function refused(field: string, expected: string): ControlFailure {
  const problems = [{ path: field, expected, found: 'something else' }];
  return new ControlFailure('target-invalid', `${field}: expected ${expected}`, { problems });
}
