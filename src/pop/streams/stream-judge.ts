import type { Clock, IpAddress } from '../../base/index.ts';
import { type Decision, evaluate, recentSignInOf } from '../../core/policy/index.ts';
import type { AuditRecorder } from '../audit-recorder.ts';
import type { Counters } from '../counters.ts';
import type { PublishedStream } from '../published-policies.ts';
import type { SnapshotHolder, Unservable } from '../snapshot-holder.ts';
import { StreamContext, type StreamMethod, type StreamSources } from './stream-context.ts';

export interface StreamJudgeParts extends StreamSources {
  readonly holder: SnapshotHolder;
  readonly clock: Clock;
  readonly counters: Counters;
  readonly audit: AuditRecorder;
  readonly nextRequestId: () => string;
}

/** Somebody who wants to a resource, as far as it is known. */
export interface StreamAsking {
  readonly resource: PublishedStream;
  readonly method: StreamMethod;
  readonly port: number;
  readonly clientAddress: IpAddress | undefined;
}

export interface JudgedStream {
  readonly resource: PublishedStream;
  readonly context: StreamContext;
  readonly decision: Decision | undefined;
  readonly isAdmitted: boolean;
  /** Whose sign-in it was that it was admitted for. */
  readonly userId: string | undefined;
}

/** What went through a stream that is over. */
export interface Carried {
  readonly bytesReceived: number;
  readonly bytesSent: number;
  readonly durationMs: number;
}

/** Decides on connections and sessions, at their beginning and while they last, and says so in the audit. */
export class StreamJudge {
  readonly #parts: StreamJudgeParts;

  constructor(parts: StreamJudgeParts) {
    this.#parts = parts;
  }

  /** Judges somebody who comes. A refusal is in the audit already. */
  judge(asking: StreamAsking): JudgedStream {
    const { holder, clock, counters, nextRequestId } = this.#parts;
    const nowUnixMs = clock.unixMs();
    const { resource } = asking;
    const context = new StreamContext({ ...asking, nowUnixMs, requestId: nextRequestId() }, this.#parts);
    const unservable = holder.unservable(nowUnixMs);
    if (unservable) return this.#unservable(resource, context, unservable);
    const decision = evaluate(resource.policy, context, undefined);
    counters.add('decisions', decision.reason);
    const isAdmitted = decision.outcome === 'allow';
    const signedIn = isAdmitted ? recentSignInOf(resource.record.policy, decision.ruleId, context) : undefined;
    const judged = { resource, context, decision, isAdmitted, userId: signedIn?.userId };
    // A client of bytes cannot be asked to sign in: what would be a challenge is a refusal.
    this.#record(judged, isAdmitted ? 'allow' : 'deny', decision.reason, isAdmitted ? 200 : 403);
    return judged;
  }

  /** Judges anew what is under way, by the snapshot and the sign-ins of now. */
  stillAdmitted({ context, resource }: JudgedStream): boolean {
    const { holder, clock } = this.#parts;
    const current = holder.view?.streams.get(resource.record.id);
    if (!current?.record.enabled) return false;
    return evaluate(current.policy, context.later(clock.unixMs(), current), undefined).outcome === 'allow';
  }

  /** Nothing led to a target. */
  failed(judged: JudgedStream, problem: string): void {
    this.#parts.counters.add('streams', problem);
    this.#record(judged, 'error', problem, 502);
  }

  /** An admitted one is over. */
  ended(judged: JudgedStream, carried: Carried): void {
    this.#record(judged, 'allow', 'stream-ended', 200, carried);
  }

  #unservable(resource: PublishedStream, context: StreamContext, reason: Unservable): JudgedStream {
    this.#parts.counters.add('streams', reason);
    const judged = { resource, context, decision: undefined, isAdmitted: false, userId: undefined };
    this.#record(judged, 'error', reason, 503);
    return judged;
  }

  #record(
    { resource, context, decision, userId }: JudgedStream,
    outcome: 'allow' | 'deny' | 'error',
    reason: string,
    status: number,
    carried?: Carried,
  ): void {
    const { record } = resource;
    const ruleId = decision?.ruleId;
    this.#parts.audit.record(context, {
      outcome,
      reason,
      status,
      ruleId,
      ruleName: ruleId && resource.ruleName(ruleId),
      isWhole: record.auditsAll,
      resourceId: record.id,
      userId,
      carried,
    });
  }
}
