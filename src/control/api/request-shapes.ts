import { z } from 'zod';
import { parsePrefix } from '../../base/index.ts';
import { REQUEST_OUTCOMES, recordKey, type SnapshotState } from '../../core/link/index.ts';
import type { RequestFilter } from '../../io/store/index.ts';
import { ControlFailure } from '../problems.ts';
import type { LoggedRequest } from '../request-log/request-rows.ts';
import { id, pageQuery, unixMs } from './schemas.ts';

const text = z.string().min(1).max(1024);
const moment = z.coerce.number().int().min(0);

/** What requests are looked for by; every part that is given has to fit. */
export const requestFilter = z.object({
  resourceId: id.optional(),
  popId: id.optional(),
  host: text.optional(),
  method: z.string().min(1).max(64).optional(),
  status: z
    .string()
    .regex(/^[0-9](xx|[0-9]{2})$|^0$/)
    .optional()
    .describe('`404`, or a class such as `5xx`; 0: whoever asked went away'),
  outcome: z.enum(REQUEST_OUTCOMES).optional(),
  reason: text.optional().describe('the named reason of the decision or failure'),
  user: text.optional().describe('an id, or a part of an address or name'),
  address: text.optional().describe('an address, or a block such as 203.0.113.0/24'),
  country: z.string().length(2).toUpperCase().optional().describe('ISO 3166-1, two letters'),
  path: text.optional().describe('a part of the path'),
  requestId: text.optional().describe('as an error page and `X-Manis-Request-Id` say it'),
  slowerThanMs: z.coerce.number().min(0).optional().describe('took at least so long'),
  sinceUnixMs: moment.optional().describe('from then on'),
  untilUnixMs: moment.optional().describe('before then'),
});

/** The same of what is in the store. */
export const storedFilter = requestFilter.extend({
  captured: z
    .enum(['true', 'false'])
    .transform((word) => word === 'true')
    .optional()
    .describe('whether what was captured of it is kept still'),
});

export const requestQuery = storedFilter.extend(pageQuery.shape);

const stageMs = z.number().nullable();

export const loggedRequest = z
  .object({
    id,
    requestId: z.string().describe('as people see it on a page'),
    unixMs,
    resourceId: id,
    resourceName: z.string().nullable(),
    popId: id,
    popName: z.string().nullable(),
    method: z.string(),
    host: z.string(),
    path: z.string().describe('values of the query are left out'),
    protocol: z.string(),
    status: z.number().int().describe('0: whoever asked went away before there was an answer'),
    outcome: z.enum(REQUEST_OUTCOMES),
    reason: z.string(),
    ruleId: z.string().nullable(),
    ruleName: z.string().nullable(),
    policy: z.enum(['organisation', 'resource']).nullable().describe('whose rule decided'),
    subject: z.object({ kind: z.enum(['user', 'guest', 'holder']), id: z.string(), name: z.string() }).nullable(),
    address: z.string(),
    country: z.string().nullable(),
    agent: z.string().nullable(),
    bytesIn: z.number().int().nullable(),
    bytesOut: z.number().int(),
    stageMs: z
      .object({ judge: z.number(), way: stageMs, backend: stageMs, total: z.number() })
      .describe('until it was decided; then until it went to its target; then until that began to answer; all of it'),
    way: z
      .object({ connectorId: id, carrier: z.enum(['udp', 'tls', 'relay']), relayPopId: id.nullable() })
      .nullable()
      .describe('through the network; null: it went to no target'),
    targetId: id.nullable(),
    retries: z.number().int(),
    traceId: z.string().nullable(),
    replayOf: z.string().nullable().describe('the captured request that this one repeats'),
    isCaptured: z.boolean().describe('more of it was captured, and may be kept still'),
  })
  .meta({ id: 'LoggedRequest', description: 'A request of the log.' });

export const requestDetail = loggedRequest.extend({
  names: z
    .object({
      connector: z.string().nullable(),
      site: z.string().nullable(),
      relayPop: z.string().nullable(),
      target: z.string().nullable().describe('its URL'),
    })
    .describe('as they are called now'),
  rules: z
    .array(
      z.object({
        scope: z.enum(['organisation', 'resource']),
        ruleId: z.string(),
        ruleName: z.string(),
        effect: z.string().describe('disabled, not-matched, satisfied, not-admitting, decided, not-reached'),
        condition: z.unknown().optional().describe('what each part of the condition said'),
      }),
    )
    .nullable()
    .describe('what each rule said when it was decided; null where that was not recorded'),
});

export type RequestItem = z.output<typeof loggedRequest>;

/** A filter as the store takes it. Failure `request-invalid`. */
export function storeFilter({ status, address, captured, ...filter }: z.output<typeof storedFilter>): RequestFilter {
  return {
    ...filter,
    isCaptured: captured,
    ...(status !== undefined && { status: statusRange(status) }),
    ...addressFilter(address),
  };
}

function statusRange(status: string): readonly [number, number] {
  const first = Number(status.replace('xx', '00'));
  return [first, first + (status.endsWith('xx') ? 100 : 1)];
}

function addressFilter(address: string | undefined): Pick<RequestFilter, 'address' | 'block'> {
  if (address === undefined) return {};
  if (!address.includes('/')) return { address };
  const block = parsePrefix(address);
  if (block) return { block };
  const problems = [{ path: 'address', expected: 'an address, or a block such as 203.0.113.0/24' }];
  throw new ControlFailure('request-invalid', 'address: this is no block of addresses', { problems });
}

/** What people call a record of the snapshot. */
export function nameIn(
  state: SnapshotState | undefined,
  kind: 'resource' | 'pop' | 'connector' | 'device',
  id: string,
) {
  const record = state?.records.get(recordKey({ kind, id }));
  return record && 'name' in record ? record.name : null;
}

export function requestItem(request: LoggedRequest, state: SnapshotState | undefined): RequestItem {
  const { logId, id: requestId, organisationId: _, rules: __, retries, ...rest } = request;
  return {
    ...rest,
    ...{ id: logId, requestId, retries: retries ?? 0 },
    resourceName: nameIn(state, 'resource', request.resourceId),
    popName: nameIn(state, 'pop', request.popId),
    ruleId: request.ruleId ?? null,
    ruleName: request.ruleName ?? null,
    policy: request.policy ?? null,
    country: request.country ?? null,
    agent: request.agent ?? null,
    bytesIn: request.bytesIn ?? null,
    traceId: request.traceId ?? null,
    replayOf: request.replayOf ?? null,
    isCaptured: request.isCaptured ?? false,
  };
}
