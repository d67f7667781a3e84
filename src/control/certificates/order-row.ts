import type { CertificateOrdersTable } from '../../io/store/index.ts';

/** The columns of an order, where none is under way. */
export const NO_ORDER = {
  phase: 'waiting',
  order_url: null,
  key_pem: null,
  published_epoch: null,
  published_revision: null,
  started_unix_ms: null,
} as const satisfies Partial<CertificateOrdersTable>;

/** What the sealed key of a certificate to come belongs to. */
export function orderKeyPlace(certificateId: string): string {
  return `key of the order for ${certificateId}`;
}
