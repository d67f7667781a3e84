import { createServer, type Server } from 'node:https';

/** PEM, the leaf first. */
export interface ServerCertificate {
  readonly chainPem: string;
  readonly keyPem: string;
}

/** An HTTPS server that does not listen yet, and a way to give it a renewed certificate while it runs. */
export interface TlsServer {
  readonly server: Server;
  /** For connections from now on. */
  setCertificate(certificate: ServerCertificate): void;
}

/** TLS 1.2 and 1.3, one certificate for every name. */
export function createTlsServer(certificate: ServerCertificate): TlsServer {
  const pem = ({ chainPem, keyPem }: ServerCertificate) => ({ cert: chainPem, key: keyPem });
  const server = createServer({ ...pem(certificate), minVersion: 'TLSv1.2' });
  return { server, setCertificate: (renewed) => server.setSecureContext(pem(renewed)) };
}
