import { Failure } from '../../base/index.ts';

export type UsageFailureCode =
  | 'flag-unknown'
  | 'setting-invalid'
  | 'setting-unknown'
  | 'command-unknown'
  | 'policy-invalid'
  | 'http-settings-invalid'
  | 'port-in-use';

/** What was asked for cannot be done as it was asked: one line that names what, its value and what is expected; exit code 2. */
export class UsageFailure extends Failure {
  override readonly name = 'UsageFailure';
  declare readonly code: UsageFailureCode;

  constructor(code: UsageFailureCode, message: string, cause?: unknown) {
    super(code, message, cause);
  }
}
