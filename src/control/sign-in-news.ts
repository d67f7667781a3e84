import { type Clock, parseIpAddress } from '../base/index.ts';
import type { SignInFact, SnapshotState } from '../core/link/index.ts';
import { criteriaUsed, MAXIMUM_SIGN_IN_AGE_MS } from '../core/policy/index.ts';
import type { PopLink } from '../io/link-server.ts';
import type { Log } from '../io/log.ts';
import { type SignInRow, type Store, signInNewsSince, signInsSince } from '../io/store/index.ts';
import { SIGN_IN_NEWS_LATE_MS, SIGN_IN_NEWS_MS, SIGN_INS_TOLD_MAX } from './constants.ts';

export interface SignInNewsOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly publisher: () => { readonly current: SnapshotState | undefined };
  readonly links: () => Iterable<PopLink>;
}

/**
 * Tells PoPs who signed in from which address, where a policy of connections asks for it; otherwise nobody's address
 * leaves control. Every node reads the store, so it does not matter which of them judged a sign-in.
 */
export class SignInNews {
  readonly #options: SignInNewsOptions;
  /** PoPs that have the whole. */
  #told = new WeakSet<PopLink>();
  #sinceUnixMs = Number.POSITIVE_INFINITY;
  #asked: { readonly state: SnapshotState; readonly is: boolean } | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isBusy = false;

  constructor(options: SignInNewsOptions) {
    this.#options = options;
  }

  /** A PoP linked: from now on there is somebody to tell. */
  opened(): void {
    this.#timer ??= setInterval(() => void this.#look(), SIGN_IN_NEWS_MS);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  async #look(): Promise<void> {
    if (this.#isBusy || !this.#isAsked()) return;
    this.#isBusy = true;
    try {
      await this.#tell([...this.#options.links()]);
    } catch (error) {
      this.#options.log.warn('sign-ins cannot be read', { error });
    } finally {
      this.#isBusy = false;
    }
  }

  async #tell(links: readonly PopLink[]): Promise<void> {
    const { store, clock } = this.#options;
    const nowUnixMs = clock.unixMs();
    const since = Math.min(this.#sinceUnixMs, nowUnixMs) - SIGN_IN_NEWS_LATE_MS;
    const had = links.filter((link) => this.#told.has(link));
    const rows = had.length > 0 ? await signInNewsSince(store.database, since, SIGN_INS_TOLD_MAX) : [];
    const { put, remove } = newsOf(rows);
    if (rows.length > 0) for (const link of had) link.send({ type: 'signIns', whole: false, put, remove });
    const fresh = links.filter((link) => !this.#told.has(link));
    if (fresh.length > 0) {
      const all = await signInsSince(store.database, nowUnixMs - MAXIMUM_SIGN_IN_AGE_MS, SIGN_INS_TOLD_MAX);
      const whole = newsOf(all.reverse()).put;
      for (const link of fresh) {
        link.send({ type: 'signIns', whole: true, put: whole, remove: [] });
        this.#told.add(link);
      }
    }
    this.#sinceUnixMs = nowUnixMs;
  }

  /** Whether any policy asks; found out once for each version. */
  #isAsked(): boolean {
    const { current } = this.#options.publisher();
    if (!current) return false;
    if (this.#asked?.state !== current) {
      const streams = [...current.ofKind('streamResource')];
      const is = streams.some(({ policy }) => criteriaUsed(policy).has('recentSignIn'));
      if (!is) this.#told = new WeakSet();
      this.#asked = { state: current, is };
    }
    return this.#asked.is;
  }
}

function newsOf(rows: readonly SignInRow[]): { readonly put: SignInFact[]; readonly remove: string[] } {
  const put: SignInFact[] = [];
  const remove: string[] = [];
  for (const row of rows) {
    const { id: sessionId, user_id: userId, client_address: address, created_unix_ms: atUnixMs } = row;
    if (row.revoked_unix_ms !== null) remove.push(sessionId);
    else if (parseIpAddress(address)) put.push({ sessionId, userId, address, atUnixMs });
  }
  return { put, remove };
}
