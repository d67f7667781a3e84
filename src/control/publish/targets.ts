import type { GrantedTarget, TargetRecord } from '../../core/link/index.ts';
import type { TargetsTable } from '../../io/store/index.ts';
import type { StoreSealing } from '../../io/store-sealing.ts';
import { backendOf, tlsOf } from '../target-backend.ts';
import { checkOf } from './target-checks.ts';

/** What connectors dial. */
export function grantedTargetOf(row: TargetsTable): GrantedTarget {
  const check = checkOf(row);
  const transport = row.scheme === 'udp' ? row.scheme : backendOf(row).transport;
  return {
    id: row.id,
    overlayPort: row.overlay_port,
    host: row.host,
    port: row.port,
    ...(transport && { transport }),
    ...(row.port_count > 1 && { ports: row.port_count }),
    ...(check && { check }),
  };
}

/** What PoPs send requests to. */
export function targetOf(row: TargetsTable, sealing: StoreSealing): TargetRecord {
  const { protocol } = backendOf(row);
  return {
    id: row.id,
    siteId: row.site_id,
    overlayPort: row.overlay_port,
    // Others are no targets of what this is published for.
    scheme: row.scheme === 'https' ? 'https' : 'http',
    ...(protocol && { protocol }),
    ...(row.host_header !== null && { hostHeader: row.host_header }),
    ...(row.scheme === 'https' && { tls: tlsOf(row, sealing) }),
    priority: row.priority,
    weight: row.weight,
  };
}
