import type { Duplex } from 'node:stream';
import type { Clock, IpAddress, Random } from '../../base/index.ts';
import type { ConnectorRecord, DeviceRecord, PopRecord, SignedDocument } from '../../core/link/index.ts';
import type { Log } from '../../io/log.ts';
import type { TargetsListener } from './connector-links.ts';
import type { OwnReport } from './mesh.ts';

export interface PopTunnelsOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly popId: string;
  readonly software: string;
  readonly privateKey: Uint8Array;
  readonly listen: { readonly address: string; readonly port: number };
  readonly mtu: number;
  readonly udp?: 'offload' | 'plain';
  /** Folder that keeps the newest handshake timestamp; left out: nothing is kept, for tests. */
  readonly dataDir?: string;
  readonly log: Log;
  /** What this PoP tells the others of itself. */
  readonly report: () => OwnReport;
  /** Tunnels of connectors changed. */
  readonly onChange: () => void;
  /** The last path to a connector is in doubt, and again where it went down. */
  readonly onLost: (overlayAddress: string) => void;
  /** A connector is about to stop: its streams that are open then end after a while. */
  readonly onDraining?: (overlayAddress: string, endsInMs: number) => void;
  /** A connector said how targets of its site are. */
  readonly onTargets?: TargetsListener;
  /** A connector hands something in for control; the port says what, and the stream is the listener's. */
  readonly onHandIn?: (connectorId: string, port: number, stream: Duplex) => void;
  /** Finds the address of a PoP's name; the machine's resolver where it is left out. */
  readonly resolve?: (name: string) => Promise<IpAddress | undefined>;
}

/** What of the snapshot the tunnels follow. */
export interface TunnelRecords {
  readonly connectors: readonly ConnectorRecord[];
  /** Left out: none. */
  readonly devices?: readonly DeviceRecord[];
  readonly pops: readonly PopRecord[];
  /** By site. */
  readonly grants: ReadonlyMap<string, SignedDocument>;
}
