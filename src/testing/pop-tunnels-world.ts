/** Whole PopTunnels of one process that meet over UDP on the loopback address, as their snapshot would have them. */
import { formatEndpoint, parseEndpoint, toBase64 } from '../base/index.ts';
import type { ConnectorRecord, PopRecord } from '../core/link/index.ts';
import { createClock } from '../io/clock.ts';
import { createLog } from '../io/log.ts';
import { createRandom } from '../io/random.ts';
import type { OwnReport } from '../pop/tunnels/mesh.ts';
import { PopTunnels } from '../pop/tunnels/pop-tunnels.ts';
import type { TunnelRecords } from '../pop/tunnels/pop-tunnels-options.ts';
import { LoopbackNode } from './loopback-node.ts';

const random = createRandom();

export const QUIET: OwnReport = { draining: false, load: { connections: 0, capacity: 100, cpu: 0 } };

/** A running PoP's tunnels, and its record. */
export class TunnelPop {
  readonly tunnels: PopTunnels;
  readonly record: PopRecord;
  readonly lost: string[];
  readonly logLines: readonly string[];
  onLost: (overlayAddress: string) => void = () => undefined;
  report: OwnReport = QUIET;
  /** Stops it and starts it anew, with the same key, port and folder, knowing nothing else. */
  readonly restart: () => Promise<TunnelPop>;

  /**
   * @param host what it listens on.
   * @param dataDir what it keeps its handshake time in.
   * @param before its key and port of an earlier life.
   */
  static async open(
    id: string,
    host = '127.0.0.1',
    dataDir?: string,
    before?: { readonly privateKey: Uint8Array; readonly port: number },
  ): Promise<TunnelPop> {
    const privateKey = before?.privateKey ?? random.bytes(32);
    const twin = await LoopbackNode.open(privateKey);
    const identity = { wireguardKey: twin.wireguardKey, overlayAddress: twin.address.text };
    await twin.driver.close();
    const lost: string[] = [];
    const logLines: string[] = [];
    let pop: TunnelPop | undefined;
    const tunnels = await PopTunnels.open({
      clock: createClock(),
      random,
      popId: id,
      software: 'manis/test',
      privateKey,
      listen: { address: host, port: before?.port ?? 0 },
      mtu: 1420,
      ...(dataDir !== undefined && { dataDir }),
      log: createLog({ level: 'info', destination: { write: (line) => void logLines.push(line) } }),
      report: () => pop?.report ?? QUIET,
      onChange: () => undefined,
      onLost: (address) => {
        lost.push(address);
        pop?.onLost(address);
      },
    });
    const restart = (): Promise<TunnelPop> => {
      const { port } = tunnels;
      return tunnels.close().then(() => TunnelPop.open(id, host, dataDir, { privateKey, port }));
    };
    pop = new TunnelPop(tunnels, popRecord(id, identity, `${host}:${tunnels.port}`), lost, logLines, restart);
    return pop;
  }

  private constructor(
    tunnels: PopTunnels,
    record: PopRecord,
    lost: string[],
    logLines: string[],
    restart: () => Promise<TunnelPop>,
  ) {
    this.restart = restart;
    this.logLines = logLines;
    this.tunnels = tunnels;
    this.record = record;
    this.lost = lost;
  }
}

/** The record of a PoP that a test plays. */
export function playedPop(id: string, node: LoopbackNode): PopRecord {
  return popRecord(
    id,
    { wireguardKey: node.wireguardKey, overlayAddress: node.address.text },
    formatEndpoint(node.endpoint),
  );
}

export function playedConnector(id: string, node: LoopbackNode, siteId = 'site-1'): ConnectorRecord {
  return {
    kind: 'connector',
    id,
    name: id,
    siteId,
    wireguardKey: toBase64(node.device.publicKey),
    overlayAddress: node.address.text,
  };
}

/** Lets a node that a test plays dial a PoP. */
export function dials(node: LoopbackNode, { record, tunnels }: TunnelPop, publicKey: Uint8Array): void {
  node.knows(record.id, publicKey, parseEndpoint(`127.0.0.1:${tunnels.port}`));
}

export function records(change: Partial<TunnelRecords>): TunnelRecords {
  return { connectors: [], pops: [], grants: new Map(), ...change };
}

function popRecord(
  id: string,
  identity: { readonly wireguardKey: string; readonly overlayAddress: string },
  udpEndpoint: string,
): PopRecord {
  return {
    kind: 'pop',
    id,
    name: id,
    location: { name: id, latitude: 0, longitude: 0 },
    ...identity,
    udpEndpoints: [udpEndpoint],
    httpsEndpoints: [],
    signingKey: '',
  };
}
