/** An organisation as it is now, in the words of a blueprint. */
import { canonicalText, type NounName } from '../../core/blueprint/index.ts';
import type { Queries } from '../../io/store/index.ts';
import type { Control } from '../control.ts';
import { Names } from './names.ts';
import type { Stored } from './part.ts';
import { PARTS_IN_ORDER } from './parts.ts';

export interface Present {
  readonly names: Names;
  readonly things: readonly Stored[];
  /** What a plan was made of: another one where anything that a blueprint holds was changed since. */
  readonly basis: string;
}

/** @param may which nouns may be seen; of the others names alone are read */
export async function readPresent(
  control: Control,
  queries: Queries,
  organisationId: string,
  may: (noun: NounName) => boolean = () => true,
): Promise<Present> {
  const names = new Names();
  for (const [id, email] of await membersOf(queries, organisationId)) names.add('users', id, email);
  const reading = { control, queries, organisationId, names };
  const things: Stored[] = [];
  // Policies of what comes first may speak of providers.
  for (const provider of await providersOf(queries, organisationId)) names.add('providers', provider.id, provider.name);
  for (const part of PARTS_IN_ORDER) {
    const found = await part.stored(reading);
    for (const { noun, id, name } of found) names.add(noun, id, name);
    if (may(part.noun)) things.push(...found);
  }
  return { names, things, basis: basisOf(control, things) };
}

function basisOf({ crypto }: Control, things: readonly Stored[]): string {
  const text = things.map(({ noun, name, source, fields }) => `${noun} ${name} ${source} ${canonicalText(fields)}`);
  const digest = crypto.sha256(new TextEncoder().encode(text.sort().join('\n')));
  return Array.from(digest.subarray(0, 16), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

async function membersOf(queries: Queries, organisationId: string): Promise<(readonly [string, string])[]> {
  const rows = await queries
    .selectFrom('memberships')
    .innerJoin('users', 'users.id', 'memberships.user_id')
    .select(['users.id', 'users.email'])
    .where('memberships.organisation_id', '=', organisationId)
    .execute();
  return rows.map(({ id, email }) => [id, email] as const);
}

function providersOf(queries: Queries, organisationId: string) {
  const rows = queries.selectFrom('identity_providers').select(['id', 'name']);
  return rows.where('organisation_id', '=', organisationId).execute();
}
