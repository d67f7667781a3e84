import { assertNever } from '../../base/index.ts';
import {
  type AttachedConnector,
  type AuditEvent,
  MAX_REQUEST_TRACE_CHARS,
  type RequestOutcome,
  type RequestRuleTrace,
  type RequestStages,
  type RequestSubject,
  type RequestWay,
  type SentRequest,
} from '../../core/link/index.ts';
import { explain } from '../../core/policy/index.ts';
import { fieldValue } from '../../core/routing/index.ts';
import { subjectId } from '../../core/session/index.ts';
import {
  MAXIMUM_TRACED_CONDITION_CHARS,
  MAXIMUM_USER_AGENT_LENGTH,
  TRACED_ADMISSIONS,
  TRACED_REFUSALS,
} from '../constants.ts';
import type { AtResource } from '../door.ts';
import type { StageTimes } from '../request-course.ts';
import { redactedPath } from './redacted-path.ts';
import type { RequestTrack } from './request-track.ts';

/** A request whose answer is over. */
export interface EndedAtResource {
  readonly at: AtResource;
  readonly status: number;
  readonly stages: StageTimes;
}

/** Of how many requests of a second it is told what each rule said: that costs as much as judging them again. */
export class TraceBudget {
  #admissions = TRACED_ADMISSIONS;
  #refusals = TRACED_REFUSALS;

  take(isRefused: boolean): boolean {
    return (isRefused ? this.#refusals-- : this.#admissions--) > 0;
  }
}

/** What is told of it; undefined where nothing was decided. */
export function sentRequestOf(
  { at, status, stages }: EndedAtResource,
  connectors: ReadonlyMap<string, AttachedConnector>,
  budget: TraceBudget,
): SentRequest | undefined {
  const { context, track, resource } = at;
  if (track.outcome === undefined) return undefined;
  const { ruleId } = track.judged?.decision ?? {};
  const agent = context.header('user-agent')?.slice(0, MAXIMUM_USER_AGENT_LENGTH);
  const country = context.place?.country;
  const bytesIn = bytesInOf(context.request.rawHeaders);
  const rules = budget.take(track.outcome !== 'allow') ? tracedRules(at) : undefined;
  const ruleName = ruleId === undefined ? undefined : resource.ruleName(ruleId);
  return {
    ...{ id: context.requestId, unixMs: Math.round(context.nowUnixMs), resourceId: resource.record.id },
    ...{ method: context.method.slice(0, 64), host: context.host, path: redactedPath(context.target) },
    ...{ protocol: track.upgrade ?? `HTTP/${context.request.httpVersion}`, status },
    ...{ outcome: outcomeOf(track.outcome, status), reason: status === 0 ? 'client-gone' : track.reason },
    ...(ruleId !== undefined && { ruleId, policy: scopeOf(at, ruleId) }),
    ...(ruleName !== undefined && { ruleName }),
    subject: subjectOf(at),
    address: context.clientAddressText,
    ...(country !== undefined && { country }),
    ...(agent !== undefined && { agent }),
    ...(bytesIn !== undefined && { bytesIn }),
    bytesOut: track.bytesOut,
    stageMs: stagesOf(stages),
    way: wayOf(track, connectors),
    targetId: track.candidate?.targetId ?? null,
    ...(track.tries > 1 && { retries: track.tries - 1 }),
    traceId: context.course.trace.traceId,
    ...(rules && { rules }),
    ...(track.replayOf !== undefined && { replayOf: track.replayOf }),
    ...(track.isCaptured && { isCaptured: true as const }),
  };
}

/** What is told of one that lasted, of which everything else was known before. */
export function lastedFor(record: SentRequest, totalMs: number): SentRequest {
  return { ...record, stageMs: { ...record.stageMs, total: rounded(totalMs) } };
}

/** As it was announced; undefined where it was not. */
function bytesInOf(rawHeaders: readonly string[]): number | undefined {
  if (fieldValue(rawHeaders, 'transfer-encoding') !== undefined) return undefined;
  const bytes = Number(fieldValue(rawHeaders, 'content-length') ?? 0);
  return Number.isSafeInteger(bytes) && bytes >= 0 ? bytes : undefined;
}

function outcomeOf(outcome: AuditEvent['outcome'], status: number): RequestOutcome {
  if (status === 0 && outcome === 'allow') return 'failed';
  switch (outcome) {
    case 'allow':
      return 'allowed';
    case 'deny':
      return 'denied';
    case 'challenge':
      return 'challenged';
    case 'error':
      return 'failed';
    default:
      return assertNever(outcome);
  }
}

function scopeOf({ resource }: AtResource, ruleId: string): 'organisation' | 'resource' {
  return resource.record.policy.rules.some(({ id }) => id === ruleId) ? 'resource' : 'organisation';
}

function subjectOf({ track }: AtResource): RequestSubject | null {
  const signedIn = track.judged?.signedIn;
  if (!signedIn) return null;
  const { subject } = signedIn.claims;
  const id = subjectId(subject);
  return { kind: subject.kind, id, name: signedIn.identity.email ?? id };
}

function stagesOf({ judge, way, backend, total }: StageTimes): RequestStages {
  return { judge: rounded(judge ?? total), way: roundedOr(way), backend: roundedOr(backend), total: rounded(total) };
}

function roundedOr(ms: number | undefined): number | null {
  return ms === undefined ? null : rounded(ms);
}

/** To hundredths: more of it is noise. */
function rounded(ms: number): number {
  return Math.max(0, Math.round(ms * 100) / 100);
}

function wayOf({ candidate }: RequestTrack, connectors: ReadonlyMap<string, AttachedConnector>): RequestWay | null {
  if (!candidate) return null;
  const { connectorId } = candidate;
  const attached = connectors.get(connectorId);
  return { connectorId, carrier: attached?.path ?? 'udp', relayPopId: attached?.relayPopId ?? null };
}

/** What each rule said, by the policy that decided. */
function tracedRules({ track, resource, context }: AtResource): RequestRuleTrace[] | undefined {
  if (!track.judged) return undefined;
  const { rules } = explain(resource.policy, context, track.judged.signedIn?.subject);
  const traced = rules.map(({ condition, ...rule }) => {
    const isShort = JSON.stringify(condition ?? null).length <= MAXIMUM_TRACED_CONDITION_CHARS;
    return condition && isShort ? { ...rule, condition } : rule;
  });
  return JSON.stringify(traced).length <= MAX_REQUEST_TRACE_CHARS ? traced : undefined;
}
