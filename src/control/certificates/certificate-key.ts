import type { StoreSealing } from '../../io/store-sealing.ts';

/** What a sealed private key of a certificate belongs to. */
export function certificateKeyPlace(certificateId: string): string {
  return `key of certificate ${certificateId}`;
}

export function sealCertificateKey(sealing: StoreSealing, certificateId: string, keyPem: string): string {
  return sealing.seal(keyPem, certificateKeyPlace(certificateId));
}

/** Undefined where it was not sealed for this certificate of this installation. */
export function openCertificateKey(
  sealing: StoreSealing,
  row: { readonly id: string; readonly key_pem: string },
): string | undefined {
  return sealing.unseal(row.key_pem, certificateKeyPlace(row.id));
}
