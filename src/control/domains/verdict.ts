/** What the looks of all places together say of a domain. */
import type { DomainState, DomainsTable } from '../../io/store/index.ts';
import { type CheckedRecord, checkedRecords, type Look } from './checklist.ts';
import { LOOK_COUNTS_MS } from './constants.ts';
import { type InstallationNames, type NeededRecord, trafficName } from './records-of-mode.ts';

export interface Verdict {
  readonly state: DomainState;
  /** One or two sentences for people. */
  readonly reason: string;
  /** Whether most places that could look see a proof. */
  readonly isProved: boolean;
}

/** @param needed all records of the domain; @param looks of each place the last one. */
export function judge(
  domain: DomainsTable,
  needed: readonly NeededRecord[],
  looks: readonly Look[],
  facts: { readonly installation: InstallationNames; readonly popAddresses: ReadonlySet<string> },
  nowUnixMs: number,
): Verdict {
  const fresh = looks.filter(({ checkedUnixMs }) => nowUnixMs - checkedUnixMs < LOOK_COUNTS_MS);
  const words = fresh.map((look) => proofFrom(domain, needed, look, facts));
  const proved = words.filter((word) => word === 'proved').length;
  const known = words.filter((word) => word !== 'unknown').length;
  if (known === 0) return { ...unknown(domain), isProved: false };
  const isProved = proved * 2 > known;
  const records = checkedRecords(needed, fresh, domain.name, facts.popAddresses);
  if (isProved) return { state: 'verified', reason: shortOf(records, proved, known), isProved };
  const seen = proved === 0 ? '' : ` ${proved} of ${known} places see it; more than half must.`;
  const first = proofsOf(needed)[0];
  const missing = `The proof that ${domain.name} is yours ${domain.verified_unix_ms === null ? 'is not there yet' : 'is gone'}.`;
  const todo = first ? ` It is the ${first.type} record of ${first.name}.` : ' There is no PoP with an address yet.';
  const state = domain.verified_unix_ms === null ? 'waiting' : 'failing';
  return { state, reason: `${missing}${todo}${seen}`, isProved };
}

/** Nobody could look: that says nothing about the domain. */
function unknown(domain: DomainsTable): Pick<Verdict, 'state' | 'reason'> {
  return { state: domain.state, reason: 'No place could look its records up; see the checklist.' };
}

function shortOf(records: readonly CheckedRecord[], proved: number, known: number): string {
  const short = records.filter((one) => one.isRequired && (one.state === 'missing' || one.state === 'wrong'));
  const from = known === 1 ? '' : ` (seen from ${proved} of ${known} places)`;
  if (short.length === 0) return `It is proved that the domain is yours${from}, and its records are right.`;
  const names = [...new Set(short.map(({ name }) => name))].slice(0, 5).join(', ');
  return `It is proved that the domain is yours${from}, but these names are not right yet: ${names}.`;
}

/**
 * Whether one place sees a proof: the text, the name servers that are this domain's alone, or, where the installation
 * has a zone, an alias to this domain's own name. The alias of a host below proves nothing about what is beside it.
 */
function proofFrom(
  domain: DomainsTable,
  needed: readonly NeededRecord[],
  look: Look,
  { installation }: { readonly installation: InstallationNames },
): 'proved' | 'not-proved' | 'unknown' {
  // No addresses of PoPs: what leads here by address shows nothing.
  const records = checkedRecords(proofsOf(needed), [look], domain.name, new Set());
  if (records.some(({ state }) => state === 'fine') || aliasProves(domain, look, installation)) return 'proved';
  return records.every(({ state }) => state === 'unknown') ? 'unknown' : 'not-proved';
}

function proofsOf(needed: readonly NeededRecord[]): NeededRecord[] {
  return needed.filter(({ purpose }) => purpose === 'ownership' || purpose === 'delegation');
}

function aliasProves(domain: DomainsTable, { answers }: Look, installation: InstallationNames): boolean {
  if (installation.dnsZone === null || domain.mode === 'zone') return false;
  const name = domain.mode === 'cname' ? domain.name : `manis-wildcard-check.${domain.name}`;
  const target = trafficName(domain, installation);
  return answers.some((one) => one.name === name && one.type === 'CNAME' && one.found.includes(target));
}
