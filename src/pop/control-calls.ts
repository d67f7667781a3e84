import { Failure } from '../base/index.ts';
import { ControlClient } from '../io/control-client.ts';
import type { OpenLink } from '../io/link-client.ts';
import { CONTROL_TIMEOUT_MS, MAXIMUM_CONTROL_ANSWER_BYTES, UPSTREAM_CONNECT_TIMEOUT_MS } from './constants.ts';
import { UPSTREAM_LIMITS } from './upstreams.ts';

export type SignInResult =
  | { readonly outcome: 'signed-in'; readonly token: string; readonly expiresUnixMs: number }
  | { readonly outcome: 'refused' }
  | { readonly outcome: 'limited'; readonly retryAfterSeconds: number }
  | { readonly outcome: 'unreachable' };

export type SetUpResult = 'saved' | 'password-weak' | 'set-up-unknown' | 'unreachable';

/** What the portal asks of control, over the node that the link is with. Nothing here is on the path of a request to a resource. */
export class ControlCalls {
  #client: ControlClient | undefined;
  #authentication = '';

  /** The client to the linked control node; undefined while there is no link. */
  get client(): ControlClient | undefined {
    return this.#client;
  }

  /** Value of `x-manis-link`: proves to control that this PoP is the one it is linked with. */
  get authentication(): string {
    return this.#authentication;
  }

  linkOpened(link: OpenLink): void {
    this.linkEnded();
    this.#client = new ControlClient(link, UPSTREAM_LIMITS, UPSTREAM_CONNECT_TIMEOUT_MS);
    this.#authentication = link.authentication;
  }

  linkEnded(): void {
    void this.#client?.close();
    this.#client = undefined;
    this.#authentication = '';
  }

  async signIn(email: string, password: string, clientAddress: string): Promise<SignInResult> {
    const answer = await this.#call('/internal/v1/sign-in', { email, password }, clientAddress);
    if (!answer) return { outcome: 'unreachable' };
    const { token, expiresUnixMs } = (answer.body ?? {}) as { token?: unknown; expiresUnixMs?: unknown };
    if (answer.status === 200 && typeof token === 'string' && typeof expiresUnixMs === 'number')
      return { outcome: 'signed-in', token, expiresUnixMs };
    if (answer.status === 429) return { outcome: 'limited', retryAfterSeconds: answer.retryAfterSeconds ?? 60 };
    return { outcome: answer.status === 401 || answer.status === 400 ? 'refused' : 'unreachable' };
  }

  /** Ends a session everywhere. The PoP has ended it here already, so a failure is no more than a delay elsewhere. */
  async signOut(token: string, clientAddress: string): Promise<boolean> {
    const answer = await this.#call('/internal/v1/sign-out', { token }, clientAddress);
    return answer !== undefined && answer.status < 300;
  }

  async setUp(token: string, password: string, clientAddress: string): Promise<SetUpResult> {
    const answer = await this.#call('/internal/v1/set-up', { token, password }, clientAddress);
    if (!answer) return 'unreachable';
    if (answer.status < 300) return 'saved';
    const { code } = (answer.body ?? {}) as { code?: unknown };
    if (code === 'password-weak') return code;
    return answer.status < 500 && answer.status !== 429 ? 'set-up-unknown' : 'unreachable';
  }

  async #call(path: string, body: Readonly<Record<string, unknown>>, clientAddress: string) {
    try {
      return await this.#client?.call({
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
