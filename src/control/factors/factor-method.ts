import type { LoginMethod } from '../../core/policy/index.ts';
import type { UsersTable } from '../../io/store/index.ts';
import type { Control } from '../control.ts';
import type { SessionOrigin } from '../portal-sessions.ts';

/** Somebody between the first and the second step, or in a session that must be strengthened. */
export interface FactorVisit {
  readonly control: Control;
  readonly user: UsersTable;
  /** Id of the second step or of the session: what a challenge to a key is bound to. */
  readonly within: string;
  /** `browserOf` the form cookie. */
  readonly browser: string;
  readonly origin: SessionOrigin;
  /** The one organisation that the session reaches or will reach, where an identity provider vouched for it; null: all. */
  readonly reach: string | null;
  /** What was proved before. */
  readonly methods: readonly string[];
}

/** What the browser brought. */
export interface FactorAnswer {
  /** Of an authenticator, a recovery code, a code that was mailed. */
  readonly code: string;
  /** JSON of a passkey's answer, and the token of the challenge that it answers (of a mailed code: its attempt). */
  readonly passkey: string;
  readonly challenge: string;
}

export type FactorVerdict =
  | { readonly ok: true; readonly userVerified: boolean }
  /** `reason` is for the audit; the person is told that it was not right. */
  | { readonly ok: false; readonly reason: string };

/**
 * One kind of second factor. Each is a file in this folder and a line in `methods.ts`; limits, sessions and audit are the
 * second step's.
 */
export interface FactorMethod {
  readonly name: LoginMethod;
  /**
   * Whether a wrong answer counts against the account: codes that can be guessed do, keys and long codes do not, so that
   * who has those gets in whatever others try.
   */
  readonly canBeGuessed: boolean;
  /** Whether this person can be asked after what they proved `before`, and what the page needs for it. */
  offer(control: Control, user: UsersTable, before: readonly string[]): Promise<FactorOffer | undefined>;
  judge(visit: FactorVisit, answer: FactorAnswer): Promise<FactorVerdict>;
}

export interface FactorOffer {
  /** Credential ids of passkeys that may answer. */
  readonly passkeys?: readonly string[];
  /** For people: where a code was sent, say. */
  readonly hint?: string;
}
