import { once } from 'node:events';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { findCapture, type RequestFilter } from '../../io/store/index.ts';
import { openCaptured } from '../captures/captured-row.ts';
import { audit } from '../change.ts';
import { ANALYTICS_REQUESTS_MAX, EXPORT_REQUESTS_MAX } from '../constants.ts';
import type { Control } from '../control.ts';
import { ControlFailure } from '../problems.ts';
import { Analytics } from '../request-log/analytics.ts';
import { CONTENT_TYPES, EXPORT_FORMATS, type ExportFormat, exportHead, exportLine } from '../request-log/export.ts';
import { readLog } from '../request-log/read-log.ts';
import { loggedRequest as readRow } from '../request-log/request-rows.ts';
import { type Api, type ApiContext, organisationOf, principalOf } from './api.ts';
import { capturedItem } from './capture-shapes.ts';
import { nameIn, type RequestItem, requestItem, storedFilter, storeFilter } from './request-shapes.ts';
import { unixMs } from './schemas.ts';

const DAY_MS = 86_400_000;
const tags = ['requests'];

const sums = { requests: z.number().int(), errors: z.number().int(), refused: z.number().int() };
const counted = z.array(z.object({ key: z.string(), name: z.string(), ...sums }));

const analytics = z.object({
  ...sums,
  isPartial: z.boolean().describe('there are more requests than are looked at: these are the newest'),
  oldestUnixMs: unixMs.nullable().describe('the oldest request that was looked at'),
  p50Ms: z.number().nullable(),
  p95Ms: z.number().nullable(),
  stepMs: z.number().int(),
  overTime: z.array(z.object({ unixMs, ...sums })),
  byResource: counted,
  byCountry: counted.describe('key: two letters; empty where nobody knows'),
  byUser: counted.describe('key: empty for nobody in particular'),
  byStatus: counted,
  byReason: counted.describe('of those that were refused or asked to sign in'),
});

/** By media type, without what comes after it. */
const exported = Object.fromEntries(
  Object.values(CONTENT_TYPES).map((type) => [type.split(';', 1)[0] as string, { schema: z.string() }]),
);

export function requestReportRoutes(api: Api, context: ApiContext): void {
  exportRoute(api, context);
  analyticsRoute(api, context);
}

function exportRoute(api: Api, { control }: ApiContext): void {
  const { database } = control.store;
  api.get(
    '/requests/export',
    {
      config: { access: 'audit.read' },
      schema: {
        tags,
        summary: 'The request log as a file, the newest first',
        description: `At most ${EXPORT_REQUESTS_MAX} requests. In tables, what a spreadsheet would take for a formula begins with an apostrophe.`,
        querystring: storedFilter.extend({
          format: z.enum(EXPORT_FORMATS).default('jsonl'),
          captures: z.literal('true').optional().describe('with what was captured, in jsonl; needs capture.read, too'),
        }),
        response: { 200: { description: 'A file', content: exported } },
      },
    },
    async (request, reply) => {
      const { format, captures, ...filter } = request.query;
      const captured = captures && exportedCaptures(control, request, format);
      const wanted = storeFilter(filter);
      const organisationId = organisationOf(request);
      const detail = { format, filter, ...(captures && { captures: true }) };
      await audit(control, database, principalOf(request), { action: 'requests.export', subject: null, detail });
      reply.hijack();
      const { raw } = reply;
      raw.writeHead(200, {
        'content-type': CONTENT_TYPES[format],
        'content-disposition': `attachment; filename="requests.${format}"`,
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
      });
      raw.write(exportHead(format));
      try {
        for await (const rows of readLog(database, organisationId, wanted, EXPORT_REQUESTS_MAX)) {
          const state = control.publisher.current;
          for (const part of captured ? rows.map((row) => [row]) : [rows]) {
            const items = part.map((row) => requestItem(readRow(row), state));
            const text = captured ? await captured(items) : items.map((item) => exportLine(format, item)).join('');
            if (raw.destroyed) return;
            if (!raw.write(text)) await Promise.race([once(raw, 'drain'), once(raw, 'close')]);
          }
        }
        raw.end();
      } catch (error) {
        control.log.warn('an export of requests broke off', { error });
        raw.destroy();
      }
    },
  );
}

/** Lines with what was captured, one request at a time: each may be large. Failures `request-invalid`, `rights-missing`. */
function exportedCaptures(control: Control, request: FastifyRequest, format: ExportFormat) {
  if (!principalOf(request).permissions.has('capture.read'))
    throw new ControlFailure('rights-missing', 'this needs the permission capture.read');
  if (format !== 'jsonl') throw new ControlFailure('request-invalid', 'captures: they are exported as jsonl alone');
  const organisationId = organisationOf(request);
  return async (items: readonly RequestItem[]): Promise<string> => {
    const lines = items.map(async (item) => {
      const row = item.isCaptured
        ? await findCapture(control.store.database, organisationId, item.id, control.clock.unixMs())
        : undefined;
      const captured = row && openCaptured(control.keys.sealing, row);
      return exportLine(format, captured ? { ...item, capture: capturedItem(captured, row) } : item);
    });
    return (await Promise.all(lines)).join('');
  };
}

function analyticsRoute(api: Api, { control }: ApiContext): void {
  api.get(
    '/requests/analytics',
    {
      config: { access: 'audit.read' },
      schema: {
        tags,
        summary: 'What requests are like together: over time, by application, country, user, status and reason',
        description: `Of the last day unless a time is given, and of the newest ${ANALYTICS_REQUESTS_MAX} requests at most.`,
        querystring: storedFilter,
        response: { 200: analytics },
      },
    },
    async (request) => {
      const untilUnixMs = request.query.untilUnixMs ?? Math.round(control.clock.unixMs()) + 1;
      const sinceUnixMs = request.query.sinceUnixMs ?? untilUnixMs - DAY_MS;
      const filter: RequestFilter = { ...storeFilter(request.query), sinceUnixMs, untilUnixMs };
      const found = new Analytics(sinceUnixMs, untilUnixMs);
      const pages = readLog(control.store.database, organisationOf(request), filter, ANALYTICS_REQUESTS_MAX);
      for await (const rows of pages) for (const row of rows) found.add(row);
      const result = found.result();
      const state = control.publisher.current;
      const byResource = result.byResource.map((each) => ({
        ...each,
        name: nameIn(state, 'resource', each.key) ?? each.key,
      }));
      return { ...result, byResource, isPartial: found.requests >= ANALYTICS_REQUESTS_MAX };
    },
  );
}
