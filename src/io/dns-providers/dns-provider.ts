/**
 * dns-providers: puts proofs to authorities into zones that others serve. A kind of provider is one file and one line in
 * `create-dns-provider.ts`.
 */
import { Failure } from '../../base/index.ts';

export interface DnsProvider {
  /** Adds a TXT record beside what is there; it is there already: fine. Resolved when the provider serves it. */
  putTxt(name: string, value: string): Promise<void>;
  /** Removes this TXT record and no other; it is not there: fine. */
  removeTxt(name: string, value: string): Promise<void>;
  /** Whether the secret is good for the zone of a name: gives the zone. */
  zoneOf(name: string): Promise<string>;
}

export type DnsProviderFailureCode =
  | 'dns-provider-unreachable'
  /** The secret is not good, or not for this. */
  | 'dns-provider-denied'
  | 'dns-provider-zone-unknown'
  /** It asks us to come back later, again and again. */
  | 'dns-provider-busy'
  | 'dns-provider-refused';

/** Its message names the provider's own words, never the secret. */
export class DnsProviderFailure extends Failure {
  override readonly name = 'DnsProviderFailure';
  declare readonly code: DnsProviderFailureCode;

  constructor(code: DnsProviderFailureCode, message: string, cause?: unknown) {
    super(code, message, cause);
  }
}

/** What is no secret of a provider. */
export type DnsProviderSettings =
  | { readonly kind: 'cloudflare'; readonly endpoint?: string; readonly allowPrivate?: boolean }
  | {
      readonly kind: 'route53';
      readonly accessKeyId: string;
      readonly endpoint?: string;
      readonly allowPrivate?: boolean;
    }
  | {
      readonly kind: 'rfc2136';
      /** `host`, `host:port` or `[address]:port` */
      readonly server: string;
      readonly keyName: string;
      readonly algorithm: 'hmac-sha256' | 'hmac-sha384' | 'hmac-sha512';
      readonly allowPrivate?: boolean;
    };

export const DNS_PROVIDER_KINDS = ['cloudflare', 'route53', 'rfc2136'] as const;

/** What a provider needs of the machine. */
export interface DnsProviderPorts {
  readonly unixMs: () => number;
  readonly wait: (ms: number) => Promise<void>;
}

/** `a.b.example.com`, `b.example.com`, `example.com`: where the zone of a name may begin. */
export function zonesAbove(name: string): string[] {
  const labels = name.split('.');
  return labels.slice(0, -1).map((_, i) => labels.slice(i).join('.'));
}
