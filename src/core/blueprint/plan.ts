/** What a document would change: every step by noun and name, in an order that works, or why it is refused. */
import { type Change, changesBetween } from './differences.ts';
import type { JsonObject } from './json.ts';
import { isLeaf, NOUNS, type NounName } from './nouns.ts';
import { DASHBOARD, refusalText } from './sources.ts';

/** One thing, in the one form in which two are compared. */
export interface Thing {
  readonly noun: NounName;
  readonly name: string;
  readonly fields: JsonObject;
  /** Who owns it; null: nobody but the dashboard, and of the organisation's settings nobody at all. Of the document: left out. */
  readonly source?: string | null;
}

export type Verb = 'create' | 'update' | 'delete' | 'take-over';

export interface Step {
  readonly verb: Verb;
  readonly noun: NounName;
  readonly name: string;
  /** Of an update; of what is created its fields. */
  readonly changes: readonly Change[];
  /** Whose it was, where it changes hands. */
  readonly takenFrom?: string;
}

export interface Refusal {
  readonly noun: NounName;
  readonly name: string;
  readonly owner: string;
  readonly text: string;
}

export interface Plan {
  readonly steps: readonly Step[];
  readonly refusals: readonly Refusal[];
  readonly unchanged: number;
  /** Things of this source that the document does not name any more, and that stay, since nobody said prune. */
  readonly left: readonly { readonly noun: NounName; readonly name: string }[];
}

export interface PlanRequest {
  readonly source: string;
  /** What the source owns and the document does not name is removed. */
  readonly prune: boolean;
  readonly takeOver: boolean;
}

/** The plan that makes `current` what `desired` says. */
export function planOf(desired: readonly Thing[], current: readonly Thing[], request: PlanRequest): Plan {
  const known = new Map(current.map((thing) => [keyOf(thing), thing]));
  const wanted = new Set(desired.map(keyOf));
  const judged = desired.map((thing) => judge(thing, known.get(keyOf(thing)), request));
  const gone = current.filter(
    (thing) => thing.noun !== 'organisation' && ownerOf(thing) === request.source && !wanted.has(keyOf(thing)),
  );
  const deletes = request.prune
    ? gone.map(({ noun, name }) => ({ verb: 'delete' as const, noun, name, changes: [] }))
    : [];
  const steps = judged.flatMap((one) => (one && 'verb' in one ? [one] : []));
  return {
    steps: ordered([...steps, ...deletes]),
    refusals: judged.flatMap((one) => (one && 'text' in one ? [one] : [])),
    unchanged: judged.filter((one) => one === undefined).length,
    left: request.prune || request.source === DASHBOARD ? [] : gone.map(({ noun, name }) => ({ noun, name })),
  };
}

/** Undefined: it is as it should be. */
function judge(thing: Thing, before: Thing | undefined, { source, takeOver }: PlanRequest): Step | Refusal | undefined {
  const { noun, name } = thing;
  if (!before) return { verb: 'create', noun, name, changes: changesBetween({}, thing.fields) };
  const owner = ownerOf(before);
  const changes = changesBetween(before.fields, thing.fields);
  const isOwn = owner === source || owner === undefined;
  if (changes.length === 0 && (isOwn || !takeOver)) return undefined;
  if (isOwn) return { verb: 'update', noun, name, changes };
  if (!takeOver) return { noun, name, owner, text: refusalText(noun, name, owner) };
  return { verb: changes.length === 0 ? 'take-over' : 'update', noun, name, changes, takenFrom: owner };
}

/** Leaves that go, then what comes and changes in the order of nouns, then whatever they stood on. */
function ordered(steps: readonly Step[]): Step[] {
  const rank = ({ noun }: Step): number => NOUNS.indexOf(noun);
  const going = steps.filter(({ verb }) => verb === 'delete').sort((a, b) => rank(b) - rank(a));
  const coming = steps.filter(({ verb }) => verb !== 'delete').sort((a, b) => rank(a) - rank(b));
  return [...going.filter(({ noun }) => isLeaf(noun)), ...coming, ...going.filter(({ noun }) => !isLeaf(noun))];
}

function ownerOf({ noun, source }: Thing): string | undefined {
  return source ?? (noun === 'organisation' ? undefined : DASHBOARD);
}

function keyOf({ noun, name }: Pick<Thing, 'noun' | 'name'>): string {
  return `${noun} ${name}`;
}
