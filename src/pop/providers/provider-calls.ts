import type { SnapshotVersion } from '../../core/link/index.ts';
import type { ProviderAttempt } from '../../core/session/index.ts';
import type { ControlAnswer } from '../../io/control-client.ts';
import type { BrowserFacts, ClientFacts, ControlCalls, GrantedSession } from '../control-calls.ts';
import { versionIn } from '../snapshot-reached.ts';

/** What came back in the browser, and who is there. */
export interface ProviderReturn {
  readonly attempt: ProviderAttempt;
  /** The query of the redirect URI. */
  readonly query: string;
  readonly client: ClientFacts;
}

/** What control made of it. `failed`: the provider's answer did not do; `unreachable`: control was not asked, or did not answer. */
export type ProviderResult =
  | (Omit<GrantedSession, 'outcome'> & {
      readonly outcome: 'signed-in' | 'second-step';
      readonly idToken?: string | undefined;
      /** The snapshot in which what control changed for this sign-in is. */
      readonly version?: SnapshotVersion | undefined;
    })
  | { readonly outcome: 'refused'; readonly reason: string }
  | { readonly outcome: 'failed'; readonly code: string }
  | { readonly outcome: 'unreachable' };

/** What a PoP asks of control about identity providers. */
export class ProviderCalls {
  readonly #control: Pick<ControlCalls, 'call'>;

  constructor(control: Pick<ControlCalls, 'call'>) {
    this.#control = control;
  }

  async signIn(back: ProviderReturn, browser: BrowserFacts): Promise<ProviderResult> {
    const answer = await this.#ask('sign-in', { ...bodyOf(back), ...browser }, back.client.clientAddress);
    if (!answer) return { outcome: 'unreachable' };
    if (answer.status !== 200) return failureOf(answer);
    const { kind, reason, step, idToken } = answer.body as Record<string, unknown>;
    if (kind === 'refused') return { outcome: 'refused', reason: String(reason) };
    const first = (step ?? {}) as Record<string, unknown>;
    const second = first['secondStep'] as Record<string, unknown> | undefined;
    const { token, expiresUnixMs } = second ?? first;
    if (typeof token !== 'string' || typeof expiresUnixMs !== 'number') return { outcome: 'unreachable' };
    return {
      outcome: second ? 'second-step' : 'signed-in',
      token,
      expiresUnixMs,
      ...(typeof idToken === 'string' && { idToken }),
      version: versionIn(answer.body),
    };
  }

  /** Connects what the provider calls the person with their account. */
  async connect(back: ProviderReturn, token: string): Promise<'connected' | 'taken' | { readonly code: string }> {
    const answer = await this.#ask('connect', { ...bodyOf(back), token }, back.client.clientAddress);
    if (answer?.status !== 200) return { code: answer ? codeOf(answer) : 'unreachable' };
    return (answer.body as { connected?: unknown }).connected === true ? 'connected' : 'taken';
  }

  /** What the provider said, and what would become of it. */
  async describe(
    back: ProviderReturn,
    token: string,
  ): Promise<Readonly<Record<string, unknown>> | { readonly code: string }> {
    const answer = await this.#ask('try', { ...bodyOf(back), token }, back.client.clientAddress);
    if (answer?.status !== 200) return { code: answer ? codeOf(answer) : 'unreachable' };
    return answer.body as Record<string, unknown>;
  }

  /** Tells control of a sign-out at a provider; it verifies the token itself. */
  async signOut(
    providerId: string,
    logoutToken: string,
    clientAddress: string,
  ): Promise<'done' | 'refused' | 'unreachable'> {
    const answer = await this.#ask('sign-out', { providerId, logoutToken, clientAddress }, clientAddress);
    if (!answer || answer.status >= 500) return 'unreachable';
    return answer.status < 300 ? 'done' : 'refused';
  }

  /** A code is good once: a control node that was asked may have spent it, so no other one is. */
  #ask(
    what: string,
    body: Readonly<Record<string, unknown>>,
    clientAddress: string,
  ): Promise<ControlAnswer | undefined> {
    return this.#control.call(`/internal/v1/providers/${what}`, body, clientAddress, 'unless-sent');
  }
}

function bodyOf({ attempt, query, client }: ProviderReturn): Readonly<Record<string, unknown>> {
  const { id, nonce, verifier, fresh, providerId } = attempt;
  return { providerId, attempt: { id, nonce, verifier, fresh }, query, ...client };
}

function failureOf(answer: ControlAnswer): ProviderResult {
  const code = codeOf(answer);
  // Of control's own troubles, those of the provider aside, the PoP can do without.
  if (answer.status >= 500 && !code.startsWith('provider-')) return { outcome: 'unreachable' };
  return { outcome: 'failed', code };
}

function codeOf({ body }: ControlAnswer): string {
  const { code } = (body ?? {}) as { code?: unknown };
  return typeof code === 'string' ? code : 'internal';
}
