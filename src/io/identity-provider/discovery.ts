import type { ServerMetadata } from 'openid-client';
import type { Clock } from '../../base/index.ts';
import { DISCOVERY_FRESH_MS, DISCOVERY_RETRY_MS, DISCOVERY_STALE_MS } from './constants.ts';
import { guardedRequest, jsonOf } from './guarded-request.ts';
import type { ProviderClientSettings } from './identity-provider.ts';
import { ProviderFailure } from './provider-failure.ts';

/** The provider's discovery document (OpenID Connect Discovery 1.0 section 4), read when it is needed and kept for a while. */
export class Discovery {
  readonly #settings: ProviderClientSettings;
  readonly #clock: Clock;
  #known: { readonly metadata: ServerMetadata; readonly readAtMs: number } | undefined;
  #failed: { readonly error: unknown; readonly atMs: number } | undefined;
  #reading: Promise<ServerMetadata> | undefined;

  constructor(settings: ProviderClientSettings, clock: Clock) {
    this.#settings = settings;
    this.#clock = clock;
  }

  async metadata(): Promise<ServerMetadata> {
    const nowMs = this.#clock.nowMs();
    const known = this.#known;
    if (known && nowMs - known.readAtMs < DISCOVERY_FRESH_MS) return known.metadata;
    const usable = known && nowMs - known.readAtMs < DISCOVERY_STALE_MS ? known.metadata : undefined;
    if (this.#failed && nowMs - this.#failed.atMs < DISCOVERY_RETRY_MS) {
      if (usable) return usable;
      throw this.#failed.error;
    }
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading.catch((error: unknown) => {
      if (usable) return usable;
      throw error;
    });
  }

  async #read(): Promise<ServerMetadata> {
    try {
      const metadata = await readMetadata(this.#settings);
      this.#known = { metadata, readAtMs: this.#clock.nowMs() };
      this.#failed = undefined;
      return metadata;
    } catch (error) {
      this.#failed = { error, atMs: this.#clock.nowMs() };
      throw error;
    }
  }
}

async function readMetadata(settings: ProviderClientSettings): Promise<ServerMetadata> {
  const url = new URL(`${settings.issuer.replace(/\/$/, '')}/.well-known/openid-configuration`);
  const response = await guardedRequest(url, {}, settings);
  if (response.status !== 200) {
    const why = `${url.href} answered ${response.status}; the issuer should be ${JSON.stringify(settings.issuer)} to the letter`;
    throw new ProviderFailure('provider-answer-refused', why);
  }
  const metadata = (await jsonOf(response, url)) as unknown as ServerMetadata;
  if (metadata.issuer !== settings.issuer) throw wrongIssuer(settings, String(metadata.issuer));
  for (const name of ['authorization_endpoint', 'token_endpoint', 'jwks_uri'] as const)
    if (typeof metadata[name] !== 'string')
      throw new ProviderFailure('provider-answer-refused', `the discovery document of ${url.origin} names no ${name}`);
  return metadata;
}

function wrongIssuer({ issuer, preset }: ProviderClientSettings, found: string): ProviderFailure {
  // Microsoft's `common` and `organizations` stand for everybody's tenant: then anybody with any account could come.
  const isEveryTenant = preset === 'entra' && found.includes('{tenantid}');
  const advice = isEveryTenant ? 'name your own tenant by its id' : 'write it exactly so, slash at the end included';
  const shown = found.slice(0, 200);
  return new ProviderFailure('provider-issuer-wrong', `the provider calls itself ${shown}, not ${issuer}: ${advice}`);
}
