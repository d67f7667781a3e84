/**
 * What became of one request at a resource, and what all of a second were like: the request log. PoPs send both in
 * batches (`requests` of messages.ts), only to a control node that says it takes them (`welcome.takes`). It may be lossy:
 * what a PoP has no room for is counted, never waited for.
 */
import {
  LATENCY_BOUNDS_MS,
  MAX_REQUEST_TRACE_CHARS,
  MAX_REQUESTS_IN_MESSAGE,
  MAX_TRAFFIC_REASONS,
} from './constants.ts';
import {
  boolean,
  type Check,
  id,
  integer,
  line,
  list,
  notNegative,
  nullOr,
  object,
  oneOf,
  optional,
  string,
} from './shape.ts';

export const REQUEST_OUTCOMES = ['allowed', 'denied', 'challenged', 'failed'] as const;
/** `failed`: it was allowed, and nobody could answer it. */
export type RequestOutcome = (typeof REQUEST_OUTCOMES)[number];

/** Who asked. The id is as in the audit: of a user the id, else `guest:` and an address, or `credential:` and an id. */
export interface RequestSubject {
  readonly kind: 'user' | 'guest' | 'holder';
  readonly id: string;
  readonly name: string;
}

/** How long each part took. Null: it did not come that far. */
export interface RequestStages {
  /** Until it was decided. */
  readonly judge: number;
  /** From then until it was on its way to the target that answered: waiting for a way and failed tries included. */
  readonly way: number | null;
  /** From then until the target began its answer. */
  readonly backend: number | null;
  /** From its head to the end of the answer. */
  readonly total: number;
}

/** Which way it took through the network. */
export interface RequestWay {
  /** Of a device, its id. */
  readonly connectorId: string;
  readonly carrier: 'udp' | 'tls' | 'relay';
  /** The PoP in between, where there is one. */
  readonly relayPopId: string | null;
}

/** What a rule made of it; `condition` is left out where it is long. */
export interface RequestRuleTrace {
  readonly scope: 'organisation' | 'resource';
  readonly ruleId: string;
  readonly ruleName: string;
  readonly effect: string;
  readonly condition?: unknown;
}

/** A request as a PoP tells it: control knows whose the resource is, and which PoP it speaks with. */
export interface SentRequest {
  /** As people see it on a page and in `X-Manis-Request-Id`. */
  readonly id: string;
  readonly unixMs: number;
  readonly resourceId: string;
  readonly method: string;
  readonly host: string;
  /** Values of the query are left out. */
  readonly path: string;
  /** `HTTP/1.1`, `HTTP/2.0`, `websocket`. */
  readonly protocol: string;
  /** 0: whoever asked went away before there was an answer. */
  readonly status: number;
  readonly outcome: RequestOutcome;
  /** The named reason of the decision or failure. */
  readonly reason: string;
  /** Which rule decided. */
  readonly ruleId?: string;
  readonly ruleName?: string;
  /** Whose rule it is. */
  readonly policy?: 'organisation' | 'resource';
  readonly subject: RequestSubject | null;
  readonly address: string;
  readonly country?: string;
  /** User-Agent. */
  readonly agent?: string;
  /** Of the body that came; left out where it was not said how long it is. */
  readonly bytesIn?: number;
  readonly bytesOut: number;
  readonly stageMs: RequestStages;
  readonly way: RequestWay | null;
  readonly targetId: string | null;
  /** Tries at targets before the one that counts. */
  readonly retries?: number;
  readonly traceId?: string;
  /** Which rules were looked at and what each of them said; of some requests. */
  readonly rules?: readonly RequestRuleTrace[];
  /** The id of the captured request that this one repeats. */
  readonly replayOf?: string;
  /** Its fields, and perhaps bodies, come in a message of their own. Left out: no. */
  readonly isCaptured?: true;
}

/** The same as everybody else sees it. */
export interface RequestRecord extends SentRequest {
  readonly organisationId: string;
  readonly popId: string;
}

/** What the requests of one resource that ended within a second were like, those that are not logged included. */
export interface ResourceTraffic {
  readonly resourceId: string;
  readonly requests: number;
  /** Answers with a status from 500 on, and requests that nobody answered. */
  readonly errors: number;
  /** How many were refused or asked to sign in, by named reason. */
  readonly denied: Readonly<Record<string, number>>;
  /** How many took how long: one count for each of `LATENCY_BOUNDS_MS`, and one for what took longer. */
  readonly latency: readonly number[];
  readonly bytesOut: number;
}

export const LATENCY_BUCKETS = LATENCY_BOUNDS_MS.length + 1;

const ruleTrace: Check = object({
  scope: oneOf('organisation', 'resource'),
  ruleId: line(),
  ruleName: string(),
  effect: line(64),
});

const sentRequest: Check = object({
  id,
  unixMs: integer(),
  resourceId: id,
  method: string(64),
  host: string(),
  path: string(4096),
  protocol: string(32),
  status: integer(0, 999),
  outcome: oneOf(...REQUEST_OUTCOMES),
  reason: string(128),
  ruleId: optional(id),
  ruleName: optional(string()),
  policy: optional(oneOf('organisation', 'resource')),
  subject: nullOr(object({ kind: oneOf('user', 'guest', 'holder'), id: string(), name: string() })),
  address: string(64),
  country: optional(string(2)),
  agent: optional(string()),
  bytesIn: optional(integer()),
  bytesOut: integer(),
  stageMs: object({ judge: notNegative, way: nullOr(notNegative), backend: nullOr(notNegative), total: notNegative }),
  way: nullOr(object({ connectorId: id, carrier: oneOf('udp', 'tls', 'relay'), relayPopId: nullOr(id) })),
  targetId: nullOr(id),
  retries: optional(integer(0, 1000)),
  traceId: optional(string(64)),
  rules: optional(bounded(list(ruleTrace, 1000), MAX_REQUEST_TRACE_CHARS)),
  replayOf: optional(id),
  isCaptured: optional(boolean),
});

const counts: Check = (value, path) => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return path;
  const entries = Object.entries(value);
  if (entries.length > MAX_TRAFFIC_REASONS) return path;
  const wrong = entries.find(([name, count]) => name.length > 128 || integer()(count, '') !== undefined);
  return wrong ? `${path}.${wrong[0].slice(0, 64)}` : undefined;
};

const resourceTraffic: Check = object({
  resourceId: id,
  requests: integer(),
  errors: integer(),
  denied: counts,
  latency: list(integer(), LATENCY_BUCKETS),
  bytesOut: integer(),
});

export const requestsShape = {
  lost: integer(),
  unixMs: integer(),
  records: list(sentRequest, MAX_REQUESTS_IN_MESSAGE),
  traffic: list(resourceTraffic),
} as const;

function bounded(check: Check, mostChars: number): Check {
  return (value, path) => check(value, path) ?? (JSON.stringify(value).length > mostChars ? path : undefined);
}

/** Which of the counts of `latency` a request belongs to. */
export function latencyBucket(ms: number): number {
  let low = 0;
  let high = LATENCY_BOUNDS_MS.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ms <= (LATENCY_BOUNDS_MS[middle] ?? 0)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The latency that a share of the requests stays below, between the bounds of its bucket; null where there were none. */
export function latencyQuantileMs(latency: readonly number[], share: number): number | null {
  const all = latency.reduce((sum, count) => sum + count, 0);
  if (all === 0) return null;
  let left = share * all;
  for (const [bucket, count] of latency.entries()) {
    if (count > 0 && left <= count) {
      const from = LATENCY_BOUNDS_MS[bucket - 1] ?? 0;
      const to = LATENCY_BOUNDS_MS[bucket] ?? from;
      return from + (to - from) * (left / count);
    }
    left -= count;
  }
  return LATENCY_BOUNDS_MS.at(-1) ?? null;
}
