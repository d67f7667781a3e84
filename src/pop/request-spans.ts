import type { Span, SpanValue } from '../io/tracing/span.ts';
import type { AtResource } from './door.ts';
import { redactedPath } from './request-log/redacted-path.ts';
import type { EndedAtResource } from './request-log/sent-request.ts';

type Attributes = Readonly<Record<string, SpanValue | undefined>>;

/**
 * The spans of a request that is recorded: the whole of it, and its stages within. They are made when it is over, from
 * the times of its course, so that a request that is not recorded pays nothing. Of the client they tell as little as
 * the request log does, and not who it is.
 */
export function spansOf({ at, status, stages }: EndedAtResource, newSpanId: () => string): Span[] {
  const { method, host, nowUnixMs: startUnixMs, course } = at.context;
  const { traceId, spanId, parentSpanId, backendSpanId, sampled } = course.trace;
  if (!sampled || spanId === undefined) return [];
  const isFault = status >= 500 || (status === 0 && at.track.outcome === 'allow');
  const error = isFault ? reasonOf(at, status) : undefined;
  const endUnixMs = startUnixMs + stages.total;
  const common = { 'http.request.method': method, 'server.address': host };
  const attributes = { ...common, ...attributesOf(at, status) };
  const whole = { traceId, spanId, parentSpanId, name: method, kind: 'server', attributes, error } as const;
  const spans: Span[] = [{ ...whole, startUnixMs, endUnixMs }];
  const stage = (
    name: string,
    fromUnixMs: number,
    untilUnixMs: number,
    told: Attributes,
    as: Partial<Span> = {},
  ): void => {
    const times = { startUnixMs: fromUnixMs, endUnixMs: untilUnixMs };
    const own = { spanId: newSpanId(), parentSpanId: spanId, name, kind: 'internal' } as const;
    spans.push({ traceId, ...own, ...times, attributes: told, ...as });
  };
  if (stages.judge === undefined) return spans;
  const judgedUnixMs = startUnixMs + stages.judge;
  stage('judge', startUnixMs, judgedUnixMs, decisionOf(at));
  if (stages.way === undefined) return spans;
  const sentUnixMs = judgedUnixMs + stages.way;
  const way = wayOf(at);
  stage('way', judgedUnixMs, sentUnixMs, { ...way, 'manis.tries': at.track.tries });
  const headMs = stages.backend === undefined ? undefined : Math.round(stages.backend * 100) / 100;
  const answered = headMs !== undefined && status > 0 ? status : undefined;
  const told = { ...common, ...way, 'http.response.status_code': answered, 'manis.head_ms': headMs };
  // To the last byte of the answer: what the backend says of itself is within.
  stage('backend', sentUnixMs, endUnixMs, told, {
    kind: 'client',
    error,
    ...(backendSpanId && { spanId: backendSpanId }),
  });
  return spans;
}

function attributesOf({ context, track, resource }: AtResource, status: number): Attributes {
  return {
    'url.path': redactedPath({ path: context.target.path, query: '' }),
    'url.scheme': 'https',
    'network.protocol.version': context.request.httpVersion,
    'http.response.status_code': status > 0 ? status : undefined,
    'http.response.body.size': track.bytesOut,
    'manis.request_id': context.requestId,
    'manis.resource_id': resource.record.id,
    'manis.reason': reasonOf({ track }, status),
  };
}

function decisionOf({ track: { judged } }: AtResource): Attributes {
  const { outcome, reason, ruleId } = judged?.decision ?? {};
  return { 'manis.outcome': outcome, 'manis.reason': reason, 'manis.rule_id': ruleId };
}

function wayOf({ track: { candidate } }: AtResource): Attributes {
  return { 'manis.connector_id': candidate?.connectorId, 'manis.target_id': candidate?.targetId };
}

function reasonOf({ track }: Pick<AtResource, 'track'>, status: number): string {
  return status === 0 ? 'client-gone' : track.reason;
}
