import { encodeGrpcMessage, fieldValue, GRPC_STATUS, grpcStatusOf, isGrpc } from '../core/routing/index.ts';
import type { HttpRequest } from '../io/http/message.ts';
import { PROBLEM_TEXTS } from './pages/problem-texts.ts';
import { PROBLEM_STATUS, type Problem } from './problems.ts';

/** Whether a request is a gRPC call. */
export function isGrpcCall(request: HttpRequest): boolean {
  return isGrpc(fieldValue(request.rawHeaders, 'content-type'));
}

/**
 * A problem as gRPC tells it: an answer of trailers alone, in which the status is a field of the head and nothing follows.
 * The reason goes with it, so that the caller's log says what ours does.
 */
export function grpcProblemFields(problem: Problem, reason: string): string[] {
  return ['Content-Type', 'application/grpc', 'Content-Length', '0', ...statusFields(problem, reason).flat()];
}

/** The status that stands for a problem, and its message. */
export function statusFields(problem: Problem, reason: string): [name: string, value: string][] {
  const status = problem === 'deadline-exceeded' ? GRPC_STATUS.deadlineExceeded : grpcStatusOf(PROBLEM_STATUS[problem]);
  return [
    ['grpc-status', String(status)],
    ['grpc-message', encodeGrpcMessage(`${PROBLEM_TEXTS[problem].title} (${reason})`)],
  ];
}
