/** Events of the audit in words. */
import type { Listed, QueryOf } from '../../api/client.ts';
import { printable } from '../../base/index.ts';
import { UsageFailure } from '../config/usage-failure.ts';
import { clockText, timeText } from '../terminal/times.ts';
import { given } from './noun.ts';

export type AuditItem = Listed<'/audit'>;

export const EVENT_HEADS = [
  ...['time', 'who', 'from', 'country', 'what', 'on', 'outcome', 'reason', 'rule', 'rule name', 'signed in by'],
  ...['request', 'id', 'source'],
];

export function eventCells({ detail, ...event }: AuditItem, timeOf: (unixMs: number) => string = timeText): string[] {
  const what =
    event.action === 'request'
      ? `${told(detail['method'])} ${told(detail['host'])}${told(detail['path'])}`
      : event.action;
  return [
    ...[timeOf(event.unixMs), event.actor ?? '-', event.clientAddress, told(detail['country']), what],
    ...[event.subject ?? '-', event.outcome, told(detail['reason']), told(detail['ruleId']), told(detail['ruleName'])],
    ...[told(detail['methods']), event.requestId ?? '-', event.id, event.source],
  ];
}

/** What fits on a line of a terminal. */
const SHORT = ['time', 'outcome', 'what', 'who', 'on', 'reason', 'rule name', 'from', 'request'];
const SHORT_AT = SHORT.map((head) => EVENT_HEADS.indexOf(head));
export const SHORT_HEADS: readonly string[] = SHORT.map((head) => (head === 'time' ? 'time (UTC)' : head));

export function shortCells(event: AuditItem, nowUnixMs: number): string[] {
  const cells = eventCells(event, (unixMs) => clockText(unixMs, nowUnixMs));
  return SHORT_AT.map((at) => cells[at] ?? '');
}

function told(value: unknown): string {
  if (value === undefined || value === null) return '-';
  return Array.isArray(value) ? value.join(' ') : String(value);
}

const AGO_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** `30m` ago, or a time as RFC 3339 writes it. */
export function momentOf(flag: string, text: string, nowUnixMs: number): number {
  const ago = /^([1-9]\d{0,5})([mhdw])$/.exec(text);
  if (ago) return nowUnixMs - Number(ago[1]) * (AGO_MS[ago[2] ?? ''] ?? 0);
  const unixMs = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(unixMs))
    throw new UsageFailure(
      'setting-invalid',
      `--${flag}: expected a time such as 2026-03-02T09:00:00Z, or 30m, 12h, 3d`,
    );
  return unixMs;
}

type Query = QueryOf<'get', '/audit'>;

/** What people say of the events that they want. */
export interface AuditFilter extends Omit<Query, 'clientAddress' | 'requestId' | 'sinceUnixMs' | 'untilUnixMs'> {
  readonly address?: string | undefined;
  readonly request?: string | undefined;
  readonly since?: string | undefined;
  readonly until?: string | undefined;
}

/** The filter as the API reads it. */
export function auditQuery({ address, request, since, until, ...plain }: AuditFilter, nowUnixMs: number): Query {
  const times = timesOf({ since, until }, nowUnixMs);
  return { ...plain, ...given({ clientAddress: address, requestId: request }), ...times };
}

interface Times {
  readonly since?: string | undefined;
  readonly until?: string | undefined;
}

export function timesOf({ since, until }: Times, nowUnixMs: number) {
  const moment = (flag: string, text: string | undefined) =>
    text === undefined ? undefined : Math.floor(momentOf(flag, text, nowUnixMs));
  return given({ sinceUnixMs: moment('since', since), untilUnixMs: moment('until', until) });
}

/** Who, what, which rule, and how to have it explained. */
export function whyText(event: AuditItem | undefined): string {
  if (!event)
    return 'The audit has no such request. A PoP brings its events within seconds; one that is cut off keeps them.';
  const { detail } = event;
  const rule = detail['ruleId'] === null || detail['ruleId'] === undefined ? 'no rule' : ruleText(detail);
  const lines = [
    `${timeText(event.unixMs)}  ${told(detail['method'])} ${told(detail['host'])}${told(detail['path'])}`,
    `Who:      ${event.actor ?? 'nobody who is signed in'}, by ${told(detail['methods'])}`,
    `From:     ${event.clientAddress} (${told(detail['country'])}), at ${event.source}`,
    `Outcome:  ${event.outcome} ${told(detail['status'])}, ${told(detail['reason'])}`,
    `Rule:     ${rule}`,
    ...(event.subject === null ? [] : ['', 'With the policy of now:', `  ${explainCommand(event)}`]),
  ];
  return lines.map((line) => printable(line)).join('\n');
}

function ruleText(detail: AuditItem['detail']): string {
  return `${told(detail['ruleName'])} (${told(detail['ruleId'])})`;
}

/** For a shell. */
function explainCommand({ subject, actor, clientAddress, unixMs, detail }: AuditItem): string {
  const [kind, ...rest] = (actor ?? '').split(':');
  const who = rest.join(':');
  const asked: [string, string][] = [
    // Streams have neither.
    ...(isStream(detail)
      ? []
      : ([
          ['path', told(detail['path'])],
          ['method', told(detail['method'])],
        ] as [string, string][])),
    ['address', clientAddress],
    ['time', new Date(unixMs).toISOString()],
    ...(kind === 'user' ? ([['user', who]] as [string, string][]) : []),
    ...(kind === 'guest' ? ([['guest', who]] as [string, string][]) : []),
    ...(typeof detail['country'] === 'string' ? ([['country', detail['country']]] as [string, string][]) : []),
    ...(kind === 'user' && Array.isArray(detail['methods'])
      ? ([['login', detail['methods'].filter((method) => method !== 'mfa').join(',')]] as [string, string][])
      : []),
  ];
  return [
    `manis policy explain ${quoted(subject ?? '')}`,
    ...asked.map(([flag, value]) => `--${flag} ${quoted(value)}`),
  ].join(' ');
}

/** Of a connection the path is its port. */
function isStream(detail: AuditItem['detail']): boolean {
  return told(detail['path']).startsWith(':');
}

function quoted(text: string): string {
  return /^[\w@.:,/+-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
