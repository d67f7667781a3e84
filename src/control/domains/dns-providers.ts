import { setTimeout as wait } from 'node:timers/promises';
import { createDnsProvider } from '../../io/dns-providers/create-dns-provider.ts';
import type { DnsProvider, DnsProviderSettings } from '../../io/dns-providers/dns-provider.ts';
import { type DnsProvidersTable, findAnyDnsProvider } from '../../io/store/index.ts';
import type { Control } from '../control.ts';
import { ControlFailure } from '../problems.ts';

type Parts = Pick<Control, 'clock'> & { readonly keys: Pick<Control['keys'], 'sealing'> };

export function dnsSecretPlace(id: string): string {
  return `secret of DNS provider ${id}`;
}

/** The provider of a row. Failure `dns-provider-unknown` where its secret cannot be read. */
export function dnsProviderOf(row: DnsProvidersTable, { clock, keys }: Parts): DnsProvider {
  const secret = keys.sealing.unseal(row.secret, dnsSecretPlace(row.id));
  if (secret === undefined)
    throw new ControlFailure('dns-provider-unknown', `the secret of ${row.name} cannot be read; give it again`);
  const settings = JSON.parse(row.settings) as DnsProviderSettings;
  return createDnsProvider(settings, secret, { unixMs: () => clock.unixMs(), wait: async (ms) => wait(ms) });
}

/** By the id that a domain, and so a wish for a certificate, names. */
export async function openDnsProvider(control: Parts & Pick<Control, 'store'>, id: string): Promise<DnsProvider> {
  const row = await findAnyDnsProvider(control.store.database, id);
  if (!row) throw new ControlFailure('dns-provider-unknown', 'there is no such DNS provider any more');
  return dnsProviderOf(row, control);
}
