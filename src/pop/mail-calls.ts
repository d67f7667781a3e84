import type { ControlAnswer } from '../io/control-client.ts';
import {
  type ClientFacts,
  type ControlCalls,
  firstStep,
  type GrantedSession,
  type SecondStepNeeded,
  waitSeconds,
} from './control-calls.ts';

/** Control counts, and says when there have been too many. */
export type PutOff =
  | { readonly outcome: 'limited'; readonly retryAfterSeconds: number }
  | { readonly outcome: 'unreachable' };

export type AskedCode = { readonly outcome: 'asked'; readonly attempt: string } | PutOff;

/** An address of mail that was proved, of somebody without an account. */
export interface ProvedGuest {
  readonly outcome: 'guest';
  readonly email: string;
  readonly resourceId: string;
  /** Of the session that begins. */
  readonly epoch: number;
}

export type CheckedCode = GrantedSession | SecondStepNeeded | ProvedGuest | { readonly outcome: 'refused' } | PutOff;

/** What the portal asks of control about mailed codes and links. */
export class MailCalls {
  readonly #control: Pick<ControlCalls, 'call'>;

  constructor(control: Pick<ControlCalls, 'call'>) {
    this.#control = control;
  }

  /** @param browser `browserOf` the form cookie. */
  async askCode(
    email: string,
    resourceId: string | undefined,
    browser: string,
    client: ClientFacts,
  ): Promise<AskedCode> {
    const body = { email, ...(resourceId !== undefined && { resourceId }), browser, ...client };
    const answer = await this.#control.call('/internal/v1/email-codes', body, client.clientAddress, 'again');
    const { attempt } = (answer?.body ?? {}) as { attempt?: unknown };
    if (answer?.status === 202 && typeof attempt === 'string') return { outcome: 'asked', attempt };
    return putOff(answer);
  }

  async checkCode(attempt: string, code: string, browser: string, client: ClientFacts): Promise<CheckedCode> {
    const body = { attempt, code, browser, ...client };
    // Spent on a node whose answer was lost, the code is spent: a second try would say that it never was right.
    const path = '/internal/v1/email-codes/check';
    const answer = await this.#control.call(path, body, client.clientAddress, 'unless-sent');
    if (answer?.status === 200) return proved(answer.body) ?? { outcome: 'unreachable' };
    if (answer?.status === 401 || answer?.status === 400) return { outcome: 'refused' };
    return putOff(answer);
  }

  /** The same answer whether anybody is mailed or not. */
  async askReset(email: string, client: ClientFacts): Promise<{ readonly outcome: 'asked' } | PutOff> {
    const path = '/internal/v1/password-resets';
    const answer = await this.#control.call(path, { email, ...client }, client.clientAddress, 'again');
    return answer?.status === 202 ? { outcome: 'asked' } : putOff(answer);
  }

  /** Whose link it is. */
  async readReset(
    token: string,
    client: ClientFacts,
  ): Promise<{ readonly outcome: 'known'; readonly email: string } | { readonly outcome: ResetFault }> {
    const path = '/internal/v1/password-resets/read';
    const answer = await this.#control.call(path, { token }, client.clientAddress, 'again');
    const { email } = (answer?.body ?? {}) as { email?: unknown };
    return answer?.status === 200 && typeof email === 'string' ? { outcome: 'known', email } : faultOf(answer);
  }

  async finishReset(
    token: string,
    password: string,
    client: ClientFacts,
  ): Promise<{ readonly outcome: 'changed' | 'password-weak' | ResetFault }> {
    const path = '/internal/v1/password-resets/finish';
    const body = { token, password, ...client };
    const answer = await this.#control.call(path, body, client.clientAddress, 'unless-sent');
    if (answer?.status === 204) return { outcome: 'changed' };
    const { code } = (answer?.body ?? {}) as { code?: unknown };
    return code === 'password-weak' ? { outcome: code } : faultOf(answer);
  }
}

export type ResetFault = 'reset-unknown' | 'unreachable';

function faultOf(answer: ControlAnswer | undefined): { readonly outcome: ResetFault } {
  return { outcome: answer && answer.status < 500 ? 'reset-unknown' : 'unreachable' };
}

function putOff(answer: ControlAnswer | undefined): PutOff {
  return answer?.status === 429
    ? { outcome: 'limited', retryAfterSeconds: waitSeconds(answer) }
    : { outcome: 'unreachable' };
}

function proved(body: unknown): GrantedSession | SecondStepNeeded | ProvedGuest | undefined {
  const { kind, email, resourceId, epoch } = (body ?? {}) as Record<string, unknown>;
  if (kind !== 'guest') return firstStep(body);
  if (typeof email !== 'string' || typeof resourceId !== 'string' || typeof epoch !== 'number') return undefined;
  return { outcome: 'guest', email, resourceId, epoch };
}
