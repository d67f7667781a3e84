/** Failures on their way to a client: RFC 9457 problem documents, and the one table from codes to HTTP statuses. */
import { Failure } from '../base/index.ts';
import type { EnrolmentProblem } from '../core/link/index.ts';
import type { DnsProviderFailureCode } from '../io/dns-providers/dns-provider.ts';
import type { ProviderFailureCode } from '../io/identity-provider/index.ts';
import type { MailFailureCode } from '../io/mail/send-mail.ts';
import type { StoreFailureCode } from '../io/store/index.ts';

export type ControlProblem =
  | EnrolmentProblem
  | 'request-invalid'
  | 'body-malformed'
  | 'body-too-large'
  | 'not-found'
  | 'method-unknown'
  | 'authentication-required'
  | 'authentication-failed'
  | 'rights-missing'
  | 'origin-refused'
  | 'link-required'
  | 'policy-invalid'
  | 'http-settings-invalid'
  | 'host-invalid'
  | 'host-taken'
  | 'name-taken'
  | 'email-taken'
  | 'role-unknown'
  | 'site-unknown'
  | 'resource-unknown'
  | 'user-unknown'
  | 'target-invalid'
  | 'target-needs-address'
  | 'pop-unknown'
  | 'secret-weak'
  | 'secret-not-chosen'
  | 'credential-taken'
  | 'path-invalid'
  | 'device-key-invalid'
  | 'device-key-taken'
  | 'device-no-pop'
  | 'device-no-address'
  | 'site-in-use'
  | 'role-reserved'
  | 'last-admin'
  | 'last-owner'
  | 'organisation-missing'
  | 'organisation-unknown'
  | 'organisation-in-use'
  | 'host-reserved'
  | 'account-shared'
  | 'quota-reached'
  | 'too-many-streams'
  | 'owned-by-source'
  | 'blueprint-invalid'
  | 'blueprint-conflict'
  | 'blueprint-stale'
  | 'blueprint-not-allowed'
  | 'name-unknown'
  | 'secret-missing'
  | 'group-unknown'
  | 'invitation-unknown'
  | 'invitation-for-another'
  | 'password-weak'
  | 'sign-in-refused'
  | 'sign-in-rate-limited'
  | 'sign-in-busy'
  | 'session-ended'
  | 'second-step-ended'
  | 'factor-refused'
  | 'factor-missing'
  | 'factors-too-many'
  | 'step-up-required'
  | 'set-up-unknown'
  | ProviderFailureCode
  | 'provider-unknown'
  | 'provider-invalid'
  | 'provider-secret-needed'
  | 'mail-not-set'
  | 'client-authority-invalid'
  | 'revocation-list-invalid'
  | 'password-reset-unknown'
  | 'mail-settings-invalid'
  | 'mail-password-needed'
  | 'mail-rate-limited'
  | 'domain-invalid'
  | 'domain-taken'
  | 'webhook-invalid'
  | 'webhook-off'
  | 'webhook-full'
  | 'webhook-rate-limited'
  | 'alert-rule-invalid'
  | 'dns-provider-unknown'
  | 'port-taken'
  | 'listen-invalid'
  | 'dns-provider-invalid'
  | 'dns-provider-in-use'
  | 'acme-not-set'
  | 'acme-settings-invalid'
  | 'certificate-not-ordered'
  | 'certificate-invalid'
  | 'certificate-in-use'
  | 'certificate-unknown'
  | 'idempotency-key-invalid'
  | 'idempotency-key-reused'
  | 'idempotency-in-progress'
  | 'idempotency-keys-too-many'
  | 'idempotency-answer-lost'
  | 'precondition-failed'
  | 'precondition-invalid'
  | 'media-type-unsupported'
  | 'sign-in-pending'
  | 'sign-in-too-often'
  | 'sign-in-code-unknown'
  | 'quick-tunnel-nowhere'
  | 'quick-tunnel-not-kept'
  | 'snapshot-not-ready'
  | 'internal';

const STATUS: Readonly<Record<ControlProblem | StoreFailureCode | MailFailureCode | DnsProviderFailureCode, number>> = {
  'enrolment-token-unknown': 403,
  'enrolment-token-used': 409,
  'enrolment-token-expired': 403,
  'enrolment-key-invalid': 400,
  'enrolment-key-taken': 409,
  'enrolment-no-pop': 409,
  'request-invalid': 400,
  'body-malformed': 400,
  'body-too-large': 413,
  'not-found': 404,
  'method-unknown': 405,
  'authentication-required': 401,
  'authentication-failed': 401,
  'rights-missing': 403,
  'origin-refused': 403,
  'link-required': 403,
  'policy-invalid': 400,
  'http-settings-invalid': 400,
  'host-invalid': 400,
  'host-taken': 409,
  'name-taken': 409,
  'email-taken': 409,
  'role-unknown': 400,
  'site-unknown': 400,
  'resource-unknown': 400,
  'user-unknown': 400,
  'target-invalid': 400,
  'port-taken': 409,
  'listen-invalid': 400,
  'target-needs-address': 409,
  'pop-unknown': 400,
  'secret-weak': 400,
  'secret-not-chosen': 400,
  'credential-taken': 409,
  'path-invalid': 400,
  'device-key-invalid': 400,
  'device-key-taken': 409,
  'device-no-pop': 409,
  'device-no-address': 409,
  'site-in-use': 409,
  'role-reserved': 409,
  'last-admin': 409,
  'last-owner': 409,
  'organisation-missing': 403,
  'organisation-unknown': 404,
  'organisation-in-use': 409,
  'host-reserved': 409,
  'account-shared': 403,
  'quota-reached': 409,
  'too-many-streams': 429,
  'owned-by-source': 409,
  'blueprint-invalid': 400,
  'blueprint-conflict': 409,
  'blueprint-stale': 409,
  'blueprint-not-allowed': 403,
  'name-unknown': 400,
  'secret-missing': 400,
  'group-unknown': 400,
  'invitation-unknown': 404,
  'invitation-for-another': 403,
  'password-weak': 400,
  'sign-in-refused': 401,
  'sign-in-rate-limited': 429,
  'sign-in-busy': 503,
  'session-ended': 401,
  'second-step-ended': 401,
  'factor-refused': 401,
  'factor-missing': 409,
  'factors-too-many': 409,
  'step-up-required': 403,
  'set-up-unknown': 404,
  'provider-unknown': 404,
  'provider-invalid': 400,
  'provider-secret-needed': 400,
  'provider-unreachable': 502,
  'provider-address-refused': 502,
  'provider-answer-refused': 502,
  'provider-issuer-wrong': 502,
  'provider-client-refused': 502,
  'provider-error': 502,
  'provider-token-wrong': 400,
  'provider-response-wrong': 400,
  'provider-denied': 403,
  'mapping-invalid': 400,
  'mail-not-set': 404,
  'client-authority-invalid': 400,
  'revocation-list-invalid': 400,
  'password-reset-unknown': 404,
  'mail-settings-invalid': 400,
  'mail-password-needed': 400,
  'mail-rate-limited': 429,
  'mail-malformed': 400,
  'mail-server-unreachable': 502,
  'mail-tls-failed': 502,
  'mail-credentials-refused': 502,
  'mail-refused': 502,
  'mail-put-off': 502,
  'domain-invalid': 400,
  'domain-taken': 409,
  'dns-provider-unknown': 400,
  'dns-provider-invalid': 400,
  'dns-provider-in-use': 409,
  'webhook-invalid': 400,
  'webhook-off': 409,
  'webhook-full': 429,
  'webhook-rate-limited': 429,
  'alert-rule-invalid': 400,
  'certificate-invalid': 400,
  'certificate-in-use': 409,
  'certificate-unknown': 400,
  'dns-provider-unreachable': 502,
  'dns-provider-denied': 502,
  'dns-provider-zone-unknown': 502,
  'dns-provider-busy': 502,
  'dns-provider-refused': 502,
  'acme-not-set': 404,
  'acme-settings-invalid': 400,
  'certificate-not-ordered': 409,
  'idempotency-key-invalid': 400,
  'idempotency-key-reused': 422,
  'idempotency-in-progress': 409,
  'idempotency-keys-too-many': 429,
  'idempotency-answer-lost': 409,
  'precondition-failed': 412,
  'precondition-invalid': 400,
  'media-type-unsupported': 415,
  'sign-in-pending': 400,
  'sign-in-too-often': 400,
  'sign-in-code-unknown': 404,
  'quick-tunnel-nowhere': 409,
  'quick-tunnel-not-kept': 409,
  'snapshot-not-ready': 503,
  internal: 500,
  'store-unreadable': 503,
  'store-read-only': 503,
  'store-locked': 503,
  'store-busy': 503,
  'store-disk-full': 507,
  'store-corrupt': 503,
  'store-newer': 503,
  'store-conflict': 409,
  'store-reference': 409,
  'store-value-invalid': 400,
  'store-unavailable': 503,
  'store-authentication': 503,
  'store-permission': 503,
  'store-url-invalid': 500,
  'store-not-empty': 409,
  'store-error': 500,
};

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
  const status = STATUS[failure.code as keyof typeof STATUS] ?? 500;
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

/** The codes that go with each status: what an operation may be refused with. */
export function statusesOfProblems(): ReadonlyMap<number, readonly string[]> {
  const codes = new Map<number, string[]>();
  for (const [code, status] of Object.entries(STATUS)) codes.set(status, [...(codes.get(status) ?? []), code]);
  return codes;
}
