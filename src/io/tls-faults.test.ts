import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clientCertificateRefusal } from './secure-stream.ts';
import { tlsFaultOf } from './tls-faults.ts';

/** Codes as Node 26 with OpenSSL 3.5 gives them. */
const CODES: readonly (readonly [code: string | undefined, fault: string])[] = [
  ['CERT_HAS_EXPIRED', 'tls-certificate-expired'],
  ['CERT_NOT_YET_VALID', 'tls-certificate-early'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'tls-name-differs'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'tls-authority-unknown'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'tls-authority-unknown'],
  ['ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL', 'tls-protocol-refused'],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'tls-not-spoken'],
  ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'tls-client-certificate-refused'],
  ['ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE', 'tls-client-certificate-refused'],
  ['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', 'tls-client-certificate-refused'],
  ['ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE', 'tls-failed'],
  ['ECONNRESET', 'tls-failed'],
  [undefined, 'tls-failed'],
];

test('what a handshake failed of', () => {
  for (const [code, fault] of CODES)
    assert.equal(tlsFaultOf(Object.assign(new Error(), code && { code })), fault, String(code));
});

test('a refusal of what was shown is known after the handshake, too, and nothing else is one', () => {
  const error = Object.assign(new Error('alert'), { code: 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED' });
  assert.equal(clientCertificateRefusal(error)?.fault, 'tls-client-certificate-refused');
  assert.equal(clientCertificateRefusal(Object.assign(new Error(), { code: 'ECONNRESET' })), undefined);
  assert.equal(clientCertificateRefusal(undefined), undefined);
});
