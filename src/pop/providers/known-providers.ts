import type { IdentityProviderRecord, SnapshotState } from '../../core/link/index.ts';
import { recordKey, type UserRecord } from '../../core/link/index.ts';
import type { ProviderClientSettings } from '../../io/identity-provider/index.ts';
import type { AtPortal } from '../portal-visit.ts';
import type { AskedResource } from '../sign-in/ways.ts';
import type { SnapshotView } from '../snapshot-view.ts';

/** Below it are accounts of providers: connecting them, and signing out there. */
export const PROVIDERS_PATH = '/providers';

/** The provider with this id; undefined where there is none, or it is off. */
export function providerOf({ state }: SnapshotView, id: string): IdentityProviderRecord | undefined {
  const record = state.records.get(recordKey({ kind: 'identityProvider', id }));
  return record?.kind === 'identityProvider' ? record : undefined;
}

/** The provider that addresses call so. */
export function providerNamed({ state }: SnapshotView, name: string): IdentityProviderRecord | undefined {
  for (const record of state.ofKind('identityProvider')) if (record.name === name) return record;
  return undefined;
}

/** Providers that are offered: those of the organisation whose resource is asked for, else those that are listed for everybody. */
export function providersFor({ view }: AtPortal, asked: AskedResource | undefined): IdentityProviderRecord[] {
  const all = [...view.state.ofKind('identityProvider')];
  const own = asked ? view.organisationOf(asked.resource.record) : view.installation.organisationId;
  if (asked) return all.filter((record) => record.organisationId === own);
  return all.filter(({ organisationId, settings }) => settings.listed ?? organisationId === own);
}

/** Providers that somebody may connect with their account: those of their organisations. */
export function providersOfMember({ view }: AtPortal, user: UserRecord): IdentityProviderRecord[] {
  const all = [...view.state.ofKind('identityProvider')];
  return all.filter(({ organisationId }) => view.users.isMember(user, organisationId));
}

/** The one that the browser is led to without a choice. */
export function automaticProvider(at: AtPortal, asked: AskedResource | undefined): IdentityProviderRecord | undefined {
  const providers = providersFor(at, asked);
  const own = asked?.resource.record.providerId;
  return providers.find(({ id }) => id === own) ?? providers.find(({ settings }) => settings.automatic);
}

/**
 * Whether a session that a provider vouched for opens what belongs to an organisation: a provider speaks for the people of its
 * own organisation, and must not become somebody in another one, unless the installation's administrators said so.
 */
export function reaches(view: SnapshotView, providerId: string | undefined, organisationId: string): boolean {
  if (providerId === undefined) return true;
  const record = providerOf(view, providerId);
  if (!record) return false;
  return record.organisationId === organisationId || record.settings.mapping.organisation !== undefined;
}

export function clientSettings({
  id,
  clientId,
  clientSecret,
  settings,
}: IdentityProviderRecord): ProviderClientSettings {
  return { ...settings, id, clientId, clientSecret };
}

/** Where a provider sends browsers back to. */
export function redirectUri({ portalOrigin }: SnapshotView, name: string): string {
  return `${portalOrigin}/sign-in/provider/${name}/callback`;
}

const indexes = new WeakMap<SnapshotState, Map<string, UserRecord>>();

/** The user whom the provider calls so. The index is made when somebody asks, which is seldom: control does it otherwise. */
export function userByIdentity({ state }: SnapshotView, providerId: string, subject: string): UserRecord | undefined {
  let index = indexes.get(state);
  if (!index) {
    index = new Map();
    for (const user of state.ofKind('user'))
      for (const known of user.identities ?? []) index.set(JSON.stringify([known.providerId, known.subject]), user);
    indexes.set(state, index);
  }
  return index.get(JSON.stringify([providerId, subject]));
}
