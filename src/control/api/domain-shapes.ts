import { z } from 'zod';
import type { DomainsTable, ResourcesTable } from '../../io/store/index.ts';
import type { CheckedRecord } from '../domains/checklist.ts';
import { domainOf } from '../domains/wishes.ts';
import { id, source, sourceItem, unixMs } from './schemas.ts';

const mode = z
  .enum(['zone', 'cname', 'wildcard-cname'])
  .describe(
    'zone: its NS records name the PoPs; cname: each host is an alias; wildcard-cname: one alias for all hosts',
  );
const certificate = z
  .enum(['local', 'acme', 'own'])
  .describe('where certificates of its hosts come from: the local authority, an ACME authority, or one that you gave');
const challenge = z
  .enum(['http-01', 'tls-alpn-01', 'dns-01'])
  .nullable()
  .describe('how an ACME authority is convinced; null: whatever fits');

/** A year is what preload lists ask for. */
const HSTS_AGE_SECONDS_MAX = 63_072_000;

export const hsts = z
  .strictObject({
    enabled: z.boolean().default(true),
    maxAgeSeconds: z.number().int().min(0).max(HSTS_AGE_SECONDS_MAX).default(31_536_000),
    includeSubDomains: z.boolean().default(false),
    preload: z.boolean().default(false).describe('browsers then know it before the first visit; hard to take back'),
  })
  .refine(
    ({ preload, includeSubDomains, maxAgeSeconds }) => !preload || (includeSubDomains && maxAgeSeconds >= 31_536_000),
    {
      message: 'preload needs includeSubDomains and a maxAgeSeconds of a year (31536000) or more',
    },
  );

const seen = z.object({
  observer: z.string().describe('`control`, or the id of a PoP'),
  state: z.enum(['fine', 'wrong', 'missing', 'unknown']),
  found: z.array(z.string()),
  problem: z.string().nullable(),
  checkedUnixMs: unixMs,
});

const record = z.object({
  purpose: z.enum(['ownership', 'delegation', 'glue', 'traffic', 'certificate']),
  name: z.string(),
  type: z.enum(['TXT', 'CNAME', 'NS', 'A', 'AAAA']),
  value: z.string(),
  isRequired: z.boolean(),
  why: z.string(),
  state: z.enum(['fine', 'wrong', 'missing', 'unknown']).describe('the worst that any place sees'),
  advice: z.string().describe('what to do, in a sentence'),
  seenFrom: z.array(seen),
});

export const domain = z.object({
  id,
  name: z.string(),
  mode,
  certificate,
  challenge,
  dnsProviderId: id.nullable(),
  ownCertificateId: id.nullable(),
  hsts: z.unknown().nullable(),
  state: z.enum(['waiting', 'verified', 'failing']),
  stateSinceUnixMs: unixMs,
  reason: z.string().describe('why it is in that state'),
  verifiedUnixMs: unixMs.nullable().describe('when it was proved first'),
  checkedUnixMs: unixMs.nullable(),
  records: z.array(record).describe('what is to be in DNS, and what is'),
  source,
  createdUnixMs: unixMs,
});

export const newDomain = z.strictObject({
  name: z.string().min(1).max(253),
  mode,
  certificate: certificate.default('acme'),
  challenge: challenge.default(null),
  dnsProviderId: id.nullable().default(null),
  ownCertificateId: id.nullable().default(null),
  hsts: hsts.nullable().default(null),
});

/** Without the defaults: what is left out stays as it is. */
export const domainChange = z.strictObject({
  mode: mode.optional(),
  certificate: certificate.optional(),
  challenge: challenge.optional(),
  dnsProviderId: id.nullable().optional(),
  ownCertificateId: id.nullable().optional(),
  hsts: hsts.nullable().optional(),
});

export function domainItem(row: DomainsTable, records: readonly CheckedRecord[]): z.output<typeof domain> {
  return {
    id: row.id,
    name: row.name,
    mode: row.mode,
    certificate: row.certificate,
    challenge: row.challenge,
    dnsProviderId: row.dns_provider_id,
    ownCertificateId: row.own_certificate_id,
    hsts: row.hsts === null ? null : (JSON.parse(row.hsts) as unknown),
    state: row.state,
    stateSinceUnixMs: row.state_since_unix_ms,
    reason: row.reason,
    verifiedUnixMs: row.verified_unix_ms,
    checkedUnixMs: row.checked_unix_ms,
    records: records.map((one) => ({
      ...one,
      seenFrom: one.seenFrom.map((place) => ({ ...place, found: [...place.found] })),
    })),
    source: sourceItem(row),
    createdUnixMs: row.created_unix_ms,
  };
}

/** What a resource says of the domain that its host is in. */
export const resourceDomain = z.object({
  id,
  name: z.string(),
  state: z.enum(['waiting', 'verified', 'failing']),
  note: z.string().nullable().describe('what does not work because of it'),
});

export function resourceDomainItem(
  row: Pick<ResourcesTable, 'host' | 'organisation_id'>,
  domains: readonly DomainsTable[],
): z.output<typeof resourceDomain> | null {
  const domain = domainOf(row, domains);
  if (!domain) return null;
  const { id: domainId, name, state } = domain;
  return { id: domainId, name, state, note: noteOf(row.host, domain) };
}

function noteOf(host: string, { name, state, certificate, verified_unix_ms, reason }: DomainsTable): string | null {
  if (state === 'verified') return null;
  if (verified_unix_ms !== null) return `${name} is failing: ${reason}`;
  const local = certificate === 'local' ? '' : ` ${host} has a certificate of the local authority until then.`;
  return `${name} is not verified yet.${local} ${reason}`;
}
