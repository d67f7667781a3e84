import { assertNever } from '../../base/assert-never.ts';
import { type SessionClaims, subjectId } from './claims.ts';
import { MAXIMUM_REVOKED_SESSIONS, MAXIMUM_SESSION_LIFETIME_MS } from './constants.ts';
import { type ProviderRevocation, ProviderSignOuts } from './provider-sign-outs.ts';
import type { RevocationReason } from './reasons.ts';

/**
 * One revocation. `atUnixMs` is when it was made.
 *
 * | kind | ends |
 * |---|---|
 * | session | this session, and those that came from it |
 * | user | every session of the user that began at a lower session epoch |
 * | credential | every session that began with a lower version of the credential |
 * | provider | what came of the identity provider's session `sid`; else what the user, or everybody, proved there until `atUnixMs` |
 * | resource | every session with the resource that began up to `atUnixMs` |
 * | key | everything the key signed, or its PoP judged, for good |
 */
export type Revocation =
  | {
      readonly kind: 'session';
      readonly sessionId: string;
      /** Whose it is: `subjectId`. */
      readonly userId: string;
      readonly atUnixMs: number;
      /** When the session would have ended by itself; nothing needs to be kept after. */
      readonly expiresAtUnixMs: number;
    }
  | { readonly kind: 'user'; readonly userId: string; readonly minimumEpoch: number; readonly atUnixMs: number }
  | {
      readonly kind: 'credential';
      readonly credentialId: string;
      readonly minimumVersion: number;
      readonly atUnixMs: number;
    }
  | ProviderRevocation
  | { readonly kind: 'resource'; readonly resourceId: string; readonly atUnixMs: number }
  | { readonly kind: 'key'; readonly keyId: string; readonly atUnixMs: number };

/** Place in control's stream of revocations. A restore of control's store begins a new epoch. */
export interface StreamPosition {
  readonly epoch: number;
  readonly sequence: number;
}

/** The whole table, plain JSON: for the disk of a PoP, and for one that fell behind. */
export interface RevocationState {
  readonly position: StreamPosition;
  readonly revocations: readonly Revocation[];
  readonly folded: readonly (readonly [userId: string, startedUntilUnixMs: number])[];
}

/**
 * `applied` moved the position on; `duplicate` was known; after a `gap` the revocation holds but the position stays,
 * so the holder asks for what is missing; `epoch-new` likewise asks for the whole state.
 */
export type Applied = 'applied' | 'duplicate' | 'gap' | 'epoch-new' | 'epoch-old';

type SessionRevocation = Revocation & { kind: 'session' };

/**
 * What is revoked. Monotonic: nothing that is applied or merged ever brings a session back. Bounded: entries go when
 * what they revoke has ended, and beyond `MAXIMUM_REVOKED_SESSIONS` a session's revocation counts for its whole user.
 */
export class RevocationTable {
  #position: StreamPosition = { epoch: 0, sequence: 0 };
  readonly #maximumSessions: number;
  readonly #sessions = new Map<string, SessionRevocation>();
  readonly #users = new Map<string, Revocation & { kind: 'user' }>();
  readonly #credentials = new Map<string, Revocation & { kind: 'credential' }>();
  readonly #providers = new ProviderSignOuts();
  readonly #resources = new Map<string, Revocation & { kind: 'resource' }>();
  readonly #keys = new Map<string, Revocation & { kind: 'key' }>();
  /** Users whose sessions begun up to a time are all revoked, because the list of single ones was full. */
  readonly #folded = new Map<string, number>();

  constructor(maximumSessions = MAXIMUM_REVOKED_SESSIONS) {
    this.#maximumSessions = maximumSessions;
  }

  /** How far into control's stream every revocation is known; what a PoP acknowledges. */
  get position(): StreamPosition {
    return this.#position;
  }

  /** Single sessions held. */
  get sessionCount(): number {
    return this.#sessions.size;
  }

  /** Takes the revocation at `position` of the stream. It holds from now on, whatever the answer. */
  apply(position: StreamPosition, revocation: Revocation): Applied {
    this.revoke(revocation);
    const { epoch, sequence } = this.#position;
    if (position.epoch !== epoch) return position.epoch > epoch ? 'epoch-new' : 'epoch-old';
    if (position.sequence <= sequence) return 'duplicate';
    if (position.sequence > sequence + 1) return 'gap';
    this.#position = position;
    return 'applied';
  }

  /** Takes a revocation that was made here, before control has given it a place in the stream. */
  revoke(revocation: Revocation): void {
    switch (revocation.kind) {
      case 'session':
        this.#revokeSession(revocation);
        break;
      case 'user':
        keepGreater(this.#users, revocation.userId, revocation, (entry) => entry.minimumEpoch);
        break;
      case 'credential':
        keepGreater(this.#credentials, revocation.credentialId, revocation, (entry) => entry.minimumVersion);
        break;
      case 'provider':
        this.#providers.add(revocation);
        break;
      case 'resource':
        keepGreater(this.#resources, revocation.resourceId, revocation, (entry) => entry.atUnixMs);
        break;
      case 'key':
        keepGreater(this.#keys, revocation.keyId, revocation, (entry) => entry.atUnixMs);
        break;
      default:
        assertNever(revocation);
    }
  }

  /** Adds a whole state to this one, and takes its position where that is further on. */
  merge(state: RevocationState): void {
    for (const revocation of state.revocations) this.revoke(revocation);
    for (const [userId, untilUnixMs] of state.folded) this.#fold(userId, untilUnixMs);
    if (isAfter(state.position, this.#position)) this.#position = state.position;
  }

  /** The lowest session epoch at which the user may be signed in now, as far as is known here. */
  minimumEpochOf(userId: string): number {
    return this.#users.get(userId)?.minimumEpoch ?? 0;
  }

  /** Why a session that the key `keyId` signed does not hold, or undefined where nothing speaks against it. */
  reasonAgainst(claims: SessionClaims, keyId: string): RevocationReason | undefined {
    const { subject } = claims;
    const userId = subjectId(subject);
    if (this.#keys.has(keyId) || (claims.judgedBy !== undefined && this.#keys.has(claims.judgedBy)))
      return 'key-revoked';
    if (this.#sessions.has(claims.id)) return 'session-revoked';
    const user = this.#users.get(userId);
    if (user !== undefined && claims.epoch < user.minimumEpoch) return 'user-revoked';
    if (subject.kind === 'holder') {
      const credential = this.#credentials.get(subject.credentialId);
      if (credential !== undefined && claims.epoch < credential.minimumVersion) return 'credential-revoked';
    }
    if (this.#folded.size > 0 && claims.startedAtUnixMs <= (this.#folded.get(userId) ?? -1)) return 'user-revoked';
    if (claims.via !== undefined && this.#providers.hasEnded(claims.via, userId, claims.authenticatedAtUnixMs))
      return 'provider-signed-out';
    if (claims.kind === 'portal') return undefined;
    if (this.#sessions.has(claims.parentId)) return 'parent-revoked';
    const resource = this.#resources.get(claims.resourceId);
    return resource !== undefined && claims.startedAtUnixMs <= resource.atUnixMs ? 'resource-revoked' : undefined;
  }

  /** Forgets what can no longer matter. Keys are kept: whoever stole one signs whatever dates they like. */
  purge(nowUnixMs: number): void {
    const longAgo = nowUnixMs - MAXIMUM_SESSION_LIFETIME_MS;
    for (const [id, { expiresAtUnixMs }] of this.#sessions) if (expiresAtUnixMs < nowUnixMs) this.#sessions.delete(id);
    for (const [id, { atUnixMs }] of this.#users) if (atUnixMs < longAgo) this.#users.delete(id);
    for (const [id, { atUnixMs }] of this.#credentials) if (atUnixMs < longAgo) this.#credentials.delete(id);
    this.#providers.purge(longAgo);
    for (const [id, { atUnixMs }] of this.#resources) if (atUnixMs < longAgo) this.#resources.delete(id);
    for (const [id, untilUnixMs] of this.#folded) if (untilUnixMs < longAgo) this.#folded.delete(id);
  }

  /** Everything, as plain JSON. */
  state(): RevocationState {
    const tables = [this.#sessions, this.#users, this.#credentials, this.#resources, this.#keys];
    return {
      position: this.#position,
      revocations: [...tables.flatMap((table) => [...table.values()] as Revocation[]), ...this.#providers.entries()],
      folded: [...this.#folded],
    };
  }

  #revokeSession(revocation: SessionRevocation): void {
    if (this.#sessions.size < this.#maximumSessions || this.#sessions.has(revocation.sessionId))
      keepGreater(this.#sessions, revocation.sessionId, revocation, (entry) => entry.expiresAtUnixMs);
    else this.#fold(revocation.userId, revocation.atUnixMs);
  }

  #fold(userId: string, untilUnixMs: number): void {
    this.#folded.set(userId, Math.max(untilUnixMs, this.#folded.get(userId) ?? 0));
  }
}

function isAfter(a: StreamPosition, b: StreamPosition): boolean {
  return a.epoch > b.epoch || (a.epoch === b.epoch && a.sequence > b.sequence);
}

function keepGreater<Entry>(table: Map<string, Entry>, id: string, entry: Entry, rank: (entry: Entry) => number): void {
  const held = table.get(id);
  if (held === undefined || rank(entry) > rank(held)) table.set(id, entry);
}
