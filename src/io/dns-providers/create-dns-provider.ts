import { assertNever } from '../../base/index.ts';
import { cloudflare } from './cloudflare.ts';
import type { DnsProvider, DnsProviderPorts, DnsProviderSettings } from './dns-provider.ts';
import { rfc2136 } from './rfc2136.ts';
import { route53 } from './route53.ts';

/** The provider that settings and their secret speak of. */
export function createDnsProvider(settings: DnsProviderSettings, secret: string, ports: DnsProviderPorts): DnsProvider {
  switch (settings.kind) {
    case 'cloudflare':
      return cloudflare({ ...settings, token: secret }, ports);
    case 'route53':
      return route53({ ...settings, secretAccessKey: secret }, ports);
    case 'rfc2136':
      return rfc2136({ ...settings, secret }, ports);
    default:
      return assertNever(settings);
  }
}
