import type { AuditEvent } from '../../core/link/index.ts';
import type { Decision, Subject } from '../../core/policy/index.ts';
import type { AssertedIdentity, SessionSubject } from '../../core/session/index.ts';

/** Who asked, and what was decided: what is noted of it. */
export interface TrackedJudgement {
  readonly decision: Decision;
  readonly signedIn:
    | {
        readonly claims: { readonly subject: SessionSubject };
        readonly subject: Subject;
        readonly identity: AssertedIdentity;
      }
    | undefined;
}

/** Where it goes. */
export interface TrackedWay {
  readonly targetId: string;
  readonly connectorId: string;
}

export interface TrackedDecision {
  readonly outcome: AuditEvent['outcome'];
  readonly reason: string;
  readonly status: number;
}

/**
 * What is noted of a request while it is served, beside its times (`RequestCourse`): a few numbers and references, so that
 * it costs next to nothing. Made at the door, read when the answer is over.
 */
export class RequestTrack {
  /** Undefined while nothing is decided: an endpoint of Manis's own. */
  outcome: AuditEvent['outcome'] | undefined;
  reason = '';
  /** As it was decided; 0 where a target is to say. */
  status = 0;
  judged: TrackedJudgement | undefined;
  candidate: TrackedWay | undefined;
  tries = 0;
  bytesOut = 0;
  /** The other protocol that is spoken from here on. */
  upgrade: string | undefined;
  /** Call when that protocol is spoken: nothing more is noted but how long it lasts. */
  joined: (() => void) | undefined;
  /** The captured request that this one repeats. */
  replayOf: string | undefined;
  /** More of it is kept than the log has. */
  isCaptured = false;

  /** It was decided, or what was decided could not be done. */
  decided({ outcome, reason, status }: TrackedDecision, judged: TrackedJudgement | undefined): void {
    this.outcome = outcome;
    this.reason = reason;
    this.status = status;
    this.judged ??= judged;
  }

  /** It goes to a target. */
  sent(candidate: TrackedWay): void {
    this.candidate = candidate;
    this.tries++;
  }
}
