import type { ConnectorDiagnosesTable } from '../schema-of-diagnoses.ts';
import type { Queries, StoreTransaction } from '../store.ts';
import { rowsAmong } from './published-part.ts';

export function findConnectorDiagnosis(
  queries: Queries,
  connectorId: string,
): Promise<ConnectorDiagnosesTable | undefined> {
  return queries
    .selectFrom('connector_diagnoses')
    .selectAll()
    .where('connector_id', '=', connectorId)
    .executeTakeFirst();
}

/** Wishes that connectors look at their networks, by connector; answered ones too: their number alone says which is new. */
export function askedDiagnoses(
  queries: Queries,
  connectorIds?: readonly string[],
): Promise<Pick<ConnectorDiagnosesTable, 'connector_id' | 'asked'>[]> {
  const all = queries
    .selectFrom('connector_diagnoses')
    .select(['connector_id', 'asked'])
    .where('asked', '>', 0)
    .orderBy('connector_id');
  return rowsAmong(all, 'connector_id', connectorIds);
}

/** What is left out stays as it is. */
export async function putConnectorDiagnosis(
  transaction: StoreTransaction,
  owner: Pick<ConnectorDiagnosesTable, 'connector_id' | 'organisation_id'>,
  change: Partial<Pick<ConnectorDiagnosesTable, 'asked' | 'diagnosis' | 'taken_unix_ms'>>,
): Promise<void> {
  await transaction
    .insertInto('connector_diagnoses')
    .values({ ...owner, asked: 0, diagnosis: null, taken_unix_ms: null, ...change })
    .onConflict((conflict) => conflict.column('connector_id').doUpdateSet(change))
    .execute();
}
