import type { ControlAnswer } from '../../io/control-client.ts';
import { type ControlCalls, firstStep, type GrantedSession, type SignInResult, waitSeconds } from '../control-calls.ts';

/** What shows control who is asking. */
export interface AskerFacts {
  readonly step?: string | undefined;
  readonly session?: string | undefined;
  readonly browser: string;
  readonly clientAddress: string;
  readonly userAgent: string;
}

export interface OfferedFactor {
  readonly method: string;
  readonly passkeys?: readonly string[];
  readonly hint?: string;
}

/** What a page of a second step needs. */
export interface SecondStepFacts {
  readonly userId: string;
  readonly email: string;
  readonly within: string;
  readonly need: 'prove' | 'enrol';
  readonly offered: readonly OfferedFactor[];
  readonly hasPassword: boolean;
  readonly rememberMs: number;
  /** A factor that is asked for cannot be added with this sign-in, which is good for one organisation of several. */
  readonly elsewhere?: { readonly hasPassword: boolean };
}

interface Dated {
  readonly id: string;
  readonly name: string;
  readonly createdUnixMs: number;
  readonly lastUsedUnixMs: number | null;
}

export interface SecurityFacts {
  readonly email: string;
  readonly hasPassword: boolean;
  readonly factorDueUnixMs: number | null;
  readonly rememberMs: number;
  readonly authenticators: readonly Dated[];
  readonly passkeys: readonly (Dated & { readonly credentialId: string; readonly backedUp: boolean })[];
  readonly recoveryCodes: { readonly left: number; readonly of: number };
  readonly browsers: readonly {
    readonly id: string;
    readonly userAgent: string;
    readonly clientAddress: string;
    readonly lastUsedUnixMs: number;
    readonly expiresUnixMs: number;
  }[];
  readonly devices: readonly (Dated & { readonly approved: boolean })[];
  readonly sessions: readonly {
    readonly id: string;
    readonly userAgent: string;
    readonly clientAddress: string;
    readonly createdUnixMs: number;
    readonly isThis: boolean;
  }[];
}

/** What a change leaves for the page. */
export interface ChangeFacts {
  readonly totp?: { readonly secret: string; readonly uri: string };
  readonly recoveryCodes?: readonly string[];
  readonly session?: { readonly token: string; readonly expiresUnixMs: number };
}

/** Why control did not do it. `code` is control's. */
export type Refused =
  | { readonly outcome: 'refused'; readonly code: string; readonly detail: string }
  | { readonly outcome: 'limited'; readonly retryAfterSeconds: number }
  | { readonly outcome: 'unreachable' };

export type Told<Value> = { readonly outcome: 'told'; readonly value: Value } | Refused;

export type ProveResult =
  | (GrantedSession & { readonly remembered?: { readonly token: string; readonly expiresUnixMs: number } })
  | Refused;

/** What the portal asks of control about factors. */
export class FactorCalls {
  readonly #control: Pick<ControlCalls, 'call'>;

  constructor(control: Pick<ControlCalls, 'call'>) {
    this.#control = control;
  }

  readSecondStep(asker: AskerFacts): Promise<Told<SecondStepFacts>> {
    return this.#tell('/internal/v1/second-step/read', asker, {});
  }

  /** Has a code mailed; gives the attempt that it belongs to. */
  mailCode(asker: AskerFacts): Promise<Told<{ readonly attempt: string }>> {
    return this.#tell('/internal/v1/second-step/mail', asker, {});
  }

  async prove(
    asker: AskerFacts,
    given: {
      readonly method: string;
      readonly code: string;
      readonly passkey: string;
      readonly challenge: string;
      readonly remember: boolean;
    },
  ): Promise<ProveResult> {
    // A code that a control node took before it fell silent is used up: a second try would call it wrong.
    const answer = await this.#control.call(
      '/internal/v1/second-step',
      { ...asker, ...given },
      asker.clientAddress,
      'unless-sent',
    );
    if (answer?.status !== 200) return refusal(answer);
    const step = firstStep(answer.body);
    if (step?.outcome !== 'signed-in') return { outcome: 'unreachable' };
    const { remembered } = answer.body as { remembered?: { token: string; expiresUnixMs: number } };
    return { ...step, ...(remembered && { remembered }) };
  }

  async signInByPasskey(
    given: Omit<AskerFacts, 'step' | 'session'> & {
      readonly passkey: string;
      readonly challenge: string;
      readonly remembered?: string | undefined;
      readonly device?: object | undefined;
    },
  ): Promise<SignInResult | Refused> {
    const answer = await this.#control.call(
      '/internal/v1/passkey-sign-in',
      { ...given },
      given.clientAddress,
      'unless-sent',
    );
    if (answer?.status !== 200) return refusal(answer);
    return firstStep(answer.body) ?? { outcome: 'unreachable' };
  }

  readSecurity(asker: AskerFacts): Promise<Told<SecurityFacts>> {
    return this.#tell('/internal/v1/security/read', asker, {});
  }

  change(asker: AskerFacts, change: Readonly<Record<string, unknown>>): Promise<Told<ChangeFacts>> {
    return this.#tell('/internal/v1/security', asker, { change });
  }

  /** Control is the link's other end, which PoPs trust; the shape is its own. */
  async #tell<Value>(path: string, asker: AskerFacts, more: object): Promise<Told<Value>> {
    const answer = await this.#control.call(path, { ...asker, ...more }, asker.clientAddress, 'unless-sent');
    if (answer?.status !== 200) return refusal(answer);
    return { outcome: 'told', value: answer.body as Value };
  }
}

function refusal(answer: ControlAnswer | undefined): Refused {
  if (!answer || answer.status >= 500) return { outcome: 'unreachable' };
  if (answer.status === 429) return { outcome: 'limited', retryAfterSeconds: waitSeconds(answer) };
  const { code, detail } = (answer.body ?? {}) as { code?: unknown; detail?: unknown };
  return { outcome: 'refused', code: String(code ?? ''), detail: String(detail ?? '') };
}
