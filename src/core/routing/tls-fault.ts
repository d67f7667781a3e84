/**
 * Why TLS with a target was not set up: stable codes, the same in its health, on the error page and in the log.
 *
 * | code | meaning |
 * |---|---|
 * | tls-certificate-expired | the target's certificate is no longer valid |
 * | tls-certificate-early | it is not valid yet |
 * | tls-name-differs | it is for other names than the server name |
 * | tls-authority-unknown | nobody who is believed vouches for it |
 * | tls-protocol-refused | the target does not speak the protocol that was asked for (ALPN) |
 * | tls-client-certificate-refused | it wants a client certificate, or another one |
 * | tls-not-spoken | what it answered is not TLS |
 * | tls-timed-out | the handshake took too long |
 * | tls-failed | anything else |
 */
export type TlsFault =
  | 'tls-certificate-expired'
  | 'tls-certificate-early'
  | 'tls-name-differs'
  | 'tls-authority-unknown'
  | 'tls-protocol-refused'
  | 'tls-client-certificate-refused'
  | 'tls-not-spoken'
  | 'tls-timed-out'
  | 'tls-failed';

const SENTENCES: Readonly<Record<TlsFault, string>> = {
  'tls-certificate-expired': "the target's certificate has expired",
  'tls-certificate-early': "the target's certificate is not valid yet",
  'tls-name-differs': "the target's certificate is for other names",
  'tls-authority-unknown': "nobody who is believed vouches for the target's certificate",
  'tls-protocol-refused': 'the target does not speak the protocol that was asked for',
  'tls-client-certificate-refused': 'the target wants a client certificate, or another one',
  'tls-not-spoken': 'the target does not speak TLS',
  'tls-timed-out': 'TLS with the target took too long',
  'tls-failed': 'TLS with the target failed',
};

export function isTlsFault(text: string): text is TlsFault {
  return Object.hasOwn(SENTENCES, text);
}

/** A fault for people. */
export function tlsFaultSentence(fault: TlsFault): string {
  return SENTENCES[fault];
}
