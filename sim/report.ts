/** A run as a table for people, and which aims it missed. */
import type { Convergence, EventResult, Rate, SimResult } from './run.ts';
import { TRAFFIC_KINDS } from './traffic.ts';

/** Of everything that an event broke, 99 % is well again within this time. */
export const CONVERGENCE_AIM_MS = 5_000;
/** The most that a PoP has: of people as a multiple of its fair share, of connectors of the fullest in an even spread. */
export const IMBALANCE_AIM = 1.25;

export function missedAims({ events, refusals }: SimResult): string[] {
  const missed = events.flatMap((event) => [
    ...late(event, 'connectors have their tunnels', event.connectors),
    ...late(event, 'PoPs know a way to connectors', event.ways),
    ...late(event, 'people get healthy answers', event.answers),
  ]);
  const settled = events.find(({ name }) => name === 'idle');
  if (settled && settled.connectorFullest > IMBALANCE_AIM)
    missed.push(`idle: imbalance of connectors ${fixed(settled.connectorFullest)}`);
  if (settled && settled.userImbalance > IMBALANCE_AIM)
    missed.push(`idle: imbalance of people ${fixed(settled.userImbalance)}`);
  if (refusals > 0) missed.push(`${refusals} messages refused`);
  return missed;
}

export function table({ options, events, refusals }: SimResult): string {
  const { pops, connectors, minutes, seed } = options;
  return [
    `${pops} PoPs, ${connectors} connectors, ${minutes} virtual minutes, seed ${seed}`,
    '',
    'Time until well again, in ms (p50 / p99 / most; n: how many were not)',
    rows(
      ['event', 's', 'connector has its tunnels', 'PoP knows a way to a connector', 'answer names a living PoP'],
      events.map((one) => [one.name, String(one.seconds), times(one.connectors), times(one.ways), times(one.answers)]),
    ),
    '',
    'What a node sends to keep the network known, and how evenly it is loaded',
    rows(
      [
        'event',
        'PoP kB/s',
        'PoP msg/s',
        'peak',
        'connector B/s',
        'msg/s',
        'connectors max/fair',
        'fullest/even',
        'people max/fair',
        'moves',
      ],
      events.map((one) => [
        one.name,
        fixed(one.popRate.bytes / 1000),
        fixed(one.popRate.messages),
        `x ${fixed(one.peak)}`,
        fixed(one.connectorRate.bytes),
        fixed(one.connectorRate.messages),
        fixed(one.connectorImbalance),
        fixed(one.connectorFullest),
        fixed(one.userImbalance),
        String(one.choices),
      ]),
    ),
    '',
    'Of it, by kind: kB/s and messages/s of a PoP',
    rows(
      ['event', ...TRAFFIC_KINDS],
      events.map((one) => [one.name, ...kinds(one.popRate)]),
    ),
    '',
    'Answers to people',
    rows(
      ['event', 'answers', 'dead first', 'not nearest', 'connections', 'next address', 'failed'],
      events.map(({ name, users }) => [
        name,
        String(users.answers),
        percent(users.dead, users.answers),
        percent(users.farther, users.answers),
        String(Math.round(users.connections)),
        percent(users.moved, users.connections),
        percent(users.failed, users.connections),
      ]),
    ),
    '',
    `Messages that a table refused: ${refusals}`,
  ].join('\n');
}

function late({ name }: EventResult, what: string, { p99, open }: Convergence): string[] {
  return p99 > CONVERGENCE_AIM_MS ? [`${name}: ${what} after ${Math.round(p99)} ms (p99; ${open} not at all)`] : [];
}

function times({ count, p50, p99, max, open }: Convergence): string {
  if (count === 0) return '-';
  const numbers = [p50, p99, max].map((ms) => Math.round(ms)).join(' / ');
  return `${numbers} (n ${count}${open > 0 ? `, ${open} open` : ''})`;
}

function kinds({ byKind }: Rate): string[] {
  return TRAFFIC_KINDS.map((kind) => `${fixed(byKind[kind].bytes / 1000)} (${fixed(byKind[kind].messages)})`);
}

function rows(head: readonly string[], lines: readonly (readonly string[])[]): string {
  const widths = head.map((text, column) => Math.max(text.length, ...lines.map((line) => line[column]?.length ?? 0)));
  const row = (line: readonly string[]) =>
    `| ${line.map((text, column) => text.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [row(head), `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`, ...lines.map(row)].join('\n');
}

function fixed(value: number): string {
  if (!Number.isFinite(value)) return '-';
  return value >= 100 ? String(Math.round(value)) : value.toFixed(2);
}

function percent(part: number, whole: number): string {
  return whole > 0 ? `${((100 * part) / whole).toFixed(2)} %` : '-';
}
