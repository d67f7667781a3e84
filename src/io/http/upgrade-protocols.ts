import type { IncomingMessage } from 'node:http';

const TOKEN = /^[!#$%&'*+.^_`|~0-9a-z-]+(?:\/[!#$%&'*+.^_`|~0-9a-z-]+)?$/;
/**
 * Protocols in which requests could be made that nobody here would see, let alone judge: every version of HTTP (RFC 9113
 * section 3.1 took the upgrade to `h2c` back for all), and TLS, in which it could be anything (RFC 2817).
 */
const NEVER_PASSED = /^(?:h[0-9]|http|tls|ssl)/;

/**
 * Whether an Upgrade request (RFC 9110 section 7.8) is passed on as one. Any other is served as if the field was not there,
 * as the RFC allows: several protocols to choose from, and requests with a body, after which two readers may not agree
 * where the other protocol begins.
 */
export function passesUpgrade({ headers }: Pick<IncomingMessage, 'headers'>): boolean {
  const asked = headers.upgrade?.toLowerCase() ?? '';
  if (asked === 'websocket') return true;
  const hasBody = headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';
  return !hasBody && TOKEN.test(asked) && !NEVER_PASSED.test(asked);
}
