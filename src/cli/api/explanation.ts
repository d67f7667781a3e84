/** An answer of the simulator for people. */
import type { AnswerOf } from '../../api/client.ts';
import { printable } from '../../base/index.ts';

type Simulation = Omit<AnswerOf<'post', '/policy/simulate'>, 'request'>;

/** What each part of a condition said: it nests as the condition does. */
interface Trace {
  readonly kind: string;
  readonly value: string;
  readonly config?: unknown;
  readonly children: readonly Trace[];
}

const CONFIG_CHARS = 80;

/** The decision, what would help, and every rule with its conditions. */
export function explanationText(told: Simulation): string {
  const by = told.ruleId === null ? '' : ` by the rule "${printable(told.ruleName ?? '')}" (${printable(told.ruleId)})`;
  const lines = [`${told.outcome}: ${told.reason}${by}`];
  if (told.asNobody) lines.push('judged as if nobody were signed in, since an account would help');
  if (told.ways) lines.push(`what would help: ${waysText(told.ways)}`);
  for (const { scope, ruleId, ruleName, effect, condition } of told.rules) {
    const whose = scope === 'organisation' ? ', of the organisation' : '';
    lines.push('', `${printable(ruleName)} (${printable(ruleId)}${whose}): ${effect}`);
    if (condition) lines.push(...traceLines(condition as Trace, 1));
  }
  return lines.join('\n');
}

function waysText({ accounts, methods, credentials, guests }: NonNullable<Simulation['ways']>): string {
  const ways = [
    ...(accounts ? [`an account${methods ? ` with ${methods.join(' or ')}` : ''}`] : []),
    ...credentials,
    ...(guests ? ['a code by e-mail'] : []),
  ];
  return ways.length === 0 ? 'nothing' : ways.join(', ');
}

function traceLines({ kind, value, config, children }: Trace, depth: number): string[] {
  if (kind === 'all' && children.length === 0) return [`${'  '.repeat(depth)}no condition`];
  const text = config === undefined ? '' : ` ${JSON.stringify(config)}`;
  const shown = text.length > CONFIG_CHARS ? `${text.slice(0, CONFIG_CHARS - 3)}...` : text;
  const line = `${'  '.repeat(depth)}${kind}${printable(shown)}: ${value}`;
  return [line, ...children.flatMap((child) => traceLines(child, depth + 1))];
}
