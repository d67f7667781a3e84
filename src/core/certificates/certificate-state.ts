import type { Validity } from './schedule.ts';

/** How a certificate is, in a word that people read. */
export type CertificateState =
  /** There is one, and it is not due. */
  | 'valid'
  /** There is one, and the next is being ordered. */
  | 'renewing'
  /** There is one; the last try to renew it failed. */
  | 'failing'
  /** There is none yet; it is being ordered. */
  | 'ordering'
  /** There is none. */
  | 'missing'
  /** What there is nobody accepts any more. */
  | 'expired';

/** What the state follows from. */
export interface CertificateFacts {
  readonly validity: Validity | undefined;
  readonly isOrdering: boolean;
  readonly failures: number;
}

export function certificateState(
  { validity, isOrdering, failures }: CertificateFacts,
  nowUnixMs: number,
): CertificateState {
  if (!validity) return isOrdering ? 'ordering' : 'missing';
  if (nowUnixMs >= validity.notAfterUnixMs) return 'expired';
  if (isOrdering) return 'renewing';
  return failures > 0 ? 'failing' : 'valid';
}
