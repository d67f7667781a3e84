import type { GrantedTarget, TargetRecord } from '../../core/link/index.ts';
import type { TargetsTable } from '../../io/store/index.ts';
import type { StoreSealing } from '../../io/store-sealing.ts';
import { backendOf, tlsOf } from '../target-backend.ts';
import { checkOf } from './target-checks.ts';

/** What connectors dial. */
export function grantedTargetOf(row: TargetsTable): GrantedTarget {
  const check = checkOf(row);
  const { transport } = backendOf(row);
  return {
    id: row.id,
    overlayPort: row.overlay_port,
    host: row.host,
    port: row.port,
    ...(transport && { transport }),
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
    scheme: row.scheme,
    ...(protocol && { protocol }),
    ...(row.host_header !== null && { hostHeader: row.host_header }),
    ...(row.scheme === 'https' && { tls: tlsOf(row, sealing) }),
    priority: row.priority,
    weight: row.weight,
  };
}
