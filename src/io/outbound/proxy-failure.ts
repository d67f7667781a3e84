import { Failure } from '../../base/index.ts';

export type ProxyFailureCode =
  /** No connection to the proxy, or it ended before an answer. */
  | 'proxy-unreachable'
  /** 407: the proxy wants credentials, or others. */
  | 'proxy-authentication'
  /** It answered, and did not open the way. */
  | 'proxy-refused';

/** What came of asking a proxy for a way. Says nothing of the credentials. */
export class ProxyFailure extends Failure {
  override readonly name = 'ProxyFailure';
  declare readonly code: ProxyFailureCode;
  /** What the proxy answered, where it did. */
  readonly status: number | undefined;

  constructor(code: ProxyFailureCode, message: string, status?: number, cause?: unknown) {
    super(code, message, cause);
    this.status = status;
  }
}
