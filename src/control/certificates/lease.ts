import { NodeLease } from '../node-lease.ts';
import { CERTIFICATE_LEASE_MS } from './constants.ts';

/** The right of one control node to work on a certificate. */
export class CertificateLease extends NodeLease {
  constructor(certificateId: string, controlId: string) {
    super(`certificate:${certificateId}`, controlId, CERTIFICATE_LEASE_MS);
  }
}
