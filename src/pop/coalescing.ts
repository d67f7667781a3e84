import type { CertificateTable } from './certificates.ts';
import type { SnapshotView } from './snapshot-view.ts';

/** Whether a connection of HTTP/2 that was opened for one host may bring requests for another. */
export type Coalesces = (serverName: string, host: string) => boolean;

/**
 * Browsers use a connection for every host that its certificate names (RFC 9113 section 9.1.1). They may here, where it is
 * the very certificate that the other host shows. Never from or to a host that asks clients for certificates: there the
 * handshake said who it is, for that host alone. Whoever may not is told so by 421 and opens a connection of its own.
 */
export function coalescing(view: () => SnapshotView | undefined, certificates: CertificateTable): Coalesces {
  return (serverName, host) => {
    const now = view();
    const shown = certificates.recordFor(serverName);
    if (!now || !shown || shown !== certificates.recordFor(host)) return false;
    return !asks(now, serverName) && !asks(now, host);
  };
}

function asks(view: SnapshotView, host: string): boolean {
  const id = view.resourceAt(host)?.record.id;
  return id !== undefined && view.clientAuthorities.has(id);
}
