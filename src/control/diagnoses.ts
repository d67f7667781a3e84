/** What connectors found out about their networks, brought by PoPs: the last of each is kept. */
import { type Diagnosis, type DiagnosisAnswer, readDiagnosis } from '../core/link/index.ts';
import { findConnectorAnywhere, findConnectorDiagnosis, putConnectorDiagnosis } from '../io/store/index.ts';
import { DIAGNOSIS_PAUSE_MS } from './constants.ts';
import type { Control } from './control.ts';
import { ControlFailure } from './problems.ts';

/** Failure `diagnosis-rate-limited` where the connector tells of itself too often. */
export async function takeDiagnosis(control: Control, connectorId: string, line: string): Promise<DiagnosisAnswer> {
  const { store, clock, live } = control;
  const diagnosis = readDiagnosis(line);
  const connector = await findConnectorAnywhere(store.database, connectorId);
  if (!diagnosis || !connector) return { outcome: 'refused' };
  const nowUnixMs = Math.round(clock.unixMs());
  const before = await findConnectorDiagnosis(store.database, connectorId);
  if (before?.diagnosis === line) return { outcome: 'kept' };
  // A clock that was set back does not keep anybody out.
  const sinceMs = Math.abs(nowUnixMs - (before?.taken_unix_ms ?? Number.NEGATIVE_INFINITY));
  if (sinceMs < DIAGNOSIS_PAUSE_MS)
    throw new ControlFailure('diagnosis-rate-limited', 'the connector told of itself just now');
  const owner = { connector_id: connectorId, organisation_id: connector.organisation_id };
  await store.transaction((transaction) =>
    putConnectorDiagnosis(transaction, owner, { diagnosis: line, taken_unix_ms: nowUnixMs }),
  );
  live.changed(connector.organisation_id, { action: 'connector.diagnosed', subject: connectorId });
  return { outcome: 'kept' };
}

/** As it was kept; undefined where a version of before or after wrote it in other words. */
export function keptDiagnosis(row: { readonly diagnosis: string | null } | undefined): Diagnosis | undefined {
  return row?.diagnosis == null ? undefined : readDiagnosis(row.diagnosis);
}

/** The number of a new wish: the time, and greater than the one before. */
export function nextWish(before: number, nowUnixMs: number): number {
  return Math.max(before + 1, Math.round(nowUnixMs));
}
