/** Requests of the log in words. */
import type { AnswerOf, Listed, QueryOf } from '../../api/client.ts';
import { printable } from '../../base/index.ts';
import { clockText, timeText } from '../terminal/times.ts';
import { timesOf } from './audit-text.ts';
import { given } from './noun.ts';

export type RequestItem = Listed<'/requests'>;
export type RequestDetail = AnswerOf<'get', '/requests/{id}'>;
type RequestFigures = AnswerOf<'get', '/requests/analytics'>;

export const REQUEST_HEADS = [
  ...['time', 'who', 'from', 'country', 'what', 'application', 'outcome', 'status', 'reason', 'rule', 'took', 'pop'],
  ...['request', 'id', 'agent', 'bytes in', 'bytes out', 'trace'],
];

export function requestCells(request: RequestItem, timeOf: (unixMs: number) => string = timeText): string[] {
  const { subject, stageMs, resourceName, resourceId, popName, popId } = request;
  return [
    ...[timeOf(request.unixMs), subject?.name ?? '-', request.address, request.country ?? '-'],
    ...[`${request.method} ${request.host}${request.path}`, resourceName ?? resourceId, request.outcome],
    ...[String(request.status), request.reason, request.ruleName ?? '-', millisecondsText(stageMs.total)],
    ...[popName ?? popId, request.requestId, request.id, request.agent ?? '-'],
    ...[String(request.bytesIn ?? '-'), String(request.bytesOut), request.traceId ?? '-'],
  ];
}

/** What fits on a line of a terminal. */
const SHORT = ['time', 'status', 'what', 'who', 'reason', 'took', 'from', 'outcome', 'request'];
const SHORT_AT = SHORT.map((head) => REQUEST_HEADS.indexOf(head));
export const SHORT_REQUEST_HEADS: readonly string[] = SHORT.map((head) => (head === 'time' ? 'time (UTC)' : head));

export function shortRequestCells(request: RequestItem, nowUnixMs: number): string[] {
  const cells = requestCells(request, (unixMs) => clockText(unixMs, nowUnixMs));
  return SHORT_AT.map((at) => cells[at] ?? '');
}

function millisecondsText(ms: number | null): string {
  return ms === null ? '-' : `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
}

type Query = QueryOf<'get', '/requests/analytics'>;

/** What people say of the requests that they want. */
export interface RequestWish extends Omit<Query, 'popId' | 'sinceUnixMs' | 'untilUnixMs'> {
  readonly pop?: string | undefined;
  readonly since?: string | undefined;
  readonly until?: string | undefined;
}

/** The filter as the API reads it. */
export function requestQuery({ pop, since, until, ...plain }: RequestWish, nowUnixMs: number): Query {
  return { ...plain, ...given({ popId: pop }), ...timesOf({ since, until }, nowUnixMs) };
}

/** Who, what, why, how long and which way. */
export function requestText(request: RequestDetail): string {
  const { stageMs, names, way, rules } = request;
  const rule = request.ruleName === null ? 'no rule' : `${request.ruleName} (of the ${request.policy})`;
  const stages = [
    `judged ${millisecondsText(stageMs.judge)}`,
    `way ${millisecondsText(stageMs.way)}`,
    `backend ${millisecondsText(stageMs.backend)}`,
  ];
  const stations = way
    ? [names.relayPop, names.connector ?? way.connectorId, names.site, names.target].filter((one) => one !== null)
    : ['to no target'];
  return [
    `${timeText(request.unixMs)}  ${request.method} ${request.host}${request.path}`,
    `Who:      ${request.subject?.name ?? 'nobody who is signed in'}`,
    `From:     ${request.address} (${request.country ?? '-'}), ${request.agent ?? '-'}`,
    `Outcome:  ${request.outcome} ${request.status}, ${request.reason}`,
    `Rule:     ${rule}`,
    `Took:     ${millisecondsText(stageMs.total)} (${stages.join(', ')})`,
    `Way:      ${[request.popName ?? request.popId, ...stations].join(' > ')}`,
    `Request:  ${request.requestId}, trace ${request.traceId ?? '-'}`,
    ...(request.replayOf ? [`Repeats:  ${request.replayOf}`] : []),
    ...(request.isCaptured ? [`Captured: manis requests capture ${request.requestId}`] : []),
    ...(rules ?? []).map(({ scope, ruleName, effect }) => `  ${scope} rule ${ruleName}: ${effect}`),
  ]
    .map(printable)
    .join('\n');
}

/** What most requests are like. */
export function figuresText(figures: RequestFigures): string {
  const { requests, errors, refused, isPartial, p50Ms, p95Ms } = figures;
  const most = (counted: RequestFigures['byResource']): string =>
    counted.map(({ name, requests: count }) => `${name || '-'} ${count}`).join(', ') || '-';
  return [
    `Requests: ${requests}${isPartial ? ', the newest of more' : ''}, ${errors} errors, ${refused} refused`,
    `Took:     half up to ${millisecondsText(p50Ms)}, 95 percent up to ${millisecondsText(p95Ms)}`,
    `To:       ${most(figures.byResource)}`,
    `From:     ${most(figures.byCountry)}`,
    `By:       ${most(figures.byUser)}`,
    `Status:   ${most(figures.byStatus)}`,
    `Refused:  ${most(figures.byReason)}`,
  ]
    .map(printable)
    .join('\n');
}
