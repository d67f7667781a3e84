import { type Clock, fromUtf8, type IpAddress, utf8 } from '../../base/index.ts';
import type { ControlToPop, SignInFact } from '../../core/link/index.ts';
import { MAXIMUM_SIGN_IN_AGE_MS, type Subject } from '../../core/policy/index.ts';
import type { Revocation } from '../../core/session/index.ts';
import { addressGroup } from '../../io/address-group.ts';
import type { SealedFile } from '../../io/sealed-file.ts';
import type { SnapshotView } from '../snapshot-view.ts';
import { MAXIMUM_SIGN_INS, MAXIMUM_SIGN_INS_PER_ADDRESS, SIGN_INS_SAVE_MS } from './constants.ts';

export interface RecentSignInsOptions {
  readonly view: () => SnapshotView | undefined;
  readonly clock: Clock;
  readonly file: SealedFile;
  readonly failed: (what: string, error: unknown) => void;
}

/**
 * Who signed in from which address lately, as control told: facts with an end, kept on disk, so that a connection is
 * judged by them without asking anybody. What a fact is worth is for the snapshot to say: whoever is disabled by now, or
 * no member of the organisation, counts for nothing.
 */
export class RecentSignIns {
  readonly #options: RecentSignInsOptions;
  /** By session, the oldest first. */
  readonly #facts = new Map<string, SignInFact>();
  /** Session ids by who counts as one client. */
  readonly #byAddress = new Map<string, Set<string>>();
  #isChanged = false;
  #savedMs = Number.NEGATIVE_INFINITY;

  constructor(options: RecentSignInsOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#facts.size;
  }

  /** Takes up what is on disk; a damaged file counts as none. */
  async load(): Promise<void> {
    try {
      const bytes = await this.#options.file.read();
      const text = bytes && fromUtf8(bytes);
      if (text) for (const fact of JSON.parse(text) as SignInFact[]) this.#put(fact);
    } catch (error) {
      this.#options.failed('sign-ins on disk are of no use', error);
    }
  }

  /** What control tells. */
  receive({ whole, put, remove }: Extract<ControlToPop, { type: 'signIns' }>): void {
    if (whole) for (const id of [...this.#facts.keys()]) this.#remove(id);
    for (const id of remove) this.#remove(id);
    for (const fact of put) this.#put(fact);
    this.#isChanged = true;
  }

  /** What was revoked counts no more, before control says so in its turn. */
  revoked(revocations: readonly Revocation[]): void {
    for (const revocation of revocations) {
      if (revocation.kind === 'session') this.#remove(revocation.sessionId);
      else if (revocation.kind === 'user') this.#endUser(revocation.userId, revocation.atUnixMs);
      else if (revocation.kind === 'provider' && revocation.userId !== undefined)
        this.#endUser(revocation.userId, revocation.atUnixMs);
    }
  }

  /** Members of an organisation who signed in from an address, the latest first. */
  from(address: IpAddress, organisationId: string, nowUnixMs: number): Subject[] {
    const view = this.#options.view();
    const ids = this.#byAddress.get(addressGroup(address.text));
    if (!view || !ids) return [];
    const subjects: Subject[] = [];
    for (const id of [...ids].reverse()) {
      const fact = this.#facts.get(id);
      if (!fact || isOver(fact, nowUnixMs)) continue;
      const user = view.users.member(fact.userId, organisationId);
      if (!user || user === 'not-a-member') continue;
      const { roles, groups, record } = user;
      const { userId, atUnixMs: authenticatedAtUnixMs } = fact;
      const who = { userId, email: record.email, roles, groups };
      subjects.push({ kind: 'user', ...who, methods: [], mfa: false, authenticatedAtUnixMs });
    }
    return subjects.sort((a, b) => b.authenticatedAtUnixMs - a.authenticatedAtUnixMs);
  }

  /** Forgets what is over, and writes what is new; call once a second. */
  tick(): void {
    const { clock } = this.#options;
    for (const [id, fact] of this.#facts) {
      if (!isOver(fact, clock.unixMs())) break;
      this.#remove(id);
    }
    if (this.#isChanged && clock.nowMs() - this.#savedMs >= SIGN_INS_SAVE_MS) void this.save();
  }

  async save(): Promise<void> {
    if (!this.#isChanged) return;
    this.#isChanged = false;
    this.#savedMs = this.#options.clock.nowMs();
    try {
      await this.#options.file.write(utf8(JSON.stringify([...this.#facts.values()])));
    } catch (error) {
      this.#options.failed('sign-ins cannot be written', error);
    }
  }

  #put(fact: SignInFact): void {
    this.#remove(fact.sessionId);
    const group = addressGroup(fact.address);
    const ids = this.#byAddress.get(group) ?? new Set();
    const [oldestThere] = ids.size >= MAXIMUM_SIGN_INS_PER_ADDRESS ? ids : [];
    const [oldest] = this.#facts.size >= MAXIMUM_SIGN_INS ? this.#facts.keys() : [];
    for (const id of [oldestThere, oldest]) if (id !== undefined) this.#remove(id);
    this.#facts.set(fact.sessionId, fact);
    this.#byAddress.set(group, ids.add(fact.sessionId));
    this.#isChanged = true;
  }

  #endUser(userId: string, untilUnixMs: number): void {
    for (const [id, fact] of [...this.#facts])
      if (fact.userId === userId && fact.atUnixMs <= untilUnixMs) this.#remove(id);
  }

  #remove(id: string): void {
    const fact = this.#facts.get(id);
    if (!fact) return;
    this.#facts.delete(id);
    this.#isChanged = true;
    const group = addressGroup(fact.address);
    const ids = this.#byAddress.get(group);
    if (ids?.delete(id) && ids.size === 0) this.#byAddress.delete(group);
  }
}

function isOver({ atUnixMs }: SignInFact, nowUnixMs: number): boolean {
  return nowUnixMs - atUnixMs > MAXIMUM_SIGN_IN_AGE_MS;
}
