/** What a target's row says of how it is spoken to, beyond its scheme, host and port. */
import type { TargetTls } from '../core/link/index.ts';
import { formatTargetUrl, type TargetUrl } from '../core/routing/index.ts';
import type { TargetsTable } from '../io/store/index.ts';
import type { StoreSealing } from '../io/store-sealing.ts';

/** The JSON of a row's `backend`. What differs from nothing is there, and nothing else. */
export interface StoredBackend {
  readonly protocol?: 'h2';
  /** Host is an absolute path. */
  readonly transport?: 'unix';
  readonly caPem?: string;
  readonly clientCertificate?: StoredClientCertificate;
}

export interface StoredClientCertificate {
  /** Leaf first. */
  readonly chainPem: string;
  readonly sealedKey: string;
}

/** Older nodes read the port of a socket as one of TCP: nothing listens there. */
const PORT_OF_A_SOCKET = 1;

export function backendOf({ backend }: Pick<TargetsTable, 'backend'>): StoredBackend {
  return backend === null ? {} : (JSON.parse(backend) as StoredBackend);
}

/** Null where there is nothing to keep. */
export function storedBackend({ protocol, transport, caPem, clientCertificate }: StoredBackend): string | null {
  const kept = {
    ...(protocol && { protocol }),
    ...(transport && { transport }),
    ...(caPem !== undefined && { caPem }),
    ...(clientCertificate && { clientCertificate }),
  };
  return Object.keys(kept).length === 0 ? null : JSON.stringify(kept);
}

/** What a sealed key belongs to. */
export function clientKeyPlace(targetId: string): string {
  return `client certificate of target ${targetId}`;
}

const SCHEMES = { http: 'http', h2c: 'http', https: 'https', h2: 'https', tcp: 'tcp', udp: 'udp' } as const;

export type PlaceColumns = Pick<TargetsTable, 'scheme' | 'host' | 'port'>;

/** The columns and the part of `backend` that a URL comes to. */
export function columnsOfUrl({
  scheme,
  place,
}: TargetUrl): PlaceColumns & { readonly speech: Pick<StoredBackend, 'protocol' | 'transport'> } {
  const isHttp2 = scheme === 'h2' || scheme === 'h2c';
  return {
    scheme: SCHEMES[scheme],
    ...(place.kind === 'unix' ? { host: place.path, port: PORT_OF_A_SOCKET } : { host: place.host, port: place.port }),
    speech: { ...(isHttp2 && { protocol: 'h2' }), ...(place.kind === 'unix' && { transport: 'unix' }) },
  };
}

export function urlOf(row: PlaceColumns & Pick<TargetsTable, 'backend'>): string {
  const { protocol, transport } = backendOf(row);
  const http2 = row.scheme === 'https' ? 'h2' : 'h2c';
  return formatTargetUrl({
    scheme: protocol === 'h2' ? http2 : row.scheme,
    place: transport === 'unix' ? { kind: 'unix', path: row.host } : { kind: 'host', host: row.host, port: row.port },
  });
}

/** The name to ask a target for and to verify: what is set, the Host that it gets, or its own. */
export function serverNameOf(row: TargetsTable): string | undefined {
  if (row.tls_server_name !== null) return row.tls_server_name;
  if (row.host_header !== null) return row.host_header.replace(/:\d*$/, '').replace(/^\[(.*)\]$/, '$1');
  return backendOf(row).transport === 'unix' ? undefined : row.host;
}

/** For PoPs, which show the client certificate. A key that cannot be read any more is as good as none. */
export function tlsOf(row: TargetsTable, sealing: StoreSealing): TargetTls {
  const { caPem, clientCertificate } = backendOf(row);
  const keyPem = clientCertificate && sealing.unseal(clientCertificate.sealedKey, clientKeyPlace(row.id));
  const serverName = serverNameOf(row);
  return {
    ...(serverName !== undefined && { serverName }),
    verify: row.tls_verify === 1,
    ...(caPem !== undefined && { caPem }),
    ...(clientCertificate &&
      keyPem !== undefined && { clientCertificate: { chainPem: clientCertificate.chainPem, keyPem } }),
  };
}
