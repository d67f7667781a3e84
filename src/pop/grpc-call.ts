import { fieldValue, grpcTimeoutMs, isGrpc } from '../core/routing/index.ts';
import type { HttpRequest, HttpResponse } from '../io/http/message.ts';
import { MAXIMUM_GRPC_TIMEOUT_MS } from './constants.ts';
import { isGrpcCall, statusFields } from './grpc-answer.ts';
import type { Problem } from './problems.ts';

/** What a gRPC call is beside a request: it may have a deadline, and its caller is told in trailers how it ended. */
export class GrpcCall {
  readonly #timeoutMs: number | undefined;
  #isAnswered = false;
  #deadline: NodeJS.Timeout | undefined;
  #stopped: Problem | undefined;
  #onStop: (problem: Problem) => void = () => undefined;

  static of(request: HttpRequest): GrpcCall | undefined {
    return isGrpcCall(request) ? new GrpcCall(fieldValue(request.rawHeaders, 'grpc-timeout')) : undefined;
  }

  private constructor(timeout: string | undefined) {
    const ms = grpcTimeoutMs(timeout);
    this.#timeoutMs = ms === undefined ? undefined : Math.min(ms, MAXIMUM_GRPC_TIMEOUT_MS);
  }

  /** Why it was ended by us. */
  get stopped(): Problem | undefined {
    return this.#stopped;
  }

  /** Begins to count: whoever calls waits no longer than the deadline, and nobody is to work for them after it. */
  begin(onStop: (problem: Problem) => void): void {
    this.#onStop = onStop;
    if (this.#timeoutMs !== undefined)
      this.#deadline = setTimeout(() => this.stop('deadline-exceeded'), this.#timeoutMs);
  }

  stop(problem: Problem): void {
    this.#stopped ??= problem;
    this.#onStop(this.#stopped);
  }

  /**
   * The head of an answer came; gives its fields without a length. Trailers follow, and for those who tell the length the
   * body's last byte is the end.
   */
  answered(headers: string[]): string[] {
    this.#isAnswered = isGrpc(fieldValue(headers, 'content-type'));
    if (!this.#isAnswered || (fieldValue(headers, 'content-length') ?? '0') === '0') return headers;
    return headers.filter((_, i) => headers[i - (i % 2)]?.toLowerCase() !== 'content-length');
  }

  /** Ends an answer that broke with what became of it, in place of a cut stream; false where it is no answer of gRPC. */
  truncated(response: HttpResponse): boolean {
    if (!this.#isAnswered || response.destroyed || response.writableEnded) return false;
    const problem = this.#stopped ?? 'target-aborted';
    response.addTrailers(statusFields(problem, problem));
    response.end();
    return true;
  }

  over(): void {
    clearTimeout(this.#deadline);
  }
}
