import {
  allOrganisations,
  deleteEndedCaptures,
  deleteEndedEmailCodes,
  deleteEndedPasswordResets,
  deleteEndedProofs,
  deleteEndedRevocations,
  deleteEndedSessions,
  deleteEndedTries,
  keepNewestAuditEvents,
  takeLease,
} from '../io/store/index.ts';
import { CAPTURE_TRIM_MS } from './captures/constants.ts';
import {
  AUDIT_REQUESTS_KEPT,
  ENDED_SESSION_KEPT_MS,
  REQUEST_LOG_TRIM_MS,
  UPKEEP_INTERVAL_MS,
  UPKEEP_LEASE_MS,
} from './constants.ts';
import type { Control } from './control.ts';
import type { NodeRegistry } from './node-registry.ts';
import { QUICK_TUNNEL_SWEEP_MS } from './quick-tunnels/constants.ts';
import { sweepQuickTunnels } from './quick-tunnels/ending.ts';
import { quotaOf } from './quotas.ts';
import { trimLogs } from './request-log/retention.ts';

export interface UpkeepOptions {
  readonly control: Control;
  readonly nodes: NodeRegistry;
  readonly renewListener: () => Promise<void>;
}

export interface Upkeep {
  stop(): void;
}

/** Looks after what is due, now and then. */
export function startUpkeep(options: UpkeepOptions): Upkeep {
  const timers = [
    setInterval(() => void lookAfter(options), UPKEEP_INTERVAL_MS),
    setInterval(() => void sweep(options.control), QUICK_TUNNEL_SWEEP_MS),
    setInterval(() => void trimAll(options.control), REQUEST_LOG_TRIM_MS),
    setInterval(() => void endCaptures(options.control), CAPTURE_TRIM_MS),
  ];
  for (const timer of timers) timer.unref();
  return { stop: () => timers.forEach(clearInterval) };
}

async function trimAll(control: Control): Promise<void> {
  await trimLogs(control).catch((error: unknown) => control.log.error('the request log was not trimmed', { error }));
}

async function endCaptures({ store, clock, log }: Control): Promise<void> {
  await deleteEndedCaptures(store.database, clock.unixMs()).catch((error: unknown) =>
    log.error('captured requests that have ended were not deleted', { error }),
  );
}

async function sweep(control: Control): Promise<void> {
  await sweepQuickTunnels(control).catch((error: unknown) => control.log.error('sweep failed', { error }));
}

/** What is this node's own, and, on one node at a time, what is everybody's. */
export async function lookAfter({ control, nodes, renewListener }: UpkeepOptions): Promise<void> {
  const { store, clock, log, keys, publisher } = control;
  try {
    await renewListener();
    if (keys.renewDelegation()) await store.publish(async () => undefined);
    const nowUnixMs = clock.unixMs();
    if (await takeLease(store.database, 'upkeep', keys.controlId, nowUnixMs, nowUnixMs + UPKEEP_LEASE_MS)) {
      await control.ensureCertificates();
      await nodes.forgetOld();
      await deleteEndedRows(control);
    }
    await publisher.check();
    publisher.wake();
  } catch (error) {
    log.error('upkeep failed', { error });
  }
}

async function deleteEndedRows(control: Control): Promise<void> {
  const { store, clock } = control;
  await deleteEndedSessions(store.database, clock.unixMs() - ENDED_SESSION_KEPT_MS);
  await deleteEndedRevocations(store.database, clock.unixMs());
  await deleteEndedProofs(store.database, clock.unixMs());
  await deleteEndedTries(store.database, clock.unixMs());
  await deleteEndedEmailCodes(store.database, clock.unixMs());
  await deleteEndedPasswordResets(store.database, clock.unixMs());
  // Each organisation has room of its own: what one is asked does not push out what another was.
  for (const row of await allOrganisations(store.database)) {
    const kept = quotaOf(control, row, 'auditedRequests') ?? AUDIT_REQUESTS_KEPT;
    await keepNewestAuditEvents(store.database, row.id, 'request', kept);
  }
  await keepNewestAuditEvents(store.database, null, 'request', AUDIT_REQUESTS_KEPT);
}
