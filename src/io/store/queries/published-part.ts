import type { SelectQueryBuilder } from 'kysely';
import { PUBLISHED_PART_MAX } from '../constants.ts';
import type { Tables } from '../schema.ts';
import type { Queries } from '../store.ts';
import type { TouchNoun } from '../touch-rules.ts';
import type { Touch } from '../touches.ts';

/** Nouns that stand for themselves. */
export type PublishedNoun = Exclude<
  TouchNoun,
  'everything' | 'diagnosis' | 'resourcesOf' | 'membersOf' | 'role' | 'group'
>;

/** What is read of what is published, by noun and id. */
export class PublishedPart {
  readonly #ids = new Map<PublishedNoun, Set<string>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(noun: PublishedNoun, ids: readonly string[]): void {
    const known = this.#ids.get(noun) ?? new Set();
    this.#ids.set(noun, known);
    this.#size -= known.size;
    for (const id of ids) known.add(id);
    this.#size += known.size;
  }

  ids(...nouns: readonly PublishedNoun[]): string[] {
    return [...new Set(nouns.flatMap((noun) => [...(this.#ids.get(noun) ?? [])]))];
  }

  *[Symbol.iterator](): Generator<readonly [PublishedNoun, string]> {
    for (const [noun, ids] of this.#ids) for (const id of ids) yield [noun, id];
  }
}

/** All that was touched, with whoever has a role that was touched, and the like. Undefined where that is most of all. */
export async function publishedPartOf(queries: Queries, touches: readonly Touch[]): Promise<PublishedPart | undefined> {
  const part = new PublishedPart();
  for (const [noun, group] of Map.groupBy(touches, (touch) => touch.noun)) {
    if (noun === 'everything' || group.length > PUBLISHED_PART_MAX) return undefined;
    const ids = group.map(({ id }) => id);
    for (const [found, those] of await standingFor(queries, noun, ids)) part.add(found, those);
    if (part.size > PUBLISHED_PART_MAX) return undefined;
  }
  return part;
}

type Found = readonly (readonly [PublishedNoun, readonly string[]])[];

async function standingFor(
  queries: Queries,
  noun: Exclude<TouchNoun, 'everything'>,
  ids: readonly string[],
): Promise<Found> {
  switch (noun) {
    case 'diagnosis': {
      const connectors = queries.selectFrom('connectors').select('site_id').where('id', 'in', ids);
      return [['site', (await connectors.execute()).map((row) => row.site_id)]];
    }
    case 'resourcesOf': {
      const resources = queries.selectFrom('resources').select('id').where('organisation_id', 'in', ids);
      return [['resource', (await resources.execute()).map((row) => row.id)]];
    }
    case 'membersOf': {
      const members = queries.selectFrom('memberships').select('user_id').where('organisation_id', 'in', ids);
      return [['user', usersOf(await members.execute())]];
    }
    case 'group': {
      const members = queries.selectFrom('group_members').select('user_id').where('group_id', 'in', ids);
      return [['user', usersOf(await members.execute())]];
    }
    case 'role': {
      const holders = queries.selectFrom('user_roles').select('user_id').where('role_id', 'in', ids);
      const through = queries
        .selectFrom('group_members')
        .innerJoin('group_roles', 'group_roles.group_id', 'group_members.group_id')
        .select('group_members.user_id')
        .where('group_roles.role_id', 'in', ids);
      return [['user', usersOf([...(await holders.execute()), ...(await through.execute())])]];
    }
    default:
      return [[noun, ids]];
  }
}

function usersOf(rows: readonly { readonly user_id: string }[]): string[] {
  return [...new Set(rows.map((row) => row.user_id))];
}

/** The rows of a query, or those among them whose column is one of `ids`. */
export async function rowsAmong<Row>(
  // biome-ignore lint/suspicious/noExplicitAny: of any tables
  query: SelectQueryBuilder<Tables, any, Row>,
  column: string,
  ids: readonly string[] | undefined,
): Promise<Row[]> {
  if (ids?.length === 0) return [];
  return (ids ? query.where(column, 'in', [...ids]) : query).execute();
}

/** The same with two columns, of which one is enough. */
export async function rowsAmongEither<Row>(
  // biome-ignore lint/suspicious/noExplicitAny: of any tables
  query: SelectQueryBuilder<Tables, any, Row>,
  columns: readonly (readonly [column: string, ids: readonly string[] | undefined])[],
): Promise<Row[]> {
  if (columns.some(([, ids]) => ids === undefined)) return query.execute();
  const asked = columns.filter(([, ids]) => (ids?.length ?? 0) > 0);
  if (asked.length === 0) return [];
  return query
    .where((those) => those.or(asked.map(([column, ids]) => those(column, 'in', [...(ids ?? [])]))))
    .execute();
}
