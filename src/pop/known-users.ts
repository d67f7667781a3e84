import { type InstallationRecord, recordKey, type SnapshotState, type UserRecord } from '../core/link/index.ts';
import { identityFields } from '../core/routing/index.ts';
import type { AssertedIdentity } from '../core/session/index.ts';

/** A user as one organisation has them, or bare. The same object as long as the record stays the same. */
export interface KnownUser {
  readonly record: UserRecord;
  /** In the organisation; none for the bare account. */
  readonly roles: readonly string[];
  readonly groups: readonly string[];
  readonly identity: AssertedIdentity;
  /** Remote-User and its kin. */
  readonly identityFields: readonly string[];
}

const BARE = '';

/** Made when somebody asks, since few of very many users ask at one PoP; and kept by record, so that views share them. */
const known = new WeakMap<UserRecord, Map<string, KnownUser>>();

/** The users of a snapshot, who are somebody else in each organisation. */
export class KnownUsers {
  readonly #state: SnapshotState;
  /** The organisation that an older control, which knows no other, means. */
  readonly #home: string;

  constructor(state: SnapshotState, installation: Pick<InstallationRecord, 'organisationId'>) {
    this.#state = state;
    this.#home = installation.organisationId;
  }

  /** The account, whatever it is a member of; undefined for one who is disabled. */
  account(id: string): KnownUser | undefined {
    const record = this.#record(id);
    return record && remembered(record, BARE, () => knownUser(record, [], []));
  }

  /** The user as a member of an organisation. `not-a-member`: the account may be signed in, and is nobody there. */
  member(id: string, organisationId: string): KnownUser | 'not-a-member' | undefined {
    const record = this.#record(id);
    if (!record) return undefined;
    const membership = this.#membership(record, organisationId);
    if (!membership) return 'not-a-member';
    const { roles, groups } = membership;
    return remembered(record, organisationId, () => knownUser(record, roles, groups ?? []));
  }

  /** Whether the account is a member of the organisation. */
  isMember(record: UserRecord, organisationId: string): boolean {
    return this.#membership(record, organisationId) !== undefined;
  }

  #record(id: string): UserRecord | undefined {
    const record = this.#state.records.get(recordKey({ kind: 'user', id }));
    return record?.kind === 'user' && !record.disabled ? record : undefined;
  }

  #membership(
    { memberships, roles }: UserRecord,
    organisationId: string,
  ): { readonly roles: readonly string[]; readonly groups?: readonly string[] } | undefined {
    if (memberships) return memberships.find((membership) => membership.organisationId === organisationId);
    return organisationId === this.#home ? { roles } : undefined;
  }
}

function remembered(record: UserRecord, organisationId: string, make: () => KnownUser): KnownUser {
  const own = known.get(record) ?? new Map<string, KnownUser>();
  const user = own.get(organisationId) ?? make();
  own.set(organisationId, user);
  known.set(record, own);
  return user;
}

function knownUser(record: UserRecord, roles: readonly string[], groups: readonly string[]): KnownUser {
  const { id: userId, email, name } = record;
  // Applications know one list; a name that is both a role's and a group's stands in it once.
  const all = [...new Set([...roles, ...groups])];
  const fields = identityFields({ user: email, email, name, groups: all });
  return { record, roles, groups, identity: { userId, email, name, roles, groups }, identityFields: fields };
}
