/** How much of the request log is kept: days and bytes, for each organisation. */
import {
  allRequestLogSettings,
  findOrganisation,
  requestLogSizes,
  takeLease,
  trimRequests,
} from '../../io/store/index.ts';
import { REQUEST_LOG_BYTES, REQUEST_LOG_BYTES_MAX, REQUEST_LOG_DAYS, REQUEST_LOG_TRIM_MS } from '../constants.ts';
import type { Control } from '../control.ts';
import { quotaOf } from '../quotas.ts';

const DAY_MS = 86_400_000;

/** Most bytes that an organisation's log may take. */
export async function bytesAllowed(control: Control, organisationId: string): Promise<number> {
  const row = await findOrganisation(control.store.database, organisationId);
  const megabytes = row && quotaOf(control, row, 'requestLogMegabytes');
  return megabytes === undefined ? REQUEST_LOG_BYTES_MAX : megabytes * 1024 * 1024;
}

/** Brings every log back to what it may be, on one control node at a time; gives how many requests were deleted. */
export async function trimLogs(control: Control): Promise<number> {
  const { store, clock, keys } = control;
  const nowUnixMs = clock.unixMs();
  if (!(await takeLease(store.database, 'request-log', keys.controlId, nowUnixMs, nowUnixMs + REQUEST_LOG_TRIM_MS * 3)))
    return 0;
  const settings = new Map(
    (await allRequestLogSettings(store.database)).flatMap((row) =>
      row.resource_id === '' ? [[row.organisation_id, row] as const] : [],
    ),
  );
  const organisations = new Set((await requestLogSizes(store.database)).map((day) => day.organisation_id));
  let deleted = 0;
  for (const organisationId of organisations) {
    const own = settings.get(organisationId);
    const bytes = Math.min(Number(own?.kept_bytes ?? REQUEST_LOG_BYTES), await bytesAllowed(control, organisationId));
    const sinceUnixMs = nowUnixMs - Number(own?.kept_days ?? REQUEST_LOG_DAYS) * DAY_MS;
    deleted += await trimRequests(store.database, organisationId, { sinceUnixMs, bytes });
  }
  return deleted;
}
