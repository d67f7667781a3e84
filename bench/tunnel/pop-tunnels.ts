/** The tunnels of a PoP that does nothing else, for processes of benchmarks. */
import type { ConnectorRecord } from '../../src/core/link/index.ts';
import { createClock } from '../../src/io/clock.ts';
import { createLog } from '../../src/io/log.ts';
import { createRandom } from '../../src/io/random.ts';
import { PopTunnels } from '../../src/pop/tunnels/pop-tunnels.ts';

export interface TunnelSettings {
  /** Base64. */
  readonly privateKey: string;
  readonly address: string;
  readonly port: number;
  readonly mtu: number;
  /** Left out: as a PoP does. */
  readonly udp?: 'offload' | 'plain';
  readonly connectors: readonly ConnectorRecord[];
}

export async function openTunnels({ connectors, ...settings }: TunnelSettings): Promise<PopTunnels> {
  const { privateKey, address, port, mtu, udp } = settings;
  const tunnels = await PopTunnels.open({
    clock: createClock(),
    random: createRandom(),
    privateKey: Buffer.from(privateKey, 'base64'),
    listen: { address, port },
    mtu,
    ...(udp && { udp }),
    log: createLog({ level: 'error' }),
    popId: 'pop-1',
    software: 'manis/bench',
    report: () => ({ draining: false, load: { connections: 0, capacity: 0, cpu: 0 } }),
    onChange: () => undefined,
    onLost: () => undefined,
  });
  void tunnels.follow({ connectors, pops: [], grants: new Map() });
  return tunnels;
}

/** How many of them are up. */
export function upOf(tunnels: PopTunnels | undefined): number {
  return tunnels?.attached().filter((one) => one.state === 'up').length ?? 0;
}
