/** What ends with a provider, or with what it called somebody. */
import {
  deleteIdentitiesOfProvider,
  findIdentityProvider,
  type IdentitiesTable,
  type IdentityProvidersTable,
  identitiesOfProvider,
  revokeProviderSessions,
  type StoreTransaction,
} from '../../io/store/index.ts';
import type { Control } from '../control.ts';
import { revocationOf } from '../portal-sessions.ts';
import { notFound } from '../problems.ts';
import { type Provided, provide } from './provided.ts';

/** Forgets whom a provider knows, and takes away what it gave them. */
export async function forgetIdentities(
  control: Control,
  transaction: StoreTransaction,
  providerId: string,
): Promise<void> {
  for (const held of await identitiesOfProvider(transaction, providerId)) await withdrawAll(control, transaction, held);
  await deleteIdentitiesOfProvider(transaction, providerId);
}

/** Takes away what the mapping gave. */
export async function withdrawAll(
  control: Control,
  transaction: StoreTransaction,
  held: IdentitiesTable,
): Promise<void> {
  const given = JSON.parse(held.provided) as Provided[];
  await provide(transaction, held.user_id, given, [], Math.round(control.clock.unixMs()));
}

/** Ends what came through a provider: all of it, or a user's. */
export async function endProviderSessions(
  control: Control,
  transaction: StoreTransaction,
  providerId: string,
  userId?: string,
) {
  const atUnixMs = Math.round(control.clock.unixMs());
  const ended = await revokeProviderSessions(transaction, providerId, { userId }, atUnixMs);
  const whose = userId !== undefined && { userId };
  return [
    ...ended.map((row) => revocationOf(row, atUnixMs)),
    { kind: 'provider' as const, providerId, ...whose, atUnixMs },
  ];
}

/** A provider of the organisation. Failure `not-found`. */
export async function requireProvider(
  control: Control,
  organisationId: string,
  providerId: string,
): Promise<IdentityProvidersTable> {
  const row = await findIdentityProvider(control.store.database, organisationId, providerId);
  if (!row) throw notFound('identity provider', providerId);
  return row;
}
