import { AuthorizationResponseError, ClientError, ResponseBodyError, type ServerMetadata } from 'openid-client';
import { ProviderFailure } from './provider-failure.ts';

/** What the person did not agree to, or may not do: not a fault of anybody. */
const DENIALS = ['access_denied', 'consent_required', 'interaction_required', 'login_required'];

/**
 * An error in the answer is believed only where the answer is one to this attempt, and from this provider (RFC 9207), so
 * that nobody can show people errors of their own making.
 */
export function refuseErrorAnswer(query: URLSearchParams, state: string, metadata: ServerMetadata): void {
  const error = query.get('error');
  if (error === null) return;
  const issuer = query.get('iss');
  if (query.get('state') !== state || (issuer !== null && issuer !== metadata.issuer))
    throw new ProviderFailure('provider-response-wrong', 'the answer is not one to this attempt');
  throw deniedOrFailed(error);
}

export function deniedOrFailed(error: string): ProviderFailure {
  const word = error.replace(/[^\x21-\x7e]/g, '').slice(0, 64);
  return DENIALS.includes(word)
    ? new ProviderFailure('provider-denied', `the provider says that access was not given (${word})`)
    : new ProviderFailure('provider-error', `the provider says ${word}`);
}

/** Failures of the library in our words. Descriptions that the provider wrote stay out: they may hold anything. */
export function failureOf(error: unknown): unknown {
  if (error instanceof ProviderFailure) return error;
  const cause = causeOf(error);
  if (cause) return cause;
  if (error instanceof ResponseBodyError)
    return error.error === 'invalid_client' || error.error === 'unauthorized_client'
      ? new ProviderFailure('provider-client-refused', 'the provider does not take the client id and secret', error)
      : new ProviderFailure('provider-error', `the provider refuses the exchange (${error.error.slice(0, 64)})`, error);
  if (error instanceof AuthorizationResponseError) return deniedOrFailed(error.error);
  if (!(error instanceof ClientError)) return error;
  switch (error.code) {
    case 'OAUTH_INVALID_RESPONSE':
    case 'OAUTH_JWT_CLAIM_COMPARISON_FAILED':
    case 'OAUTH_JWT_TIMESTAMP_CHECK_FAILED':
    case 'OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED':
    case 'OAUTH_KEY_SELECTION_FAILED':
      return new ProviderFailure('provider-token-wrong', `the provider's answer is refused: ${reasonOf(error)}`, error);
    case 'OAUTH_RESPONSE_IS_NOT_CONFORM':
    case 'OAUTH_RESPONSE_IS_NOT_JSON':
    case 'OAUTH_PARSE_ERROR':
      return new ProviderFailure(
        'provider-answer-refused',
        `the provider's answer is not as it should be: ${reasonOf(error)}`,
        error,
      );
    case 'OAUTH_TIMEOUT':
    case 'OAUTH_ABORT':
      return new ProviderFailure('provider-unreachable', 'the provider did not answer in time', error);
    default:
      return new ProviderFailure('provider-token-wrong', `the provider's answer is refused: ${reasonOf(error)}`, error);
  }
}

/** A failure of ours that went through the library. */
function causeOf(error: unknown): ProviderFailure | undefined {
  for (let at = error, depth = 0; at instanceof Error && depth < 4; at = at.cause, depth++)
    if (at instanceof ProviderFailure) return at;
  return undefined;
}

/** The library's own sentence, which names claims and never their values. */
function reasonOf(error: ClientError): string {
  const inner = error.cause instanceof Error ? error.cause.message : '';
  return inner === '' || inner === error.message ? error.message : `${error.message} (${inner})`;
}
