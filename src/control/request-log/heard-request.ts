/** What is made of what PoPs tell of requests: whose a request is, when it was, and its name in the log. */
import { type Clock, utf8 } from '../../base/index.ts';
import {
  type ResourceRecord,
  recordKey,
  type SentRequest,
  type SigningPort,
  type SnapshotState,
} from '../../core/link/index.ts';
import { REQUEST_CLOCK_AHEAD_MS, REQUEST_CLOCK_BEHIND_MS } from '../constants.ts';
import { idOf } from '../ids.ts';

/** Follows from PoP and request, so that what is told twice, or in two messages, is of one request. */
export function requestLogId(
  signing: SigningPort,
  popId: string,
  { id, unixMs }: Pick<SentRequest, 'id' | 'unixMs'>,
): string {
  return idOf('req', unixMs, signing.sha256(utf8(`${popId}/${id}`)));
}

/** A clock that is wrong puts nothing where retention never comes to. */
export function plausibleUnixMs(clock: Clock, unixMs: number): number {
  const nowUnixMs = Math.round(clock.unixMs());
  return Math.min(nowUnixMs + REQUEST_CLOCK_AHEAD_MS, Math.max(nowUnixMs - REQUEST_CLOCK_BEHIND_MS, unixMs));
}

export function organisationOf(state: SnapshotState | undefined, resourceId: string): string | undefined {
  const record = resourceIn(state, resourceId);
  return record && (record.organisationId ?? ownOrganisation(state));
}

/** A resource as it is published. */
export function resourceIn(state: SnapshotState | undefined, id: string): ResourceRecord | undefined {
  const record = state?.records.get(recordKey({ kind: 'resource', id }));
  return record?.kind === 'resource' ? record : undefined;
}

/** Of resources from before there were several organisations. */
function ownOrganisation(state: SnapshotState | undefined): string | undefined {
  for (const { organisationId } of state?.ofKind('installation') ?? []) return organisationId;
  return undefined;
}
