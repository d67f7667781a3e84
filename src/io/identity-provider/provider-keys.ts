import type { Clock } from '../../base/index.ts';
import { JWKS_COOLDOWN_MS, JWKS_FRESH_MS } from './constants.ts';

/** A set of public keys (RFC 7517), as the provider gives it. */
export interface Jwks {
  readonly keys: readonly (Readonly<Record<string, unknown>> & { readonly kid?: string })[];
}

/**
 * The keys of a provider. They are read again when they are old, and when a token names one that is not among them, because
 * the provider may have changed keys; but not more often than every few seconds, for anybody can make such tokens.
 */
export class ProviderKeys {
  readonly #clock: Clock;
  readonly #read: () => Promise<Jwks>;
  #jwks: Jwks | undefined;
  #readAtMs = Number.NEGATIVE_INFINITY;
  #reading: Promise<Jwks> | undefined;

  constructor(clock: Clock, read: () => Promise<Jwks>) {
    this.#clock = clock;
    this.#read = read;
  }

  /** The keys among which the one with this id is, if the provider has it. Old ones where none can be read. */
  async including(keyId: string | undefined): Promise<Jwks> {
    const ageMs = this.#clock.nowMs() - this.#readAtMs;
    const known = this.#jwks;
    if (!known) return this.#readAgain();
    const isMissing = keyId !== undefined && !known.keys.some(({ kid }) => kid === keyId);
    if (ageMs < JWKS_FRESH_MS && !(isMissing && ageMs >= JWKS_COOLDOWN_MS)) return known;
    return this.#readAgain().catch((error: unknown) => {
      if (isMissing) throw error;
      return known;
    });
  }

  #readAgain(): Promise<Jwks> {
    this.#reading ??= this.#read()
      .then((jwks) => {
        this.#jwks = jwks;
        return jwks;
      })
      .finally(() => {
        this.#readAtMs = this.#clock.nowMs();
        this.#reading = undefined;
      });
    return this.#reading;
  }
}

/** The id of the key that a token says it is signed with; undefined where it names none. */
export function keyIdOf(token: string): string | undefined {
  try {
    const header = JSON.parse(Buffer.from(token.split('.', 1)[0] ?? '', 'base64url').toString()) as { kid?: unknown };
    return typeof header.kid === 'string' ? header.kid : undefined;
  } catch {
    return undefined;
  }
}
