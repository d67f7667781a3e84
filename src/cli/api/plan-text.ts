/** What a blueprint would change, for people: one line a thing, one line a field, calmly. */
import { stringify } from 'yaml';
import type { AnswerOf, Sent } from '../../api/client.ts';
import { printable } from '../../base/index.ts';
import { TITLES } from '../../core/blueprint/index.ts';
import { readYaml } from '../../io/yaml-document.ts';
import type { Style } from '../terminal/style.ts';

type Plan = Sent<Pick<AnswerOf<'post', '/blueprint/plan'>, 'steps' | 'refusals' | 'unchanged' | 'left'>>;
type Step = Plan['steps'][number];
type Change = Step['changes'][number];

/** Longest value that is shown of one field: certificates are long, and say nothing to people. */
const VALUE_CHARS = 60;

/** What a file says of each thing, by noun and name. */
export type Sections = Readonly<Record<string, unknown>>;

/** Of a document that was read and found right. */
export function sectionsOf(text: string): Sections {
  const read = readYaml(text);
  return read.ok && isObject(read.json) ? read.json : {};
}

/** @param said by the file: of what is new it is shown, and not what holds because nothing was said. */
export function planText(plan: Plan, style: Style, said: Sections = {}): string {
  const lines = [
    ...plan.steps.flatMap((step) => stepLines(step, style, said)),
    ...plan.refusals.map(({ text }) => style.bad(`  ! ${printable(text)}`)),
    ...(plan.left.length > 0 ? [style.dim(`  ${leftText(plan)}`)] : []),
  ];
  return [...lines, ...(lines.length > 0 ? [''] : []), `  ${summary(plan)}`].join('\n');
}

export function summary({ steps, refusals, unchanged }: Plan): string {
  const count = (verb: Step['verb']): number => steps.filter((step) => step.verb === verb).length;
  const parts = [
    [count('create'), 'to add'],
    [count('update'), 'to change'],
    [count('delete'), 'to remove'],
    [count('take-over'), 'to take over'],
    [refusals.length, 'refused'],
  ].flatMap(([number, words]) => (number === 0 ? [] : [`${number} ${words}`]));
  const same = `${unchanged} as ${unchanged === 1 ? 'it is' : 'they are'}`;
  if (parts.length === 0) return `Nothing to change: ${same}.`;
  return `${parts.join(', ')}${unchanged === 0 ? '' : `; ${same}`}.`;
}

function stepLines({ verb, noun, name, changes, takenFrom }: Step, style: Style, said: Sections): string[] {
  const title = noun === 'organisation' ? 'settings of the organisation' : `${TITLES[noun]} ${printable(name)}`;
  const from =
    takenFrom === undefined ? '' : style.dim(`  (${takenFrom === 'dashboard' ? 'made by hand' : `from ${takenFrom}`})`);
  switch (verb) {
    case 'create':
      return [style.good(`  + ${title}`), ...saidLines(noun, name, changes, said, style)];
    case 'delete':
      return [style.bad(`  - ${title}`)];
    case 'take-over':
      return [`  = ${title}${from}`];
    case 'update':
      return [style.strong(`  ~ ${title}`) + from, ...changes.map((change) => `      ${fieldText(change, style)}`)];
  }
}

/** Each field that the file has; every change where the thing is not in it under this name. */
function saidLines(noun: string, name: string, changes: readonly Change[], said: Sections, style: Style): string[] {
  const section = said[noun];
  const own: unknown = isObject(section) ? section[name] : undefined;
  const lines = isObject(own)
    ? Object.entries(own).map(([path, after]) => fieldText({ path, after: after as Change['after'] }, style))
    : changes.filter(() => own === undefined).map((change) => fieldText(change, style));
  return lines.map((line) => `      ${line}`);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function fieldText({ path, before, after }: Change, style: Style): string {
  const was = before === undefined ? '' : style.bad(valueText(before));
  const is = after === undefined ? style.dim('(gone)') : style.good(valueText(after));
  return `${style.dim(path || 'all of it')}  ${was === '' ? is : `${was} ${style.dim('->')} ${is}`}`;
}

function valueText(value: unknown): string {
  const flow = { collectionStyle: 'flow', lineWidth: 0 } as const;
  const text = printable(typeof value === 'string' ? value : stringify(value, flow).trim());
  return text.length <= VALUE_CHARS ? text : `${text.slice(0, VALUE_CHARS - 1)}…`;
}

function leftText({ left }: Plan): string {
  const names = left.map(({ noun, name }) => `${TITLES[noun]} ${printable(name)}`);
  const more = names.length > 5 ? `, and ${names.length - 5} more` : '';
  return `Not in the file any more, and left alone (--prune removes them): ${names.slice(0, 5).join(', ')}${more}`;
}
