import type { Clock } from '../../base/index.ts';
import { GithubProvider } from './github-provider.ts';
import type { IdentityProvider, ProviderClientSettings } from './identity-provider.ts';
import { OidcProvider } from './oidc-provider.ts';

/** The providers of a node, each with its discovery document and keys kept for as long as its settings stay the same. */
export class IdentityProviders {
  readonly #clock: Clock;
  readonly #known = new Map<string, { readonly text: string; readonly provider: IdentityProvider }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  of(settings: ProviderClientSettings): IdentityProvider {
    const text = JSON.stringify(settings);
    const known = this.#known.get(settings.id);
    if (known?.text === text) return known.provider;
    const isGithub = settings.preset === 'github';
    const provider = isGithub ? new GithubProvider(settings) : new OidcProvider(settings, this.#clock);
    this.#known.set(settings.id, { text, provider });
    return provider;
  }

  /** Forgets those that are gone. */
  keepOnly(ids: ReadonlySet<string>): void {
    for (const id of this.#known.keys()) if (!ids.has(id)) this.#known.delete(id);
  }
}
