import { assertNever } from '../base/index.ts';
import { faultInRevocation, type SnapshotVersion } from '../core/link/index.ts';
import type { Revocation } from '../core/session/index.ts';
import {
  type AuditEventsTable,
  insertAuditEvents,
  insertRevocation,
  nextRevision,
  type Queries,
  type StoreTransaction,
} from '../io/store/index.ts';
import { SESSION_LIFETIME_MAX_MS } from './constants.ts';
import type { Actor, AuditNote, Changed, ChangeWork, Control } from './control.ts';
import { newId } from './ids.ts';
import { changedMeanwhile } from './problems.ts';

/** Keys stay revoked. */
const FOR_EVER_UNIX_MS = 253_402_300_799_000;

/** Changes what PoPs know: transaction, revision, audit event and revocations in one; then PoPs are told. */
export async function publishChange<Value>(control: Control, actor: Actor, work: ChangeWork<Value>): Promise<Value> {
  const { value: changed } = await control.store.publish(async (transaction, version) => {
    requireStillAt(actor, version);
    const made = await work(transaction);
    await finish(control, actor, transaction, made);
    await control.notices.changed(transaction, actor, made.note);
    return made;
  });
  tell(control, actor, changed.note);
  if (control.store.isJoined) return changed.value;
  control.publisher.wake();
  control.links.pushRevocations();
  control.notices.wake();
  return changed.value;
}

/** Changes what only control knows (tokens, sessions), with the audit event and revocations in the same transaction. */
export async function change<Value>(control: Control, actor: Actor, work: ChangeWork<Value>): Promise<Value> {
  const changed = await control.store.transaction(async (transaction) => {
    // Of several that go by what they read, one takes the revision; PoPs learn of no more than that.
    if (actor.atRevision !== undefined) requireStillAt(actor, await nextRevision(transaction));
    const made = await work(transaction);
    await finish(control, actor, transaction, made);
    return made;
  });
  if (!control.store.isJoined) {
    if (actor.atRevision !== undefined) control.publisher.wake();
    control.links.pushRevocations();
  }
  tell(control, actor, changed.note);
  return changed.value;
}

/** Failure `precondition-failed` where anything was published since the look that the change goes by. */
function requireStillAt({ atRevision }: Actor, { revision }: SnapshotVersion): void {
  if (atRevision !== undefined && Number(revision) !== atRevision + 1) throw changedMeanwhile();
}

/** Those who look hear of it. */
function tell(control: Control, actor: Actor, note: AuditNote): void {
  control.live.changed(organisationOf(actor, note), note);
}

function organisationOf(actor: Actor, note: AuditNote): string | null {
  return (note.organisationId === undefined ? actor.organisationId : note.organisationId) ?? null;
}

/** An event that changes nothing else. */
export async function audit(control: Control, queries: Queries, actor: Actor, note: AuditNote): Promise<void> {
  await insertAuditEvents(queries, [auditRow(control, actor, note)]);
}

async function finish(
  control: Control,
  actor: Actor,
  transaction: StoreTransaction,
  changed: Changed<unknown>,
): Promise<void> {
  await insertAuditEvents(transaction, [auditRow(control, actor, changed.note)]);
  const unixMs = Math.round(control.clock.unixMs());
  for (const revocation of changed.revoke ?? []) {
    const fault = faultInRevocation(revocation);
    if (fault !== undefined) throw new Error(`a revocation that no PoP would take: ${fault}`);
    await insertRevocation(transaction, JSON.stringify(revocation), unixMs, endOf(revocation));
  }
}

function endOf(revocation: Revocation): number {
  switch (revocation.kind) {
    case 'session':
      return revocation.expiresAtUnixMs;
    case 'user':
    case 'credential':
    case 'provider':
    case 'resource':
      return revocation.atUnixMs + SESSION_LIFETIME_MAX_MS;
    case 'key':
      return FOR_EVER_UNIX_MS;
    default:
      return assertNever(revocation);
  }
}

export function auditRow(control: Control, actor: Actor, note: AuditNote): AuditEventsTable {
  return {
    id: newId('aud', control.clock, control.random),
    unix_ms: Math.round(control.clock.unixMs()),
    source: 'control',
    actor: actor.name,
    action: note.action,
    subject: note.subject,
    outcome: note.outcome ?? 'done',
    client_address: actor.clientAddress,
    detail: JSON.stringify(note.detail ?? {}),
    organisation_id: organisationOf(actor, note),
  };
}
