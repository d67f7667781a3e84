/** What control counts for all PoPs together: tries of secrets, uses of limited links, and what PoPs tell of use. */
import {
  type GrantedTries,
  type GuessableMethod,
  leaseTries,
  sharedUses,
  TRY_ALLOWANCES,
  TRY_WINDOW_MS,
} from '../../core/budget/index.ts';
import {
  type CredentialsTable,
  type CredentialUsesTable,
  credentialUses,
  publishedCredential,
  putCredentialUses,
  type StoreTransaction,
} from '../../io/store/index.ts';
import { audit } from '../change.ts';
import type { Control } from '../control.ts';

export interface CredentialReference {
  readonly credentialId: string;
  readonly version: number;
}

export interface ReportedUse extends CredentialReference {
  readonly uses: number;
  readonly lastUsedUnixMs: number | null;
  readonly attackedUnixMs: number | null;
}

/** Hands out tries of the pool. None where the credential is gone or has another secret by now. */
export async function grantTries(
  control: Control,
  popId: string,
  reference: CredentialReference,
): Promise<{ tries: number; untilUnixMs: number }> {
  const nowUnixMs = Math.round(control.clock.unixMs());
  return control.store.transaction(async (transaction) => {
    const found = await usesOf(transaction, reference);
    const allowance = found && TRY_ALLOWANCES[found.credential.method as GuessableMethod];
    if (!found || !allowance) return { tries: 0, untilUnixMs: nowUnixMs };
    const { credential, uses } = found;
    const granted = JSON.parse(uses.granted_tries) as GrantedTries;
    const lease = leaseTries(granted, allowance, nowUnixMs);
    const attacked = lease.tries === 0;
    if (attacked) await noteAttack(control, transaction, popId, credential, uses, nowUnixMs);
    await putCredentialUses(transaction, {
      ...uses,
      granted_tries: JSON.stringify(lease.granted),
      attacked_unix_ms: attacked ? nowUnixMs : uses.attacked_unix_ms,
    });
    return { tries: lease.tries, untilUnixMs: lease.untilUnixMs };
  });
}

/** One use of a limited link, where one is left that no PoP keeps. */
export async function grantUse(control: Control, reference: CredentialReference): Promise<boolean> {
  const nowUnixMs = Math.round(control.clock.unixMs());
  return control.store.transaction(async (transaction) => {
    const found = await usesOf(transaction, reference);
    const most = found?.credential.maximum_uses ?? null;
    if (!found || most === null) return false;
    const { credential, uses } = found;
    if (credential.expires_unix_ms !== null && credential.expires_unix_ms <= nowUnixMs) return false;
    if (uses.granted_uses >= most - sharedUses(most)) return false;
    await putCredentialUses(transaction, {
      ...uses,
      granted_uses: uses.granted_uses + 1,
      uses: uses.uses + 1,
      last_used_unix_ms: nowUnixMs,
    });
    return true;
  });
}

/** What a PoP tells. Reports of credentials that are gone or of older versions are passed over. */
export async function takeReport(control: Control, popId: string, reports: readonly ReportedUse[]): Promise<void> {
  await control.store.transaction(async (transaction) => {
    for (const report of reports) {
      const found = await usesOf(transaction, report);
      if (!found) continue;
      const { credential, uses } = found;
      const { attackedUnixMs } = report;
      if (attackedUnixMs !== null) await noteAttack(control, transaction, popId, credential, uses, attackedUnixMs);
      await putCredentialUses(transaction, {
        ...uses,
        uses: uses.uses + report.uses,
        last_used_unix_ms: later(uses.last_used_unix_ms, report.lastUsedUnixMs),
        attacked_unix_ms: later(uses.attacked_unix_ms, attackedUnixMs),
      });
    }
  });
}

/** The first refusal in an hour is worth an event; the others are the same attack. */
async function noteAttack(
  control: Control,
  transaction: StoreTransaction,
  popId: string,
  credential: CredentialsTable,
  uses: CredentialUsesTable,
  unixMs: number,
): Promise<void> {
  if (uses.attacked_unix_ms !== null && unixMs - uses.attacked_unix_ms < TRY_WINDOW_MS) return;
  const { id, method, name } = credential;
  const note = { action: 'credential.attacked', subject: id, outcome: 'refused', detail: { method, name } };
  await audit(control, transaction, { name: `pop:${popId}`, clientAddress: '' }, note);
}

async function usesOf(
  transaction: StoreTransaction,
  { credentialId, version }: CredentialReference,
): Promise<{ credential: CredentialsTable; uses: CredentialUsesTable } | undefined> {
  const credential = await publishedCredential(transaction, credentialId);
  if (credential?.version !== version) return undefined;
  const held = await credentialUses(transaction, credentialId);
  if (held?.version === version) return { credential, uses: held };
  const none = { uses: 0, last_used_unix_ms: null, attacked_unix_ms: null, granted_uses: 0, granted_tries: '[]' };
  return { credential, uses: { credential_id: credentialId, version, ...none } };
}

function later(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.max(a, b);
}
