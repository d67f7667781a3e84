import type { Clock } from '../base/index.ts';
import { evaluate } from '../core/policy/index.ts';
import type { ManisCookies } from '../core/session/index.ts';
import { certificateHolder } from './client-certificates.ts';
import type { Presented } from './credentials/presented.ts';
import type { JudgedContext } from './request-context.ts';
import type { SnapshotHolder } from './snapshot-holder.ts';
import type { WhoAsks } from './who-asks.ts';

export interface StillAdmittedParts {
  readonly holder: SnapshotHolder;
  readonly who: WhoAsks;
  readonly clock: Clock;
}

/** By what a request was admitted. */
export interface Admission {
  readonly context: JudgedContext;
  readonly resourceId: string;
  readonly cookies: ManisCookies;
  readonly presented: Presented | undefined;
}

/** Judges anew a request that is under way, by the snapshot and the revocations of now. */
export function stillAdmitted({ holder, who, clock }: StillAdmittedParts, admission: Admission): boolean {
  const { context, resourceId, cookies, presented } = admission;
  const { view } = holder;
  const current = view?.resourceAt(context.host);
  if (!view || current?.record.id !== resourceId) return false;
  const nowUnixMs = clock.unixMs();
  const subject = who.subjectNow({ context, resourceId }, view, cookies, presented, nowUnixMs);
  const now = context.later(nowUnixMs);
  if (evaluate(current.policy, now, subject).outcome === 'allow') return true;
  const certificate = context.clientCertificate;
  const held = certificate && certificateHolder(certificate, now, current.record.id);
  return held !== undefined && evaluate(current.policy, now, held.subject).outcome === 'allow';
}

/** The same as a function that holds on to nothing but this. */
export function lastingly(parts: StillAdmittedParts, admission: Admission): () => boolean {
  return () => stillAdmitted(parts, admission);
}
