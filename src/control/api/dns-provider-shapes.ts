import { z } from 'zod';
import { DNS_PROVIDER_KINDS, type DnsProviderSettings } from '../../io/dns-providers/dns-provider.ts';
import type { DnsProvidersTable } from '../../io/store/index.ts';
import { dnsName } from '../host-names.ts';
import { ControlFailure } from '../problems.ts';
import { id, name, source, sourceItem, unixMs } from './schemas.ts';

const line = z
  .string()
  .trim()
  .min(1)
  .max(256)
  .regex(/^[\x21-\x7e]+$/, 'one word of printable ASCII');

const fields = {
  name,
  kind: z.enum(DNS_PROVIDER_KINDS),
  accessKeyId: line.optional().describe('route53'),
  server: line.optional().describe('rfc2136: host, host:port or [address]:port of the primary server'),
  keyName: line.optional().describe('rfc2136: name of the TSIG key'),
  algorithm: z.enum(['hmac-sha256', 'hmac-sha384', 'hmac-sha512']).optional().describe('rfc2136: of the TSIG key'),
  endpoint: z.url().max(2048).optional().describe('in place of the provider’s own address'),
  allowPrivate: z.boolean().optional().describe('whether it may be at a private address'),
};
const secret = z
  .string()
  .min(1)
  .max(4096)
  .describe('cloudflare: API token; route53: secret access key; rfc2136: secret of the key, base64');

export const dnsProvider = z.object({
  ...fields,
  id,
  algorithm: z.string().optional(),
  endpoint: z.string().optional(),
  source,
  createdUnixMs: unixMs,
});
export const newDnsProvider = z.strictObject({ ...fields, secret });
export const dnsProviderChange = z.strictObject({ ...fields, kind: z.never().optional(), secret }).partial();

type Given = Partial<Omit<z.output<typeof newDnsProvider>, 'secret' | 'name'>>;

/** Settings of one kind, with nothing of the others. Failure `dns-provider-invalid`. */
export function dnsProviderSettings(given: Given & Pick<z.output<typeof newDnsProvider>, 'kind'>): DnsProviderSettings {
  const need = <Value>(field: keyof Given, value: Value | undefined): Value => {
    if (value === undefined) throw new ControlFailure('dns-provider-invalid', `${field}: ${given.kind} needs it`);
    return value;
  };
  const place = {
    ...(given.endpoint !== undefined && { endpoint: given.endpoint }),
    ...(given.allowPrivate && { allowPrivate: true }),
  };
  switch (given.kind) {
    case 'cloudflare':
      return { kind: 'cloudflare', ...place };
    case 'route53':
      return { kind: 'route53', accessKeyId: need('accessKeyId', given.accessKeyId), ...place };
    case 'rfc2136':
      return {
        ...{ kind: 'rfc2136', server: need('server', given.server) },
        ...{ keyName: keyNameOf(need('keyName', given.keyName)), algorithm: given.algorithm ?? 'hmac-sha256' },
        ...(given.allowPrivate && { allowPrivate: true }),
      };
  }
}

/** A name as DNS has them; of one label, too. */
function keyNameOf(text: string): string {
  const bare = text.replace(/\.$/, '').toLowerCase();
  return /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/.test(bare) ? bare : dnsName('keyName', bare);
}

export function dnsProviderItem(row: DnsProvidersTable): z.output<typeof dnsProvider> {
  const settings = JSON.parse(row.settings) as DnsProviderSettings;
  return { ...settings, id: row.id, name: row.name, source: sourceItem(row), createdUnixMs: row.created_unix_ms };
}
