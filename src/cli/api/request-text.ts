/** Requests of the log in words. */
import { momentOf } from './audit-text.ts';
import { timeText } from './noun.ts';

export interface RequestItem {
  readonly id: string;
  readonly requestId: string;
  readonly unixMs: number;
  readonly resourceId: string;
  readonly resourceName: string | null;
  readonly popId: string;
  readonly popName: string | null;
  readonly method: string;
  readonly host: string;
  readonly path: string;
  readonly protocol: string;
  readonly status: number;
  readonly outcome: string;
  readonly reason: string;
  readonly ruleName: string | null;
  readonly policy: string | null;
  readonly subject: { readonly id: string; readonly name: string } | null;
  readonly address: string;
  readonly country: string | null;
  readonly agent: string | null;
  readonly bytesIn: number | null;
  readonly bytesOut: number;
  readonly stageMs: {
    readonly judge: number;
    readonly way: number | null;
    readonly backend: number | null;
    readonly total: number;
  };
  readonly way: { readonly connectorId: string; readonly carrier: string; readonly relayPopId: string | null } | null;
  readonly traceId: string | null;
}

export interface RequestDetail extends RequestItem {
  readonly names: {
    readonly connector: string | null;
    readonly site: string | null;
    readonly relayPop: string | null;
    readonly target: string | null;
  };
  readonly rules: readonly { readonly scope: string; readonly ruleName: string; readonly effect: string }[] | null;
}

export const REQUEST_HEADS = [
  ...['time', 'who', 'from', 'country', 'what', 'application', 'outcome', 'status', 'reason', 'rule', 'took', 'pop'],
  ...['request', 'id', 'agent', 'bytes in', 'bytes out', 'trace'],
];

export function requestCells(request: RequestItem): string[] {
  const { subject, stageMs, resourceName, resourceId, popName, popId } = request;
  return [
    ...[timeText(request.unixMs), subject?.name ?? '-', request.address, request.country ?? '-'],
    ...[`${request.method} ${request.host}${request.path}`, resourceName ?? resourceId, request.outcome],
    ...[String(request.status), request.reason, request.ruleName ?? '-', millisecondsText(stageMs.total)],
    ...[popName ?? popId, request.requestId, request.id, request.agent ?? '-'],
    ...[String(request.bytesIn ?? '-'), String(request.bytesOut), request.traceId ?? '-'],
  ];
}

/** What fits on a line of a terminal. */
const SHORT = ['time', 'who', 'from', 'what', 'outcome', 'status', 'reason', 'took', 'request'];
const SHORT_AT = SHORT.map((head) => REQUEST_HEADS.indexOf(head));
export const SHORT_REQUEST_HEADS: readonly string[] = SHORT;

export function shortRequestCells(request: RequestItem): string[] {
  const cells = requestCells(request);
  return SHORT_AT.map((at) => cells[at] ?? '');
}

function millisecondsText(ms: number | null): string {
  return ms === null ? '-' : `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
}

/** The filter as the API reads it. */
export function requestQuery(filter: Readonly<Record<string, unknown>>, nowUnixMs: number): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(filter)) {
    if (value === undefined) continue;
    if (name === 'since' || name === 'until')
      query.set(`${name}UnixMs`, String(Math.floor(momentOf(name, String(value), nowUnixMs))));
    else query.set(name === 'pop' ? 'popId' : name, String(value));
  }
  return query.toString();
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
    ...(rules ?? []).map(({ scope, ruleName, effect }) => `  ${scope} rule ${ruleName}: ${effect}`),
  ].join('\n');
}

interface CountedRequests {
  readonly name: string;
  readonly requests: number;
}

export interface RequestFigures {
  readonly requests: number;
  readonly errors: number;
  readonly refused: number;
  readonly isPartial: boolean;
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly byResource: readonly CountedRequests[];
  readonly byCountry: readonly CountedRequests[];
  readonly byUser: readonly CountedRequests[];
  readonly byStatus: readonly CountedRequests[];
  readonly byReason: readonly CountedRequests[];
}

/** What most requests are like. */
export function figuresText(figures: RequestFigures): string {
  const { requests, errors, refused, isPartial, p50Ms, p95Ms } = figures;
  const most = (counted: readonly CountedRequests[]): string =>
    counted.map(({ name, requests: count }) => `${name || '-'} ${count}`).join(', ') || '-';
  return [
    `Requests: ${requests}${isPartial ? ', the newest of more' : ''}, ${errors} errors, ${refused} refused`,
    `Took:     half up to ${millisecondsText(p50Ms)}, 95 percent up to ${millisecondsText(p95Ms)}`,
    `To:       ${most(figures.byResource)}`,
    `From:     ${most(figures.byCountry)}`,
    `By:       ${most(figures.byUser)}`,
    `Status:   ${most(figures.byStatus)}`,
    `Refused:  ${most(figures.byReason)}`,
  ].join('\n');
}
