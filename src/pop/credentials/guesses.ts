import { Failure } from '../../base/index.ts';
import type { GuessableMethod } from '../../core/budget/index.ts';
import type { PasswordHasher } from '../../io/passwords.ts';
import type { Counters } from '../counters.ts';
import type { CredentialLedger } from './credential-ledger.ts';
import type { KnownCredential } from './known-credentials.ts';

/** Whom a guess comes from. */
export interface GuessSource {
  /** One household's: an IPv4 address, an IPv6 /64. */
  readonly address: string;
  readonly browserId?: string | undefined;
}

/** `busy`: too many are judged at this moment. `unwritable`: the record of tries cannot be kept. */
export type GuessResult =
  | { readonly kind: 'right' | 'wrong' | 'busy' | 'unwritable' }
  | { readonly kind: 'refused'; readonly reason: 'exhausted' | 'source-exhausted'; readonly waitMs: number };

/** Judges secrets that people choose. What a guess costs is on the record before it is judged. */
export class Guesses {
  readonly #ledger: CredentialLedger;
  readonly #hasher: PasswordHasher;
  readonly #counters: Counters;

  constructor(ledger: CredentialLedger, hasher: PasswordHasher, counters: Counters) {
    this.#ledger = ledger;
    this.#hasher = hasher;
    this.#counters = counters;
  }

  async judge({ record }: KnownCredential, secret: string, source: GuessSource): Promise<GuessResult> {
    const { id: credentialId, version, secretHash, madeUnixMs } = record;
    const method = record.method as GuessableMethod;
    const result = await this.#judge({ credentialId, version, method, madeUnixMs, ...source }, secretHash, secret);
    this.#counters.add('credentials', `${method}-${result.kind === 'refused' ? result.reason : result.kind}`);
    return result;
  }

  /** For a name that nobody has: costs and takes as much as for one that somebody has. */
  async judgeNobody(resourceId: string, secret: string, source: GuessSource): Promise<GuessResult> {
    const guess = { credentialId: `nobody at ${resourceId}`, version: 1, method: 'header', ...source } as const;
    return this.#judge(guess, null, secret);
  }

  async #judge(
    guess: Parameters<CredentialLedger['begin']>[0],
    secretHash: string | null,
    secret: string,
  ): Promise<GuessResult> {
    const spent = await this.#ledger.begin(guess);
    if (spent.kind !== 'spent') return spent;
    try {
      if (!(await this.#hasher.verify(secretHash, secret))) return { kind: 'wrong' };
    } catch (error) {
      if (error instanceof Failure) return { kind: 'busy' };
      throw error;
    }
    this.#ledger.succeeded(spent);
    return { kind: 'right' };
  }
}
