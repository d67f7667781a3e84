import type { SnapshotVersion } from '../core/link/index.ts';
import type { ObservedControl } from './metrics.ts';

export interface RunningControl {
  readonly url: string;
  readonly port: number;
  readonly controlId: string;
  readonly caFile: string;
  /** Holds the API token of the command line; written at first start. */
  readonly apiTokenFile: string;
  /** While the first admin has not chosen a password. */
  readonly setUp: { readonly email: string; readonly token: string } | null;
  version(): SnapshotVersion | null;
  /** What metrics and readiness are read from. */
  readonly observed: ObservedControl;
  close(): Promise<void>;
}
