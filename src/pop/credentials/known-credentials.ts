import type { CredentialRecord, SecretMethod, SnapshotState } from '../../core/link/index.ts';
import { identityFields } from '../../core/routing/index.ts';
import { type AssertedIdentity, subjectId } from '../../core/session/index.ts';

/** A credential of the snapshot. The same object as long as the record stays the same. */
export interface KnownCredential {
  readonly record: CredentialRecord;
  /** What backends are told of whoever holds it. */
  readonly identity: AssertedIdentity;
  readonly identityFields: readonly string[];
}

/** The credentials of one version of the snapshot. Those that have ended are in it; ask `isOver`. */
export class KnownCredentials {
  readonly #byId: ReadonlyMap<string, KnownCredential>;
  /** Links and tokens by their hash: one lookup, whoever asks for what. */
  readonly #bySecretHash = new Map<string, KnownCredential>();
  readonly #byResource = new Map<string, KnownCredential[]>();

  constructor(state: SnapshotState, previous: KnownCredentials | undefined) {
    const byId = new Map<string, KnownCredential>();
    for (const record of state.ofKind('credential')) {
      const old = previous?.ofId(record.id);
      const known = old?.record === record ? old : knownCredential(record);
      byId.set(record.id, known);
      if (record.method === 'share-link' || record.method === 'service-token')
        this.#bySecretHash.set(record.secretHash, known);
      for (const resourceId of record.resourceIds) {
        const others = this.#byResource.get(resourceId);
        if (others) others.push(known);
        else this.#byResource.set(resourceId, [known]);
      }
    }
    this.#byId = byId;
  }

  ofId(id: string): KnownCredential | undefined {
    return this.#byId.get(id);
  }

  /** The link or token with this hash, where it opens the resource and is not over. */
  ofSecretHash(
    hash: string,
    method: 'share-link' | 'service-token',
    resourceId: string,
    unixMs: number,
  ): KnownCredential | undefined {
    const known = this.#bySecretHash.get(hash);
    return known?.record.method === method && opens(known.record, resourceId, unixMs) ? known : undefined;
  }

  /** The credentials of a method that open a resource and are not over: one PIN or password, several of other methods. */
  opening(resourceId: string, method: SecretMethod, unixMs: number): readonly KnownCredential[] {
    const all = this.#byResource.get(resourceId);
    return all?.filter(({ record }) => record.method === method && !isOver(record, unixMs)) ?? [];
  }
}

export function isOver({ expiresUnixMs }: CredentialRecord, unixMs: number): boolean {
  return expiresUnixMs !== undefined && expiresUnixMs <= unixMs;
}

export function opens(record: CredentialRecord, resourceId: string, unixMs: number): boolean {
  return record.resourceIds.includes(resourceId) && !isOver(record, unixMs);
}

function knownCredential(record: CredentialRecord): KnownCredential {
  const userId = subjectId({ kind: 'holder', credentialId: record.id });
  const { name } = record;
  return {
    record,
    identity: { userId, name, roles: [] },
    identityFields: identityFields({ user: userId, name, groups: [] }),
  };
}
