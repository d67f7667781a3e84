import { MAXIMUM_PROVIDER_SIGN_OUTS } from './constants.ts';

/** Somebody signed out at an identity provider. */
export interface ProviderRevocation {
  readonly kind: 'provider';
  readonly providerId: string;
  /** The provider's id of the session; where it is left out, all of the user's through the provider. */
  readonly sid?: string;
  /** Whose sessions they are, where that is known; without `sid` and user, everybody's. */
  readonly userId?: string;
  readonly atUnixMs: number;
}

/**
 * Who signed out at an identity provider, and when. A provider's session that ended never comes back, so what came of it is
 * over whenever it began; of a user, only what they had proved before is. Bounded: beyond the limit a sign-out counts for everybody who came through that provider.
 */
export class ProviderSignOuts {
  readonly #maximum: number;
  readonly #entries = new Map<string, ProviderRevocation>();

  constructor(maximum = MAXIMUM_PROVIDER_SIGN_OUTS) {
    this.#maximum = maximum;
  }

  add(revocation: ProviderRevocation): void {
    const { providerId, sid, userId, atUnixMs } = revocation;
    // The session's id at the provider says enough; the user is named for those who look for open streams.
    const key = keyOf(providerId, sid, sid === undefined ? userId : undefined);
    const held = this.#entries.get(key);
    if (held && held.atUnixMs >= atUnixMs) return;
    if (held || this.#entries.size < this.#maximum) this.#entries.set(key, revocation);
    else this.#keepForAll(providerId, atUnixMs);
  }

  /** Whether what was proved then through the provider has been ended since. */
  hasEnded(
    via: { readonly providerId: string; readonly sid?: string },
    userId: string,
    authenticatedAtUnixMs: number,
  ): boolean {
    if (this.#entries.size === 0) return false;
    if (via.sid !== undefined && this.#entries.has(keyOf(via.providerId, via.sid, undefined))) return true;
    const ended = (key: string): boolean => authenticatedAtUnixMs <= (this.#entries.get(key)?.atUnixMs ?? -1);
    return ended(keyOf(via.providerId, undefined, userId)) || ended(keyOf(via.providerId, undefined, undefined));
  }

  purge(beforeUnixMs: number): void {
    for (const [key, { atUnixMs }] of this.#entries) if (atUnixMs < beforeUnixMs) this.#entries.delete(key);
  }

  entries(): Iterable<ProviderRevocation> {
    return this.#entries.values();
  }

  #keepForAll(providerId: string, atUnixMs: number): void {
    const key = keyOf(providerId, undefined, undefined);
    const held = this.#entries.get(key)?.atUnixMs ?? -1;
    this.#entries.set(key, { kind: 'provider', providerId, atUnixMs: Math.max(held, atUnixMs) });
  }
}

function keyOf(providerId: string, sid: string | undefined, userId: string | undefined): string {
  return JSON.stringify([providerId, sid ?? null, userId ?? null]);
}
