/** What is to be in DNS beside what each place sees there. */
import { assertNever } from '../../base/index.ts';
import type { DomainAnswer, DomainQuestion } from '../../core/link/index.ts';
import type { DomainChecksTable } from '../../io/store/index.ts';
import type { NeededRecord } from './records-of-mode.ts';

export type RecordState = 'fine' | 'wrong' | 'missing' | 'unknown';

/** How a record looks from one place. */
export interface Sighting {
  readonly observer: string;
  readonly state: RecordState;
  readonly found: readonly string[];
  readonly problem: string | null;
  readonly checkedUnixMs: number;
}

export interface CheckedRecord extends NeededRecord {
  /** The worst that any place sees. */
  readonly state: RecordState;
  /** What to do, in a sentence. */
  readonly advice: string;
  readonly seenFrom: readonly Sighting[];
}

/** One place's look at a domain. */
export interface Look {
  readonly observer: string;
  readonly checkedUnixMs: number;
  readonly answers: readonly DomainAnswer[];
}

export function lookOf(row: DomainChecksTable): Look {
  const answers = JSON.parse(row.answers) as DomainAnswer[];
  return { observer: row.observer, checkedUnixMs: row.checked_unix_ms, answers };
}

/** What has to be looked up for a record. */
export function questionsFor({ name, type, purpose }: NeededRecord, zone: string): DomainQuestion[] {
  if (purpose === 'delegation' || purpose === 'glue') return [{ name, type, above: zone }];
  const asked = askedName(name);
  if (purpose !== 'traffic') return [{ name: asked, type }];
  // An apex cannot be an alias: there the addresses tell.
  return (['CNAME', 'A', 'AAAA'] as const).map((each) => ({ name: asked, type: each }));
}

/** A wildcard is seen at a name that nobody has made. */
export function askedName(name: string): string {
  return name.startsWith('*.') ? `manis-wildcard-check.${name.slice(2)}` : name;
}

/** @param popAddresses where browsers reach the PoPs. */
export function checkedRecords(
  needed: readonly NeededRecord[],
  looks: readonly Look[],
  zone: string,
  popAddresses: ReadonlySet<string>,
): CheckedRecord[] {
  return needed.map((record) => {
    const seenFrom = looks.map((look) => sightingOf(record, look, zone, popAddresses));
    const state = worstOf(seenFrom.map((sighting) => sighting.state));
    return { ...record, state, advice: adviceFor(record, state, seenFrom), seenFrom };
  });
}

function sightingOf(
  record: NeededRecord,
  { observer, checkedUnixMs, answers }: Look,
  zone: string,
  popAddresses: ReadonlySet<string>,
): Sighting {
  const wanted = questionsFor(record, zone);
  const given = wanted.flatMap(({ name, type, above }) =>
    answers.filter((one) => one.name === name && one.type === type && one.above === above),
  );
  const found = [...new Set(given.flatMap((answer) => answer.found))];
  const problem = given.find((answer) => answer.problem !== undefined)?.problem ?? null;
  const state = stateOf(record, given, popAddresses);
  return {
    observer,
    state,
    found,
    problem: state === 'unknown' ? (problem ?? 'not looked up yet') : problem,
    checkedUnixMs,
  };
}

function stateOf(record: NeededRecord, given: readonly DomainAnswer[], popAddresses: ReadonlySet<string>): RecordState {
  const of = (type: DomainAnswer['type']): readonly string[] =>
    given.filter((answer) => answer.type === type).flatMap(({ found }) => found);
  if (of(record.type).includes(record.value)) return 'fine';
  const addresses = [...of('A'), ...of('AAAA')];
  const leadsHere = addresses.length > 0 && addresses.every((address) => popAddresses.has(address));
  if (record.purpose === 'traffic' && leadsHere) return 'fine';
  if (given.some(({ found }) => found.length > 0)) return 'wrong';
  return given.length === 0 || given.some(({ problem }) => problem !== undefined) ? 'unknown' : 'missing';
}

const WORST: readonly RecordState[] = ['wrong', 'missing', 'unknown', 'fine'];

function worstOf(states: readonly RecordState[]): RecordState {
  return WORST.find((state) => states.includes(state)) ?? 'unknown';
}

function adviceFor(record: NeededRecord, state: RecordState, seenFrom: readonly Sighting[]): string {
  const { type, name, value } = record;
  const optional = record.isRequired ? '' : ' It may be left out.';
  switch (state) {
    case 'fine':
      return 'Nothing to do.';
    case 'missing':
      return `Create a ${type} record at ${name} with the value ${value}.${optional}${partly(seenFrom)}`;
    case 'wrong': {
      const found = [...new Set(seenFrom.filter((one) => one.state === 'wrong').flatMap((one) => one.found))];
      const change = type === 'TXT' || type === 'NS' ? 'Add' : 'Change it to';
      return `${name} has ${found.join(', ')}. ${change} the ${type} record with the value ${value}.${partly(seenFrom)}`;
    }
    case 'unknown':
      return seenFrom.length === 0
        ? `Nobody has looked yet. Create a ${type} record at ${name} with the value ${value}, then verify.${optional}`
        : `It could not be looked up: ${seenFrom.find(({ problem }) => problem !== null)?.problem ?? 'no answer'}.`;
    default:
      return assertNever(state);
  }
}

/** A change in DNS is not everywhere at once. */
function partly(seenFrom: readonly Sighting[]): string {
  const fine = seenFrom.filter(({ state }) => state === 'fine').length;
  return fine === 0
    ? ''
    : ` It is right from ${fine} of ${seenFrom.length} places; the others may see it within minutes.`;
}
