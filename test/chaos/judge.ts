/**
 * What may happen to people while faults strike, and what may not. Pure: outcomes, faults and journals in, a verdict out.
 *
 * | trouble | is allowed |
 * |---|---|
 * | with a PoP's own connection | while that PoP is killed, frozen or away |
 * | a WebSocket that is closed with 1001, going away | while its PoP or a connector is stopped |
 * | an answer 502 to 504 to a request that may have had an effect | while a connector or target is killed or hangs |
 * | a stream that ended early or fell silent | while a connector or target is killed or hangs |
 * | anything else | never: not by control, PostgreSQL, a lost tunnel, a planned stop, or to a GET |
 */
import type { Incident, Outcome } from '../traffic/outcome.ts';
import type { FaultName } from './schedule.ts';

/** A strike as it really was, until everything was whole again. */
export interface Struck {
  readonly fault: FaultName;
  readonly victims: readonly string[];
  readonly fromUnixMs: number;
  readonly toUnixMs: number;
}

export interface Evidence {
  readonly outcomes: readonly Outcome[];
  readonly strikes: readonly Struck[];
  /** Ids of writes, as each target noted them. */
  readonly journals: readonly (readonly number[])[];
  /** The PoP's name by its endpoint. */
  readonly popOf: ReadonlyMap<string, string>;
}

/** Counted by what it is: `reset by a killed pop`. */
export type Counts = Readonly<Record<string, number>>;

export interface Verdict {
  readonly requests: Counts;
  /** Troubles that were allowed, got over or not. */
  readonly allowed: Counts;
  /** Everything that must not be, in words; empty where the run was good. */
  readonly violations: readonly string[];
  /** Troubles that must not be, counted by what, where and after which fault: the same cause shows many times. */
  readonly forbidden: Counts;
  readonly unfinished: number;
  readonly corruptedBytes: number;
  readonly lostWrites: number;
  readonly doubledEffects: number;
  readonly resumedDownloads: number;
  readonly stallsMs: { readonly p50: number; readonly p99: number; readonly most: number };
}

/** A connection that ends with its process is noticed this much later on a busy machine. */
const NOTICED_WITHIN_MS = 1_500;
const GOING_AWAY = 'closed with 1001';
const POP_GONE: ReadonlySet<FaultName> = new Set(['kill pop', 'freeze pop', 'stop pop']);
const BEHIND_GONE: ReadonlySet<FaultName> = new Set([
  'kill connector',
  'freeze connector',
  'kill target',
  'freeze target',
]);

export function judge(evidence: Evidence): Verdict {
  const { outcomes } = evidence;
  const allowed = new Map<string, number>();
  const violations: string[] = [];
  const forbidden = new Map<string, number>();
  for (const outcome of outcomes) {
    for (const incident of outcome.incidents) {
      const why = whyAllowed(outcome, incident, evidence);
      if (why === undefined) {
        violations.push(described(outcome, incident, evidence));
        count(forbidden, classOf(outcome, incident, evidence));
      } else count(allowed, `${incident.trouble}: ${why}`);
    }
  }
  const corruptedBytes = sum(outcomes.map((one) => one.wrongBytes));
  const { lostWrites, doubledEffects } = judgeWrites(evidence);
  if (corruptedBytes > 0) violations.push(`${corruptedBytes} bytes corrupted`);
  if (lostWrites > 0) violations.push(`${lostWrites} acknowledged writes lost`);
  if (doubledEffects > 0) violations.push(`${doubledEffects} effects doubled`);
  const requests = new Map<string, number>();
  for (const { kind } of outcomes) count(requests, kind);
  return {
    requests: Object.fromEntries(requests),
    allowed: Object.fromEntries(allowed),
    violations,
    forbidden: Object.fromEntries(forbidden),
    unfinished: outcomes.filter((one) => !one.isDone).length,
    ...{ corruptedBytes, lostWrites, doubledEffects },
    resumedDownloads: outcomes.filter((one) => one.kind === 'download' && one.resumes > 0).length,
    stallsMs: stallsOf(outcomes),
  };
}

/** The reason why a trouble may be, or undefined. */
function whyAllowed(outcome: Outcome, incident: Incident, { strikes, popOf }: Evidence): string | undefined {
  const pop = popOf.get(incident.endpoint) ?? '';
  const during = strikes.filter(
    ({ fromUnixMs, toUnixMs }) =>
      fromUnixMs <= incident.toUnixMs && incident.fromUnixMs <= toUnixMs + NOTICED_WITHIN_MS,
  );
  const own = during.find(({ fault, victims }) => POP_GONE.has(fault) && victims.includes(pop));
  if (own && isOfTheConnection(incident, own.fault)) return `own connection, ${own.fault}`;
  // A stop is planned: what is open is finished, and streams that never end by themselves are told to go.
  const stopped = during.find(
    ({ fault }) => fault === 'stop connector' || (fault === 'stop pop' && own?.fault === fault),
  );
  if (stopped && isToldToGo(outcome, incident)) return `told to go, ${stopped.fault}`;
  const behind = during.find(({ fault }) => BEHIND_GONE.has(fault));
  if (behind && isOfWhatIsBehind(outcome, incident)) return `not repeatable, ${behind.fault}`;
  return undefined;
}

function isOfTheConnection({ trouble }: Incident, fault: FaultName): boolean {
  if (trouble === 'status') return false;
  return fault !== 'stop pop' || trouble === 'no-connection';
}

/** A WebSocket that was closed in order, going away (RFC 6455 section 7.4.1). */
function isToldToGo({ kind }: Outcome, { detail }: Incident): boolean {
  return kind === 'web-socket' && detail.includes(GOING_AWAY);
}

function isOfWhatIsBehind({ kind }: Outcome, { trouble, detail }: Incident): boolean {
  if (trouble === 'no-connection') return false;
  const mayHaveHadEffect = kind === 'write' || kind === 'upload';
  if (trouble === 'status') return mayHaveHadEffect && /^50[234]\b/.test(detail);
  // Whether a connector that says nothing is dead or only far away, nobody knows for some seconds: streams wait for it.
  return mayHaveHadEffect || trouble === 'truncated' || (trouble === 'silent' && kind !== 'item');
}

function judgeWrites({ outcomes, journals }: Evidence): { lostWrites: number; doubledEffects: number } {
  const effects = new Map<number, number>();
  for (const id of journals.flat()) effects.set(id, (effects.get(id) ?? 0) + 1);
  const acknowledged = outcomes.filter((one) => one.kind === 'write' && one.isDone);
  return {
    lostWrites: acknowledged.filter(({ id }) => !effects.has(id)).length,
    doubledEffects: [...effects.values()].filter((times) => times > 1).length,
  };
}

/** `item: status 503 at a PoP after kill pop`. */
function classOf({ kind }: Outcome, incident: Incident, evidence: Evidence): string {
  const { trouble, detail } = incident;
  const last = lastBefore(incident, evidence);
  const where = last?.victims.includes(nameOf(incident, evidence)) ? 'at its victim' : 'elsewhere';
  const status = trouble === 'status' ? ` ${detail.slice(0, 3)}` : '';
  return `${kind}: ${trouble}${status} ${last ? `after ${last.fault}, ${where}` : 'before any fault'}`;
}

function described({ kind, id }: Outcome, incident: Incident, evidence: Evidence): string {
  const { trouble, detail, fromUnixMs, toUnixMs } = incident;
  const last = lastBefore(incident, evidence);
  const after = last
    ? `, ${toUnixMs - last.fromUnixMs} ms after ${last.fault} (${last.victims.join(', ')})`
    : ' before any fault';
  return `${kind} ${id} at ${nameOf(incident, evidence)}: ${trouble} in ${toUnixMs - fromUnixMs} ms (${detail})${after}`;
}

function lastBefore({ toUnixMs }: Incident, { strikes }: Evidence): Struck | undefined {
  return strikes.findLast(({ fromUnixMs }) => fromUnixMs <= toUnixMs);
}

function nameOf({ endpoint }: Incident, { popOf }: Evidence): string {
  return popOf.get(endpoint) ?? endpoint;
}

/** Of streams alone: small requests have one chunk. */
function stallsOf(outcomes: readonly Outcome[]): Verdict['stallsMs'] {
  const streams = outcomes.filter((one) => one.kind !== 'item' && one.kind !== 'write');
  const sorted = streams.map((one) => one.stallMs).sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { p50: at(0.5), p99: at(0.99), most: sorted.at(-1) ?? 0 };
}

function count(counts: Map<string, number>, what: string): void {
  counts.set(what, (counts.get(what) ?? 0) + 1);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
