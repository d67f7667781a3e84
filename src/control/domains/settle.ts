/** Writes down what became of a domain: its state, and whose hosts are in it. */
import { covers, hostIsOf, isBelow } from '../../base/index.ts';
import {
  allDomains,
  allHosts,
  type DomainsTable,
  domainChecksOf,
  findAnyDomain,
  insertAuditEvents,
  type StoreTransaction,
  updateDomain,
  updateResource,
} from '../../io/store/index.ts';
import { auditRow, publishChange } from '../change.ts';
import type { Actor, Control } from '../control.ts';
import { requireProvable } from '../host-claims.ts';
import { ControlFailure } from '../problems.ts';
import { lookOf } from './checklist.ts';
import { PROOF_GONE_MS } from './constants.ts';
import { domainFacts, needsOf } from './domain-view.ts';
import { judge, type Verdict } from './verdict.ts';

const SYSTEM: Actor = { name: 'system', clientAddress: '' };

/** Judges a domain by what places saw of it last. PoPs are told where its state has changed. */
export async function settleDomain(control: Control, domainId: string): Promise<void> {
  const { store, clock } = control;
  const domain = await findAnyDomain(store.database, domainId);
  if (!domain) return;
  const facts = await domainFacts(store.database, control);
  const looks = (await domainChecksOf(store.database, [domainId])).map(lookOf);
  const nowUnixMs = Math.round(clock.unixMs());
  const verdict = judge(domain, needsOf(domain, facts), looks, facts, nowUnixMs);
  const checked = { reason: verdict.reason, checked_unix_ms: nowUnixMs };
  if (verdict.state === domain.state && (!verdict.isProved || domain.verified_unix_ms !== null)) {
    await store.transaction((transaction) => updateDomain(transaction, domainId, checked));
    return;
  }
  await changeState(control, domain, verdict, nowUnixMs).catch(async (error: unknown) => {
    if (!(error instanceof ControlFailure) || error.code !== 'host-reserved') throw error;
    const reason =
      'Its proof is there, but another organisation has proved that the domain, or one within it, is its own.';
    const change = { ...checked, reason };
    await store.transaction((transaction) => updateDomain(transaction, domainId, change));
  });
  await control.ensureCertificates();
}

async function changeState(control: Control, domain: DomainsTable, verdict: Verdict, nowUnixMs: number): Promise<void> {
  await publishChange(control, { ...SYSTEM, organisationId: domain.organisation_id }, async (transaction) => {
    const { state, reason } = verdict;
    const change = { state, reason, state_since_unix_ms: nowUnixMs, checked_unix_ms: nowUnixMs };
    if (state === 'verified') await takeOver(control, transaction, domain, nowUnixMs);
    const since = state === 'verified' && domain.verified_unix_ms === null && { verified_unix_ms: nowUnixMs };
    await updateDomain(transaction, domain.id, { ...change, ...since });
    const note = { action: `domain.${state}`, subject: domain.id, detail: { name: domain.name, reason } };
    return { value: undefined, note };
  });
}

/**
 * Whoever proves a domain has it: what others whose proof is gone for long had of it ends, and so do hosts that others
 * had in it without a proof. Failure `host-reserved` where another's proof holds.
 */
async function takeOver(
  control: Control,
  transaction: StoreTransaction,
  domain: DomainsTable,
  nowUnixMs: number,
): Promise<void> {
  const meets = (name: string): boolean =>
    name === domain.name || isBelow(name, domain.name) || isBelow(domain.name, name);
  for (const other of await allDomains(transaction)) {
    const isGone = other.state === 'failing' && nowUnixMs - other.state_since_unix_ms > PROOF_GONE_MS;
    if (other.organisation_id === domain.organisation_id || !meets(other.name) || !isGone) continue;
    const reason = 'Its proof was gone for a week, and another organisation has proved that the domain is its own.';
    const change = { state: 'waiting', verified_unix_ms: null, state_since_unix_ms: nowUnixMs, reason } as const;
    await updateDomain(transaction, other.id, change);
    await note(control, transaction, other.organisation_id, 'domain.lost', other.id, { name: other.name });
  }
  await requireProvable(control, transaction, domain);
  await endForeignHosts(control, transaction, domain);
}

async function endForeignHosts(control: Control, transaction: StoreTransaction, domain: DomainsTable): Promise<void> {
  for (const { id, host, organisation_id } of await allHosts(transaction)) {
    const isWithin = hostIsOf(host, domain.name) || covers(host, domain.name);
    if (organisation_id === domain.organisation_id || !isWithin) continue;
    // The host itself is the prover's from now on, to be taken by a resource of its own.
    await updateResource(transaction, organisation_id, id, { enabled: 0, host: lostHost(id) });
    await note(control, transaction, organisation_id, 'resource.host-lost', id, { host, domain: domain.name });
  }
}

/** A host that nobody can ask for (RFC 6761 section 6.4), for a resource whose host went to somebody else. */
function lostHost(resourceId: string): string {
  return `${resourceId.toLowerCase().replace(/[^a-z0-9]/g, '-')}.invalid`;
}

async function note(
  control: Control,
  transaction: StoreTransaction,
  organisationId: string,
  action: string,
  subject: string,
  detail: Readonly<Record<string, unknown>>,
): Promise<void> {
  const row = auditRow(control, { ...SYSTEM, organisationId }, { action, subject, detail });
  await insertAuditEvents(transaction, [row]);
}
