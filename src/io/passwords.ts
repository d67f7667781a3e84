/**
 * Passwords of users: argon2id (RFC 9106) with OWASP's parameters, a bounded number at a time, and the rules for a new
 * one. Passwords are normalised (NFC, as RFC 8265 section 4.2) so that every keyboard gives the same bytes.
 */
import { Failure } from '../base/index.ts';
import { COMMON_PASSWORDS } from './common-passwords.ts';
import {
  ARGON2_CONCURRENCY,
  ARGON2_MEMORY_KIB,
  ARGON2_PASSES,
  ARGON2_QUEUE_MAX,
  PASSWORD_MAX_CHARS,
  PASSWORD_MIN_CHARS,
} from './password-constants.ts';

/** A hash of a random password that nobody knows: judged for users that do not exist, so that time tells nothing. */
export const NOBODYS_HASH =
  '$argon2id$v=19$m=19456,t=2,p=1$VSVxH725oMyz9XceRRqQ2g$N5nnMBi2ujXvz4/QJZlQyHMxub74lRQUbEle5dWNsZU';

export type PasswordProblem = 'too-short' | 'too-long' | 'common' | 'like-the-email' | 'repeats';

/** What is wrong with a password that somebody chose, or undefined. */
export function passwordProblem(password: string, email: string): PasswordProblem | undefined {
  const text = password.normalize('NFC');
  const length = [...text].length;
  if (length < PASSWORD_MIN_CHARS) return 'too-short';
  if (length > PASSWORD_MAX_CHARS) return 'too-long';
  const lower = text.toLowerCase();
  const [local = '', domain = ''] = email.toLowerCase().split('@');
  if (lower.includes(email.toLowerCase()) || lower === `${local}${domain}`) return 'like-the-email';
  const letters = lower.replace(/[\d\W_]+$/, '');
  if (letters !== '' && letters === local) return 'like-the-email';
  if (COMMON_PASSWORDS.has(lower) || COMMON_PASSWORDS.has(letters)) return 'common';
  if (new Set(lower).size < 4 || isRun(lower)) return 'repeats';
  return undefined;
}

/** One sentence for the person who chose it. */
export function passwordAdvice(problem: PasswordProblem): string {
  switch (problem) {
    case 'too-short':
      return `the password must have at least ${PASSWORD_MIN_CHARS} characters`;
    case 'too-long':
      return `the password must have at most ${PASSWORD_MAX_CHARS} characters`;
    case 'common':
      return 'the password is among the most used ones; choose another';
    case 'like-the-email':
      return 'the password must not be like the email address';
    case 'repeats':
      return 'the password repeats or counts up; choose another';
  }
}

/** Hashes and verifies, a few at a time. */
export class PasswordHasher {
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  async hash(password: string): Promise<string> {
    const { hash } = await import('@node-rs/argon2');
    const options = { algorithm: 2, memoryCost: ARGON2_MEMORY_KIB, timeCost: ARGON2_PASSES, parallelism: 1 };
    return this.#bounded(() => hash(password.normalize('NFC'), options));
  }

  /** Whether the password fits. `hashed` null, for a user without one or no user, takes as long and says no. */
  async verify(hashed: string | null, password: string): Promise<boolean> {
    const { verify } = await import('@node-rs/argon2');
    if ([...password].length > PASSWORD_MAX_CHARS) return false;
    const fits = await this.#bounded(() => verify(hashed ?? NOBODYS_HASH, password.normalize('NFC')));
    return fits && hashed !== null;
  }

  async #bounded<Value>(work: () => Promise<Value>): Promise<Value> {
    if (this.#running >= ARGON2_CONCURRENCY) {
      if (this.#waiting.length >= ARGON2_QUEUE_MAX)
        throw new Failure('sign-in-busy', 'too many people are signing in at this moment; try again in a few seconds');
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else this.#running++;
    try {
      return await work();
    } finally {
      // The slot goes to the next in line as it is, so nobody can slip in between.
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running--;
    }
  }
}

/** `abcdefghij`, `09876543210`, `2468024680`: each character the same step from the last, digits going round. */
function isRun(text: string): boolean {
  const digits = /^\d+$/.test(text);
  const steps = new Set<number>();
  for (let i = 1; i < text.length; i++) {
    const step = text.charCodeAt(i) - text.charCodeAt(i - 1);
    steps.add(digits ? (step + 10) % 10 : step);
  }
  return steps.size === 1;
}
