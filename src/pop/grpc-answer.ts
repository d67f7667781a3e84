import {
  encodeGrpcMessage,
  fieldValue,
  GRPC_STATUS,
  grpcStatusOf,
  grpcTimeoutMs,
  isGrpc,
} from '../core/routing/index.ts';
import type { HttpRequest, HttpResponse } from '../io/http/message.ts';
import { MAXIMUM_GRPC_TIMEOUT_MS } from './constants.ts';
import { PROBLEM_TEXTS } from './pages/problem-texts.ts';
import { PROBLEM_STATUS, type Problem } from './problems.ts';

/** Whether a request is a gRPC call. */
export function isGrpcCall(request: HttpRequest): boolean {
  return isGrpc(fieldValue(request.rawHeaders, 'content-type'));
}

/** How long a caller waits; undefined where it is no gRPC call or sets no deadline. */
export function grpcDeadlineMs(request: HttpRequest): number | undefined {
  if (!isGrpcCall(request)) return undefined;
  const ms = grpcTimeoutMs(fieldValue(request.rawHeaders, 'grpc-timeout'));
  return ms === undefined ? undefined : Math.min(ms, MAXIMUM_GRPC_TIMEOUT_MS);
}

/**
 * A problem as gRPC tells it: an answer of trailers alone, in which the status is a field of the head and nothing follows.
 * The reason goes with it, so that the caller's log says what ours does.
 */
export function grpcProblemFields(problem: Problem, reason: string): string[] {
  return ['Content-Type', 'application/grpc', ...statusFields(problem, reason).flat()];
}

/** Ends an answer of gRPC that broke, so that the caller learns what happened in place of a cut stream. */
export function endGrpc(response: HttpResponse, problem: Problem, reason: string): boolean {
  if (response.destroyed || response.writableEnded) return false;
  response.addTrailers(statusFields(problem, reason));
  response.end();
  return true;
}

function statusFields(problem: Problem, reason: string): [name: string, value: string][] {
  const status = problem === 'deadline-exceeded' ? GRPC_STATUS.deadlineExceeded : grpcStatusOf(PROBLEM_STATUS[problem]);
  return [
    ['grpc-status', String(status)],
    ['grpc-message', encodeGrpcMessage(`${PROBLEM_TEXTS[problem].title} (${reason})`)],
  ];
}
