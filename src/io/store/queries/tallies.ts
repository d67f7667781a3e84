import type { Queries } from '../store.ts';

/** How many there are, of what metrics tell. */
export async function countRows(queries: Queries): Promise<Record<string, number>> {
  const count = async (
    table: 'organisations' | 'users' | 'resources' | 'sites' | 'pops' | 'connectors',
  ): Promise<number> => {
    const row = await queries
      .selectFrom(table)
      .select((build) => build.fn.countAll().as('count'))
      .executeTakeFirstOrThrow();
    return Number(row.count);
  };
  return {
    organisation: await count('organisations'),
    user: await count('users'),
    resource: await count('resources'),
    site: await count('sites'),
    pop: await count('pops'),
    connector: await count('connectors'),
  };
}

/** When each certificate ends, in Unix milliseconds. */
export async function certificateEnds(queries: Queries): Promise<number[]> {
  const rows = await queries.selectFrom('certificates').select('not_after_unix_ms').execute();
  return rows.map((row) => Number(row.not_after_unix_ms));
}

/** Events for webhooks by state, and alerts that have not recovered. */
export async function countNotices(
  queries: Queries,
): Promise<{ readonly deliveries: Record<string, number>; readonly raised: number }> {
  const states = await queries
    .selectFrom('webhook_deliveries')
    .select(['state', (build) => build.fn.countAll().as('count')])
    .groupBy('state')
    .execute();
  const raised = await queries
    .selectFrom('raised_alerts')
    .select((build) => build.fn.countAll().as('count'))
    .executeTakeFirstOrThrow();
  const none = { waiting: 0, delivered: 0, dead: 0 };
  const counted = Object.fromEntries(states.map(({ state, count }) => [state, Number(count)]));
  return { deliveries: { ...none, ...counted }, raised: Number(raised.count) };
}

/** Asks the least there is to ask; rejects where the store is out of reach. */
export async function askStore(queries: Queries): Promise<void> {
  await queries.selectFrom('counters').select('id').limit(1).execute();
}
