/** What a blueprint would change, for people: one line a thing, one line a field, calmly. */
import type { AnswerOf, Sent } from '../../api/client.ts';
import { printable } from '../../base/index.ts';
import { TITLES } from '../../core/blueprint/index.ts';
import type { Style } from '../terminal/style.ts';

type Plan = Sent<Pick<AnswerOf<'post', '/blueprint/plan'>, 'steps' | 'refusals' | 'unchanged' | 'left'>>;
type Step = Plan['steps'][number];
type Change = Step['changes'][number];

/** Longest value that is shown of one field: certificates are long, and say nothing to people. */
const VALUE_CHARS = 72;

export function planText(plan: Plan, style: Style): string {
  const lines = [
    ...plan.steps.flatMap((step) => stepLines(step, style)),
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
  return parts.length === 0 ? `Nothing to change: ${same}.` : `${parts.join(', ')}; ${same}.`;
}

function stepLines({ verb, noun, name, changes, takenFrom }: Step, style: Style): string[] {
  const title = noun === 'organisation' ? 'settings of the organisation' : `${TITLES[noun]} ${printable(name)}`;
  const from = takenFrom === undefined ? '' : style.dim(`  (from ${takenFrom})`);
  switch (verb) {
    case 'create':
      return [style.good(`  + ${title}`), ...changes.map((change) => `      ${fieldText(change, style)}`)];
    case 'delete':
      return [style.bad(`  - ${title}`)];
    case 'take-over':
      return [`  = ${title}${from}`];
    case 'update':
      return [style.strong(`  ~ ${title}`) + from, ...changes.map((change) => `      ${fieldText(change, style)}`)];
  }
}

function fieldText({ path, before, after }: Change, style: Style): string {
  const was = before === undefined ? '' : style.bad(valueText(before));
  const is = after === undefined ? style.dim('(gone)') : style.good(valueText(after));
  return `${style.dim(path || 'all of it')}  ${was === '' ? is : `${was} ${style.dim('->')} ${is}`}`;
}

function valueText(value: unknown): string {
  const text = printable(typeof value === 'string' ? value : JSON.stringify(value));
  return text.length <= VALUE_CHARS ? text : `${text.slice(0, VALUE_CHARS - 1)}…`;
}

function leftText({ left }: Plan): string {
  const names = left.map(({ noun, name }) => `${TITLES[noun]} ${printable(name)}`);
  const more = names.length > 5 ? `, and ${names.length - 5} more` : '';
  return `Not in the file any more, and left alone (--prune removes them): ${names.slice(0, 5).join(', ')}${more}`;
}
