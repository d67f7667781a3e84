/** A PoP with a UDP resource in a process of its own, whose datagrams go through a real tunnel to a connector. */
import type { ConnectorRecord } from '../../src/core/link/index.ts';
import { createClock } from '../../src/io/clock.ts';
import { createLog } from '../../src/io/log.ts';
import { createRandom } from '../../src/io/random.ts';
import { PopTunnels } from '../../src/pop/tunnels/pop-tunnels.ts';
import { PopWorld, streamResource } from '../../src/testing/pop-world.ts';
import { answerCalls } from '../../test/lab/calls.ts';
import { followMachine } from './follow-machine.ts';

export interface UdpPopSettings {
  /** Base64. */
  readonly privateKey: string;
  readonly address: string;
  readonly port: number;
  readonly connector: ConnectorRecord;
  /** Port for clients on 127.0.0.1, and the overlay port that it leads to. */
  readonly clientPort: number;
  readonly overlayPort: number;
}

const INNER_MTU = 1_420;

let tunnels: PopTunnels | undefined;
let world: PopWorld | undefined;

answerCalls({
  async open({ privateKey, address, port, connector }: UdpPopSettings): Promise<void> {
    tunnels = await PopTunnels.open({
      clock: createClock(),
      random: createRandom(),
      privateKey: Buffer.from(privateKey, 'base64'),
      listen: { address, port },
      mtu: INNER_MTU,
      log: createLog({ level: 'error' }),
      popId: 'pop-1',
      software: 'manis/bench',
      report: () => ({ draining: false, load: { connections: 0, capacity: 0, cpu: 0 } }),
      onChange: () => undefined,
      onLost: () => undefined,
    });
    void tunnels.follow({ connectors: [connector], pops: [], grants: new Map() });
    world = await PopWorld.start({ dialer: tunnels });
    followMachine(world.clock);
  },
  /** Once the tunnel is up. */
  async publish({ connector, clientPort, overlayPort }: UdpPopSettings): Promise<void> {
    const listen = { transport: 'udp', first: clientPort, last: clientPort } as const;
    world?.publishBasics(connector, streamResource(listen, overlayPort));
    await world?.portIs('udp', clientPort, 'open');
  },
  up: () => tunnels?.attached().filter((one) => one.state === 'up').length ?? 0,
  counters: () => world?.pop.counters().streams,
});
