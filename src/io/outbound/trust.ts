import { getCACertificates } from 'node:tls';

let ofSystem: readonly string[] | undefined;

/** PEM of every authority that a server's certificate may chain to: Node's, the machine's, and the given ones. */
export function trustedAuthorities(extra?: string): string[] {
  // Read once: it takes a tenth of a second. Node's own list is there for machines that have none.
  ofSystem ??= [...new Set([...getCACertificates('default'), ...getCACertificates('system')])];
  return extra === undefined ? [...ofSystem] : [...ofSystem, extra];
}
