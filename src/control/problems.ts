/** Failures on their way to a client: RFC 9457 problem documents. */
import { Failure } from '../base/index.ts';
import { type ControlProblem, PROBLEM_STATUSES } from './problem-statuses.ts';

export type { ControlProblem } from './problem-statuses.ts';

/** A refusal by control. `extra` goes into the problem document as it is. */
export class ControlFailure extends Failure {
  override readonly name = 'ControlFailure';
  declare readonly code: ControlProblem;
  readonly extra: Readonly<Record<string, unknown>>;

  constructor(code: ControlProblem, message: string, extra: Readonly<Record<string, unknown>> = {}) {
    super(code, message);
    this.extra = extra;
  }
}

export interface ProblemDocument {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly requestId: string;
}

/** The document for a failure. What is not a Failure is a bug: its text stays in the log. */
export function problemOf(error: unknown, requestId: string): ProblemDocument {
  const failure = error instanceof Failure ? error : new ControlFailure('internal', 'an unexpected error; see the log');
  const status = PROBLEM_STATUSES[failure.code as keyof typeof PROBLEM_STATUSES] ?? 500;
  const extra = failure instanceof ControlFailure ? failure.extra : {};
  return {
    ...extra,
    type: `urn:manis:problem:${failure.code}`,
    title: failure.code.replaceAll('-', ' '),
    status,
    code: failure.code,
    detail: failure.message,
    requestId,
  };
}

export function notFound(what: string, id: string): ControlFailure {
  return new ControlFailure('not-found', `there is no ${what} with id ${JSON.stringify(id.slice(0, 64))}`);
}

/** Failure `precondition-failed`: what is there now has another tag, which the answer names. */
export function changedMeanwhile(tag?: string): ControlFailure {
  const detail = 'somebody has changed it since you read it; read it again, and then change it';
  return new ControlFailure('precondition-failed', detail, tag === undefined ? {} : { etag: tag });
}
