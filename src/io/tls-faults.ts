import type { TlsFault } from '../core/routing/index.ts';

/** What Node's and OpenSSL's codes of a failed handshake mean. */
const FAULTS = new Map<string, TlsFault>([
  ['CERT_HAS_EXPIRED', 'tls-certificate-expired'],
  ['CERT_NOT_YET_VALID', 'tls-certificate-early'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'tls-name-differs'],
  ['HOSTNAME_MISMATCH', 'tls-name-differs'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'tls-authority-unknown'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'tls-authority-unknown'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'tls-authority-unknown'],
  ['UNABLE_TO_GET_ISSUER_CERT', 'tls-authority-unknown'],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'tls-authority-unknown'],
  ['CERT_UNTRUSTED', 'tls-authority-unknown'],
  ['INVALID_CA', 'tls-authority-unknown'],
  ['ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL', 'tls-protocol-refused'],
  ['ERR_SSL_NO_APPLICATION_PROTOCOL', 'tls-protocol-refused'],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'tls-not-spoken'],
  ['ERR_SSL_PACKET_LENGTH_TOO_LONG', 'tls-not-spoken'],
  ['ERR_SSL_HTTP_REQUEST', 'tls-not-spoken'],
]);

/**
 * Alerts by which a server says that it does not like what a client showed, or that it showed nothing (RFC 8446 section
 * 6.2), as OpenSSL's versions spell them. TLS 1.2 has no word for the latter: `handshake_failure` may be anything.
 */
const CLIENT_CERTIFICATE_ALERT =
  /^ERR_SSL_(?:TLSV13_ALERT_CERTIFICATE_REQUIRED|(?:SSLV3|SSL\/TLS|TLSV1)_ALERT_(?:BAD_CERTIFICATE|CERTIFICATE_(?:EXPIRED|REVOKED|UNKNOWN)|UNSUPPORTED_CERTIFICATE|UNKNOWN_CA|ACCESS_DENIED))$/;

export function tlsFaultOf({ code }: Error & { code?: string }): TlsFault {
  if (code === undefined) return 'tls-failed';
  return FAULTS.get(code) ?? (isClientCertificateAlert(code) ? 'tls-client-certificate-refused' : 'tls-failed');
}

/**
 * Whether a server refused what a client showed. In TLS 1.3 the client hears of that only after its own handshake is
 * done; the server has read nothing by then.
 */
export function isClientCertificateAlert(code: string): boolean {
  return CLIENT_CERTIFICATE_ALERT.test(code);
}
