/** The end of quick tunnels: everything that they made goes at once, and what is open through them is cut. */
import type { Revocation } from '../../core/session/index.ts';
import {
  deleteCredential,
  deleteQuickTunnel,
  deleteResource,
  deleteSite,
  endedQuickTunnels,
  findCredential,
  findResource,
  keepForGood,
  type QuickTunnelsTable,
  type StoreTransaction,
  siteHasTargets,
} from '../../io/store/index.ts';
import { publishChange } from '../change.ts';
import type { Actor, Control } from '../control.ts';
import { ControlFailure, notFound } from '../problems.ts';

export type EndReason = 'asked' | 'expired' | 'silent';

/** Failure `not-found` where somebody else ended it. */
export async function endQuickTunnel(
  control: Control,
  actor: Actor,
  row: QuickTunnelsTable,
  reason: EndReason,
): Promise<void> {
  await publishChange(control, actor, async (transaction) => {
    if (!(await deleteQuickTunnel(transaction, row.id))) throw notFound('quick tunnel', row.id);
    const atUnixMs = Math.round(control.clock.unixMs());
    const revoke = [
      ...(await endResources(control, transaction, row, atUnixMs)),
      ...(await endCredential(transaction, row, atUnixMs)),
    ];
    // Somebody may have put more there.
    if (await siteHasTargets(transaction, row.site_id)) await keepForGood(transaction, row.site_id, []);
    else await deleteSite(transaction, row.organisation_id, row.site_id);
    const note = {
      action: 'quick-tunnel.end',
      subject: row.id,
      detail: { reason },
      organisationId: row.organisation_id,
    };
    return { value: undefined, note, revoke };
  });
  await control.hostsChanged();
}

export function resourceIdsOf(row: Pick<QuickTunnelsTable, 'resource_ids'>): string[] {
  return JSON.parse(row.resource_ids) as string[];
}

async function endResources(
  control: Control,
  transaction: StoreTransaction,
  row: QuickTunnelsTable,
  atUnixMs: number,
): Promise<Revocation[]> {
  const ended: Revocation[] = [];
  for (const resourceId of resourceIdsOf(row)) {
    const resource = await findResource(transaction, row.organisation_id, resourceId);
    if (!resource || !(await deleteResource(transaction, row.organisation_id, resourceId))) continue;
    await control.hostCertificates.goes(transaction, resource);
    ended.push({ kind: 'resource', resourceId, atUnixMs });
  }
  return ended;
}

async function endCredential(
  transaction: StoreTransaction,
  { organisation_id, credential_id }: QuickTunnelsTable,
  atUnixMs: number,
): Promise<Revocation[]> {
  if (credential_id === null) return [];
  const found = await findCredential(transaction, organisation_id, credential_id);
  if (!found) return [];
  await deleteCredential(transaction, credential_id);
  return [{ kind: 'credential', credentialId: credential_id, minimumVersion: found.version + 1, atUnixMs }];
}

/** Ends those whose time is over and those whose program says nothing any more. Several control nodes may do so at once. */
export async function sweepQuickTunnels(control: Control): Promise<void> {
  const nowUnixMs = Math.round(control.clock.unixMs());
  for (const row of await endedQuickTunnels(control.store.database, nowUnixMs)) {
    const actor = { name: 'system', clientAddress: '', organisationId: row.organisation_id };
    try {
      await endQuickTunnel(control, actor, row, row.expires_unix_ms <= nowUnixMs ? 'expired' : 'silent');
    } catch (error) {
      if (!(error instanceof ControlFailure && error.code === 'not-found')) throw error;
    }
  }
}
