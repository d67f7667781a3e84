import { Failure } from '../base/index.ts';
import { type ControlAnswer, ControlClient } from '../io/control-client.ts';
import type { OpenLink } from '../io/link-attempt.ts';
import {
  CONTROL_MOVE_MS,
  CONTROL_TIMEOUT_MS,
  MAXIMUM_CONTROL_ANSWER_BYTES,
  UPSTREAM_CONNECT_TIMEOUT_MS,
} from './constants.ts';
import { UPSTREAM_LIMITS } from './upstreams.ts';

/** A session with the portal that control has begun or renewed. */
export interface GrantedSession {
  readonly outcome: 'signed-in';
  readonly token: string;
  readonly expiresUnixMs: number;
}

/** The first step was right; the second one follows, by a token that the browser keeps. */
export interface SecondStepNeeded {
  readonly outcome: 'second-step';
  readonly token: string;
  readonly expiresUnixMs: number;
}

export type SignInResult =
  | GrantedSession
  | SecondStepNeeded
  | { readonly outcome: 'refused' }
  | { readonly outcome: 'limited'; readonly retryAfterSeconds: number }
  | { readonly outcome: 'unreachable' };

export type SetUpResult =
  | GrantedSession
  | SecondStepNeeded
  | { readonly outcome: 'password-weak' | 'set-up-unknown' | 'unreachable' };

/** Whose set-up link it is. */
export type SetUpLink =
  | { readonly outcome: 'known'; readonly email: string; readonly userId: string }
  | { readonly outcome: 'set-up-unknown' | 'unreachable' };

/** Who is at the browser, for control's limits and audit log. */
export interface ClientFacts {
  readonly clientAddress: string;
  readonly userAgent: string;
}

/** What a first step is bound to and comes with. */
export interface BrowserFacts {
  /** `browserOf` the form cookie. */
  readonly browser: string;
  /** The secret by which this browser is remembered. */
  readonly remembered?: string | undefined;
  readonly device?: { readonly id: string; readonly signature: string; readonly challenge: string } | undefined;
}

/** What the portal asks of control, over the node that the link is with. Nothing here is on the path of a request to a resource. */
export class ControlCalls {
  #client: ControlClient | undefined;
  #authentication = '';
  /** The link has ended a moment ago, so another control node is likely to have it soon. */
  #moving: NodeJS.Timeout | undefined;
  readonly #waiting = new Set<() => void>();

  /** The client to the linked control node; undefined while there is no link. */
  get client(): ControlClient | undefined {
    return this.#client;
  }

  /** Value of `x-manis-link`: proves to control that this PoP is the one it is linked with. */
  get authentication(): string {
    return this.#authentication;
  }

  linkOpened(link: OpenLink): void {
    this.#leave();
    this.#client = new ControlClient(link, UPSTREAM_LIMITS, UPSTREAM_CONNECT_TIMEOUT_MS);
    this.#authentication = link.authentication;
    this.#moved();
  }

  linkEnded(): void {
    if (this.#leave()) this.#moving ??= setTimeout(() => this.#moved(), CONTROL_MOVE_MS).unref();
  }

  /** The PoP stops: nobody waits any longer. */
  stop(): void {
    this.#leave();
    this.#moved();
  }

  #leave(): boolean {
    const left = this.#client;
    void left?.close();
    this.#client = undefined;
    this.#authentication = '';
    return left !== undefined;
  }

  #moved(): void {
    clearTimeout(this.#moving);
    this.#moving = undefined;
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }

  async signIn(
    email: string,
    password: string,
    client: ClientFacts,
    browser: BrowserFacts = { browser: '' },
  ): Promise<SignInResult> {
    const body = { email, password, ...client, ...browser };
    const answer = await this.call('/internal/v1/sign-in', body, client.clientAddress);
    if (!answer) return { outcome: 'unreachable' };
    const session = answer.status === 200 ? firstStep(answer.body) : undefined;
    if (session) return session;
    if (answer.status === 429) return { outcome: 'limited', retryAfterSeconds: waitSeconds(answer) };
    return { outcome: answer.status === 401 || answer.status === 400 ? 'refused' : 'unreachable' };
  }

  /** Renews a portal session that is used; undefined where control does not answer or the session has ended. */
  async renew(token: string, clientAddress: string): Promise<GrantedSession | undefined> {
    const answer = await this.call('/internal/v1/sessions/renew', { token }, clientAddress);
    return answer?.status === 200 ? grantedSession(answer.body) : undefined;
  }

  /**
   * Ends a portal session everywhere, or with `resource` one that stands alone there. The PoP has ended it here already, so
   * a failure is no more than a delay elsewhere.
   */
  async signOut(
    token: string,
    clientAddress: string,
    resource?: { readonly id: string; readonly host: string },
  ): Promise<boolean> {
    const body = { token, clientAddress, ...(resource && { resource }) };
    const answer = await this.call('/internal/v1/sign-out', body, clientAddress);
    return answer !== undefined && answer.status < 300;
  }

  async readSetUp(token: string, clientAddress: string): Promise<SetUpLink> {
    const answer = await this.call(`/internal/v1/set-up/${encodeURIComponent(token)}`, undefined, clientAddress);
    if (!answer) return { outcome: 'unreachable' };
    const { email, userId } = (answer.body ?? {}) as { email?: unknown; userId?: unknown };
    if (answer.status === 200 && typeof email === 'string')
      return { outcome: 'known', email, userId: typeof userId === 'string' ? userId : '' };
    return { outcome: setUpFailure(answer.status) };
  }

  async setUp(token: string, password: string, client: ClientFacts, browser = ''): Promise<SetUpResult> {
    // Spent on a control node whose answer was lost, the link is spent: a second try would say that it never was good.
    const body = { token, password, browser, ...client };
    const answer = await this.call('/internal/v1/set-up', body, client.clientAddress, 'unless-sent');
    if (!answer) return { outcome: 'unreachable' };
    const session = answer.status === 200 ? firstStep(answer.body) : undefined;
    if (session) return session;
    const { code } = (answer.body ?? {}) as { code?: unknown };
    if (code === 'password-weak') return { outcome: code };
    return { outcome: setUpFailure(answer.status) };
  }

  /** The same with a passkey that the browser has made, and the codes that stand in for it. */
  async setUpByPasskey(
    token: string,
    made: { readonly passkey: string; readonly challenge: string },
    client: ClientFacts,
    browser: string,
  ): Promise<{
    readonly result: SetUpResult | { readonly outcome: 'refused' };
    readonly recoveryCodes: readonly string[];
  }> {
    const body = { token, ...made, browser, ...client };
    const answer = await this.call('/internal/v1/set-up/passkey', body, client.clientAddress, 'unless-sent');
    if (!answer) return { result: { outcome: 'unreachable' }, recoveryCodes: [] };
    const { step, recoveryCodes, code } = (answer.body ?? {}) as {
      step?: unknown;
      recoveryCodes?: unknown;
      code?: unknown;
    };
    const session = answer.status === 200 ? firstStep(step) : undefined;
    const codes = Array.isArray(recoveryCodes) ? recoveryCodes.filter((one) => typeof one === 'string') : [];
    if (session) return { result: session, recoveryCodes: codes };
    return {
      result: { outcome: code === 'factor-refused' ? 'refused' : setUpFailure(answer.status) },
      recoveryCodes: [],
    };
  }

  /**
   * Asks the linked control node; undefined where none answers. Where that one is gone the call waits for the link with another, for a moment, and asks
   * that one; `unless-sent`: only if the first was never asked.
   */
  async call(
    path: string,
    body: Readonly<Record<string, unknown>> | undefined,
    clientAddress: string,
    again: 'again' | 'unless-sent' = 'again',
  ): Promise<ControlAnswer | undefined> {
    const first = this.#client;
    const answer = first && (await this.#ask(first, path, body, clientAddress));
    if (answer || (first && again === 'unless-sent')) return answer;
    const other = await this.#another(first);
    return other && this.#ask(other, path, body, clientAddress);
  }

  /** A client other than the one that failed, now or in a moment. */
  async #another(failed: ControlClient | undefined): Promise<ControlClient | undefined> {
    if (this.#client === failed && (failed || this.#moving)) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting.add(resolve);
      const late = setTimeout(resolve, CONTROL_MOVE_MS);
      await promise;
      clearTimeout(late);
      this.#waiting.delete(resolve);
    }
    return this.#client === failed ? undefined : this.#client;
  }

  async #ask(
    client: ControlClient,
    path: string,
    body: Readonly<Record<string, unknown>> | undefined,
    clientAddress: string,
  ): Promise<ControlAnswer | undefined> {
    try {
      return await client.call({
        path,
        body,
        headers: { 'x-manis-link': this.#authentication, 'x-manis-client-address': clientAddress },
        timeoutMs: CONTROL_TIMEOUT_MS,
        maximumAnswerBytes: MAXIMUM_CONTROL_ANSWER_BYTES,
      });
    } catch (error) {
      if (error instanceof Failure) return undefined;
      throw error;
    }
  }
}

function setUpFailure(status: number): 'set-up-unknown' | 'unreachable' {
  return status < 500 && status !== 429 ? 'set-up-unknown' : 'unreachable';
}

export function grantedSession(body: unknown): GrantedSession | undefined {
  const { token, expiresUnixMs } = (body ?? {}) as { token?: unknown; expiresUnixMs?: unknown };
  if (typeof token !== 'string' || typeof expiresUnixMs !== 'number') return undefined;
  return { outcome: 'signed-in', token, expiresUnixMs };
}

/** What followed a first step. */
export function firstStep(body: unknown): GrantedSession | SecondStepNeeded | undefined {
  const { secondStep } = (body ?? {}) as { secondStep?: unknown };
  if (secondStep === undefined) return grantedSession(body);
  const step = grantedSession(secondStep);
  return step && { ...step, outcome: 'second-step' };
}

/** For how long control asks to wait; a minute where it does not say. */
export function waitSeconds({ retryAfterSeconds, body }: ControlAnswer): number {
  const { retryAfterMs } = (body ?? {}) as { retryAfterMs?: unknown };
  return retryAfterSeconds ?? (typeof retryAfterMs === 'number' ? Math.ceil(retryAfterMs / 1000) : 60);
}
