/** What people say of a target, and what is told of it. */
import { z } from 'zod';
import { TARGET_URL_FORMS } from '../../core/routing/index.ts';
import type { TargetsTable } from '../../io/store/index.ts';
import { urlOf } from '../target-backend.ts';
import { id, pageOf, unixMs } from './schemas.ts';
import { type CheckSettings, targetCheck } from './target-check.ts';
import { targetState } from './target-health.ts';
import { tlsBody, tlsItem, tlsItemOf } from './target-tls.ts';

export const target = z.object({
  id,
  resourceId: id,
  siteId: id,
  url: z.string(),
  overlayPort: z.number().int(),
  hostHeader: z.string().nullable(),
  tls: tlsItem,
  priority: z.number().int(),
  weight: z.number().int(),
  check: targetCheck.nullable(),
  createdUnixMs: unixMs,
});

const listedTarget = target.extend({ state: targetState.describe('as PoPs find it; see its health') });
export const targetPage = pageOf(listedTarget);

export const targetSettings = {
  url: z.string().max(512).describe(`as the connector reaches it: ${TARGET_URL_FORMS}`),
  hostHeader: z
    .string()
    .min(1)
    .max(253)
    .regex(/^[\x21-\x7e]+$/)
    .nullable(),
  priority: z.number().int().min(0).max(1000),
  weight: z.number().int().min(0).max(1_000_000),
  check: targetCheck.nullable().describe('made by the connectors of the site; null: none'),
};

/** What a target is made with. */
export const targetBody = z.strictObject({
  siteId: id,
  url: targetSettings.url,
  hostHeader: targetSettings.hostHeader.default(null),
  tls: tlsBody.prefault({}),
  priority: targetSettings.priority.default(0),
  weight: targetSettings.weight.default(1),
  check: targetSettings.check.default(null),
});

export function targetItem(row: TargetsTable): z.output<typeof target> {
  return {
    id: row.id,
    resourceId: row.resource_id,
    siteId: row.site_id,
    url: urlOf(row),
    overlayPort: row.overlay_port,
    hostHeader: row.host_header,
    tls: tlsItemOf(row),
    priority: row.priority,
    weight: row.weight,
    check: row.check_settings === null ? null : (JSON.parse(row.check_settings) as CheckSettings),
    createdUnixMs: row.created_unix_ms,
  };
}
