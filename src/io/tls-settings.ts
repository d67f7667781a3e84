import { TLS12_CIPHERS } from './tls-constants.ts';

/** What every server of ours speaks. All suites are good, so a client without AES in hardware may choose (RFC 9325). */
export const TLS_SETTINGS = {
  minVersion: 'TLSv1.2',
  ciphers: TLS12_CIPHERS,
  honorCipherOrder: false,
} as const;
