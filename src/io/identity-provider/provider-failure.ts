import { Failure } from '../../base/index.ts';

/**
 * | code | what happened |
 * |---|---|
 * | provider-unreachable | no answer, or not in time |
 * | provider-address-refused | its name leads to an address where requests may not go |
 * | provider-answer-refused | the answer is too large, compressed, leads elsewhere, or is not what it should be |
 * | provider-issuer-wrong | the issuer is another one than was set |
 * | provider-denied | the provider says that the person did not agree, or may not |
 * | provider-error | the provider says that something else went wrong |
 * | provider-client-refused | the provider does not take client id and secret |
 * | provider-response-wrong | the answer in the browser is not one to this attempt |
 * | provider-token-wrong | the token does not hold: signature, issuer, audience, nonce or time |
 * | mapping-invalid | an expression of the mapping is not one, or could take too long |
 */
export type ProviderFailureCode =
  | 'provider-unreachable'
  | 'provider-address-refused'
  | 'provider-answer-refused'
  | 'provider-issuer-wrong'
  | 'provider-denied'
  | 'provider-error'
  | 'provider-client-refused'
  | 'provider-response-wrong'
  | 'provider-token-wrong'
  | 'mapping-invalid';

/** Something with an identity provider did not go as it should. The message holds no secret. */
export class ProviderFailure extends Failure {
  override readonly name = 'ProviderFailure';
  declare readonly code: ProviderFailureCode;

  constructor(code: ProviderFailureCode, message: string, cause?: unknown) {
    super(code, message, cause);
  }
}
