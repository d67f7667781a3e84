import { Failure } from '../../base/index.ts';
import { ACME_TEXT_MAX_CHARS } from './constants.ts';

/**
 * | code | what happened |
 * |---|---|
 * | acme-unreachable | no answer, not in time, or one that says that the directory is not well |
 * | acme-answer-malformed | the answer is too large or not what it should be |
 * | acme-rate-limited | the directory wants fewer orders |
 * | acme-nonce-refused | the directory refused every nonce that it gave |
 * | acme-account-unknown | the directory does not know the account |
 * | acme-account-refused | the directory wants something of the account: its terms agreed to, a binding, contacts |
 * | acme-not-found | what was asked for is not there (any more) |
 * | acme-refused | the directory refuses, and says why |
 */
export type AcmeFailureCode =
  | 'acme-unreachable'
  | 'acme-answer-malformed'
  | 'acme-rate-limited'
  | 'acme-nonce-refused'
  | 'acme-account-unknown'
  | 'acme-account-refused'
  | 'acme-not-found'
  | 'acme-refused';

/** What a directory says went wrong (RFC 8555 section 6.7). */
export interface AcmeProblem {
  /** The last part of its type: `rateLimited`. */
  readonly type: string;
  readonly detail: string;
}

export class AcmeFailure extends Failure {
  override readonly name = 'AcmeFailure';
  declare readonly code: AcmeFailureCode;
  readonly problem: AcmeProblem | undefined;
  /** The directory asks to come back after this time. */
  readonly retryAfterMs: number | undefined;

  constructor(
    code: AcmeFailureCode,
    message: string,
    more: { readonly problem?: AcmeProblem | undefined; readonly retryAfterMs?: number | undefined } = {},
    cause?: unknown,
  ) {
    super(code, message, cause);
    this.problem = more.problem;
    this.retryAfterMs = more.retryAfterMs;
  }
}

const TYPE_PREFIX = 'urn:ietf:params:acme:error:';

/** Reads a problem document; undefined where it is none. Subproblems (section 6.7.1) are told with it. */
export function readProblem(body: unknown): AcmeProblem | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  const { type, detail, subproblems } = body as { type?: unknown; detail?: unknown; subproblems?: unknown };
  if (typeof type !== 'string' && typeof detail !== 'string') return undefined;
  const parts = [detail, ...(Array.isArray(subproblems) ? subproblems.map(subproblemText) : [])];
  const name = typeof type === 'string' && type.startsWith(TYPE_PREFIX) ? type.slice(TYPE_PREFIX.length) : 'unknown';
  return { type: plain(name), detail: plain(parts.filter((part) => typeof part === 'string').join('; ')) };
}

function subproblemText(one: unknown): string | undefined {
  const { identifier, detail } = (one ?? {}) as { identifier?: { value?: unknown }; detail?: unknown };
  return typeof detail === 'string' ? `${String(identifier?.value ?? '')}: ${detail}` : undefined;
}

/** One line, not too long: it is shown to people. */
export function plain(text: string): string {
  return text.replace(/[\p{Cc}\p{Cs}]+/gu, ' ').slice(0, ACME_TEXT_MAX_CHARS);
}

/** The failure that an answer with an error's status is. */
export function failureOf(
  status: number,
  problem: AcmeProblem | undefined,
  where: string,
  retryAfterMs: number | undefined,
): AcmeFailure {
  const what = problem ? `${problem.detail || problem.type} (${problem.type})` : `HTTP status ${status}`;
  return new AcmeFailure(codeOf(status, problem?.type), `${where} answered: ${what}`, { problem, retryAfterMs });
}

function codeOf(status: number, type: string | undefined): AcmeFailureCode {
  switch (type) {
    case 'rateLimited':
      return 'acme-rate-limited';
    case 'badNonce':
      return 'acme-nonce-refused';
    case 'accountDoesNotExist':
      return 'acme-account-unknown';
    case 'externalAccountRequired':
    case 'userActionRequired':
    case 'invalidContact':
    case 'unsupportedContact':
      return 'acme-account-refused';
    case 'serverInternal':
      return 'acme-unreachable';
  }
  if (status === 429) return 'acme-rate-limited';
  if (status === 404) return 'acme-not-found';
  return status >= 500 ? 'acme-unreachable' : 'acme-refused';
}
