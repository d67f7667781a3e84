/** How a target was found last, by each PoP through each connector. */
export interface TargetHealthTable {
  target_id: string;
  pop_id: string;
  connector_id: string;
  state: 'unknown' | 'healthy' | 'unhealthy';
  reason: string;
  since_unix_ms: number;
}

/** How that changed: the newest changes of each target. */
export interface TargetHealthChangesTable {
  id: string;
  target_id: string;
  /** Of nodes that may be gone by now. */
  pop_id: string;
  connector_id: string;
  state: 'unknown' | 'healthy' | 'unhealthy';
  reason: string;
  unix_ms: number;
}
