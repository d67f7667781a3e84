import { Failure } from '../../base/index.ts';
import type { Setback } from '../../core/certificates/index.ts';
import { AcmeFailure } from '../../io/acme/acme-failure.ts';

/**
 * | code | what happened |
 * |---|---|
 * | order-late | the directory did not come to an end with it |
 * | order-lost | what is needed to go on with it is not there any more |
 * | proof-impossible | the directory offers no way to prove a name that is possible here |
 * | dns-provider-failed | the provider of DNS did not take a proof |
 */
export type OrderFailureCode = 'order-late' | 'order-lost' | 'proof-impossible' | 'dns-provider-failed';

/** An order came to nothing, and the directory is not to blame. */
export class OrderFailure extends Failure {
  override readonly name = 'OrderFailure';
  declare readonly code: OrderFailureCode;

  constructor(code: OrderFailureCode, message: string, cause?: unknown) {
    super(code, message, cause);
  }
}

/** How soon to try again after it. */
export function setbackOf(error: unknown): Setback {
  const code = error instanceof AcmeFailure || error instanceof OrderFailure ? error.code : 'internal';
  switch (code) {
    case 'acme-rate-limited':
      return 'rate-limited';
    case 'acme-unreachable':
    case 'acme-nonce-refused':
    case 'acme-account-unknown':
    case 'acme-not-found':
    case 'order-late':
    case 'order-lost':
      return 'unreachable';
    default:
      return 'refused';
  }
}

/** Whether an order that is under way is not over with it: it goes on when the directory answers again. */
export function leavesOrder(error: unknown): boolean {
  if (!(error instanceof AcmeFailure)) return false;
  return ['acme-unreachable', 'acme-nonce-refused', 'acme-rate-limited'].includes(error.code);
}
