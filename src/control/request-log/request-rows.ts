import type { RequestRecord, SentRequest } from '../../core/link/index.ts';
import type { RequestLogTable } from '../../io/store/index.ts';

type Detail = Pick<
  SentRequest,
  | 'protocol'
  | 'ruleId'
  | 'ruleName'
  | 'policy'
  | 'subject'
  | 'agent'
  | 'bytesIn'
  | 'bytesOut'
  | 'stageMs'
  | 'way'
  | 'targetId'
  | 'retries'
  | 'traceId'
  | 'rules'
  | 'replayOf'
  | 'isCaptured'
>;

/** A request of the log as everybody else sees it; `logId` names it, `id` is the request's own, which people see on pages. */
export type LoggedRequest = RequestRecord & { readonly logId: string };

export function requestRow(record: LoggedRequest): Omit<RequestLogTable, 'address_key' | 'size_bytes'> {
  const { logId, id, unixMs, organisationId, resourceId, popId, method, host, path, status, outcome, reason } = record;
  const { address, country, ...rest } = record;
  const { protocol, ruleId, ruleName, policy, subject, agent, bytesIn, bytesOut } = rest;
  const { stageMs, way, targetId, retries, traceId, rules, replayOf, isCaptured } = rest;
  const detail: Detail = {
    ...{ protocol, ruleId, ruleName, policy, subject, agent, bytesIn, bytesOut },
    ...{ stageMs, way, targetId, retries, traceId, rules, replayOf, isCaptured },
  } as Detail;
  return {
    ...{ id: logId, organisation_id: organisationId, resource_id: resourceId, pop_id: popId, request_id: id },
    ...{ unix_ms: unixMs, method, host, path, status, outcome, reason },
    ...{ subject_id: subject?.id ?? null, subject_name: subject?.name ?? null },
    ...{ client_address: address, country: country ?? null, total_ms: stageMs.total },
    detail: JSON.stringify(detail),
  };
}

export function loggedRequest(row: RequestLogTable): LoggedRequest {
  const detail = JSON.parse(row.detail) as Detail;
  return {
    ...{ logId: row.id, id: row.request_id, unixMs: Number(row.unix_ms), organisationId: row.organisation_id },
    ...{ resourceId: row.resource_id, popId: row.pop_id, method: row.method, host: row.host, path: row.path },
    ...{ status: row.status, outcome: row.outcome as RequestRecord['outcome'], reason: row.reason },
    ...{ address: row.client_address, ...(row.country !== null && { country: row.country }) },
    ...detail,
  };
}
