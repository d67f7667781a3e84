import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as tlsConnect } from 'node:tls';

/** TLS to a backend over a stream that is open already. Rejects when the handshake fails. */
export function secureStream(
  stream: Duplex,
  options: { readonly serverName: string; readonly verify: boolean; readonly ca?: string; readonly timeoutMs: number },
): Promise<Duplex> {
  if (stream.destroyed) return Promise.reject(stream.errored ?? new Error('the stream is closed'));
  return new Promise((resolve, reject) => {
    const secured = tlsConnect({
      socket: stream,
      // An address is no server name (RFC 6066 section 3); it is verified as `host`.
      ...(isIP(options.serverName) ? { host: options.serverName } : { servername: options.serverName }),
      rejectUnauthorized: options.verify,
      minVersion: 'TLSv1.2',
      ALPNProtocols: ['http/1.1'],
      ...(options.ca ? { ca: options.ca } : {}),
    });
    const failed = (error: Error): void => {
      clearTimeout(late);
      secured.destroy();
      stream.destroy();
      reject(error);
    };
    const late = setTimeout(() => failed(new Error('the TLS handshake took too long')), options.timeoutMs);
    secured.once('error', failed);
    secured.once('secureConnect', () => {
      clearTimeout(late);
      secured.off('error', failed);
      resolve(secured);
    });
  });
}
