import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { createSecureContext, type SecureContext, connect as tlsConnect } from 'node:tls';
import type { TlsFault } from '../core/routing/index.ts';
import { isClientCertificateAlert, tlsFaultOf } from './tls-faults.ts';

export interface SecureStreamOptions {
  readonly serverName: string;
  readonly verify: boolean;
  /** Who vouches for the other side, in place of the public authorities. PEM. */
  readonly ca?: string | undefined;
  /** What is shown to the other side where it asks. */
  readonly clientCertificate?: { readonly chainPem: string; readonly keyPem: string } | undefined;
  /** From `secureContextOf`, in place of `ca` and `clientCertificate`. */
  readonly context?: SecureContext | undefined;
  /** What is to be spoken: without HTTP/2 agreed on (RFC 7301) there is no stream. Left out: HTTP/1.1. */
  readonly protocol?: 'h2' | undefined;
  readonly timeoutMs: number;
}

/** TLS was not set up. */
export class TlsFailure extends Error {
  override readonly name = 'TlsFailure';
  readonly fault: TlsFault;

  constructor(fault: TlsFault, message: string, cause?: unknown) {
    super(message, { cause });
    this.fault = fault;
  }
}

/** The parts of TLS that are alike for every connection to a backend; it takes a while to read them. */
export function secureContextOf({
  ca,
  clientCertificate,
}: Pick<SecureStreamOptions, 'ca' | 'clientCertificate'>): SecureContext {
  return createSecureContext({
    minVersion: 'TLSv1.2',
    ...(ca !== undefined && { ca }),
    ...(clientCertificate && { cert: clientCertificate.chainPem, key: clientCertificate.keyPem }),
  });
}

/** TLS to a backend over a stream that is open already. Rejects with TlsFailure when the handshake fails. */
export function secureStream(stream: Duplex, options: SecureStreamOptions): Promise<Duplex> {
  if (stream.destroyed) return Promise.reject(stream.errored ?? new Error('the stream is closed'));
  const { serverName, protocol = 'http/1.1' } = options;
  return new Promise((resolve, reject) => {
    const secured = tlsConnect({
      socket: stream,
      // An address is no server name (RFC 6066 section 3); it is verified as `host`.
      ...(isIP(serverName) ? { host: serverName } : { servername: serverName }),
      rejectUnauthorized: options.verify,
      secureContext: options.context ?? secureContextOf(options),
      ALPNProtocols: [protocol],
    });
    const failed = (fault: TlsFault, error: Error): void => {
      clearTimeout(late);
      secured.destroy();
      stream.destroy();
      reject(new TlsFailure(fault, error.message, error));
    };
    const broke = (error: Error): void => failed(tlsFaultOf(error), error);
    const late = setTimeout(
      () => failed('tls-timed-out', new Error('the TLS handshake took too long')),
      options.timeoutMs,
    );
    secured.once('error', broke);
    secured.once('secureConnect', () => {
      if (protocol === 'h2' && secured.alpnProtocol !== 'h2') {
        failed('tls-protocol-refused', new Error('the other side does not speak HTTP/2'));
        return;
      }
      clearTimeout(late);
      secured.off('error', broke);
      resolve(secured);
    });
  });
}

/** The failure that a connection met where the other side refused what it was shown, and so never read a request. */
export function clientCertificateRefusal(error: unknown): TlsFailure | undefined {
  const { code, message = '' } = (error ?? {}) as { code?: unknown; message?: string };
  if (typeof code !== 'string' || !isClientCertificateAlert(code)) return undefined;
  return new TlsFailure('tls-client-certificate-refused', message, error);
}
