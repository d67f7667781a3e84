import { z } from 'zod';
import {
  findResource,
  putRequestLogSetting,
  type RequestLogSettingsTable,
  requestLogSettingsOf,
  requestLogSizes,
} from '../../io/store/index.ts';
import { publishChange } from '../change.ts';
import { REQUEST_LOG_BYTES, REQUEST_LOG_BYTES_MAX, REQUEST_LOG_DAYS, REQUEST_LOG_DAYS_MAX } from '../constants.ts';
import type { Control } from '../control.ts';
import { notFound } from '../problems.ts';
import { bytesAllowed } from '../request-log/retention.ts';
import { type Api, type ApiContext, organisationOf, principalOf } from './api.ts';
import { id, idParams } from './schemas.ts';

const level = z
  .enum(['all', 'refused', 'none'])
  .describe('all; those that were refused or failed; or none. What traffic is like is counted anyway.');
const keptDays = z.number().int().min(1).max(REQUEST_LOG_DAYS_MAX);
const keptBytes = z.number().int().min(0).max(REQUEST_LOG_BYTES_MAX);

const settings = z.object({
  level,
  keptDays: keptDays.describe('what is older is deleted'),
  keptBytes: keptBytes.describe('what is more is deleted, the oldest first'),
  keptBytesMax: z.number().int().describe('most that this organisation may say'),
  usedBytes: z.number().int().describe('what the log takes now, about'),
  entries: z.number().int().describe('requests in the log now'),
  resources: z.array(z.object({ resourceId: id, level })).describe('those of which something else is said'),
});

const tags = ['requests'];

export function requestSettingRoutes(api: Api, context: ApiContext): void {
  organisationRoutes(api, context);
  resourceRoute(api, context);
}

function organisationRoutes(api: Api, { control }: ApiContext): void {
  api.get(
    '/requests/settings',
    {
      config: { access: 'audit.read' },
      schema: { tags, summary: 'Which requests are logged, and how long they are kept', response: { 200: settings } },
    },
    async (request) => settingsOf(control, organisationOf(request)),
  );

  api.put(
    '/requests/settings',
    {
      config: { access: 'organisation.write' },
      schema: {
        tags,
        summary: 'Say which requests are logged, and how long they are kept',
        body: z.strictObject({ level, keptDays, keptBytes }),
        response: { 200: settings },
      },
    },
    async (request) => {
      const organisationId = organisationOf(request);
      const most = await bytesAllowed(control, organisationId);
      const { level: newLevel, keptDays: days, keptBytes: bytes } = request.body;
      const row = { level: newLevel, kept_days: days, kept_bytes: Math.min(bytes, most) };
      await publishChange(control, principalOf(request), async (transaction) => {
        await putRequestLogSetting(transaction, organisationId, '', row);
        const detail = { level: newLevel, keptDays: days, keptBytes: row.kept_bytes };
        return { value: null, note: { action: 'request-log.set', subject: organisationId, detail } };
      });
      return settingsOf(control, organisationId);
    },
  );
}

function resourceRoute(api: Api, { control }: ApiContext): void {
  api.put(
    '/requests/settings/resources/:id',
    {
      config: { access: 'resource.write' },
      schema: {
        tags,
        summary: 'Say which requests at a resource are logged',
        params: idParams,
        body: z.strictObject({ level: level.nullable().describe('null: as the organisation says') }),
        response: { 200: settings },
      },
    },
    async (request) => {
      const organisationId = organisationOf(request);
      const { id: resourceId } = request.params;
      const { level: newLevel } = request.body;
      await publishChange(control, principalOf(request), async (transaction) => {
        if (!(await findResource(transaction, organisationId, resourceId))) throw notFound('resource', resourceId);
        const row = newLevel === null ? null : { level: newLevel, kept_days: null, kept_bytes: null };
        await putRequestLogSetting(transaction, organisationId, resourceId, row);
        return {
          value: null,
          note: { action: 'request-log.set', subject: resourceId, detail: { level: newLevel } },
        };
      });
      return settingsOf(control, organisationId);
    },
  );
}

async function settingsOf(control: Control, organisationId: string): Promise<z.output<typeof settings>> {
  const { database } = control.store;
  const rows = await requestLogSettingsOf(database, organisationId);
  const days = (await requestLogSizes(database)).filter((day) => day.organisation_id === organisationId);
  const most = await bytesAllowed(control, organisationId);
  const own: RequestLogSettingsTable | undefined = rows.find((row) => row.resource_id === '');
  return {
    level: own?.level ?? 'all',
    keptDays: Number(own?.kept_days ?? REQUEST_LOG_DAYS),
    keptBytes: Math.min(Number(own?.kept_bytes ?? REQUEST_LOG_BYTES), most),
    keptBytesMax: most,
    usedBytes: days.reduce((sum, day) => sum + day.size_bytes, 0),
    entries: days.reduce((sum, day) => sum + day.entries, 0),
    resources: rows
      .filter((row) => row.resource_id !== '')
      .map((row) => ({ resourceId: row.resource_id, level: row.level })),
  };
}
