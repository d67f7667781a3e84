/** A PoP with a UDP resource in a process of its own, whose datagrams go through a real tunnel to a connector. */
import type { ConnectorRecord } from '../../src/core/link/index.ts';
import type { PopTunnels } from '../../src/pop/tunnels/pop-tunnels.ts';
import { PopWorld, streamResource } from '../../src/testing/pop-world.ts';
import { answerCalls } from '../../test/lab/calls.ts';
import { openTunnels, upOf } from '../tunnel/pop-tunnels.ts';
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
    tunnels = await openTunnels({ privateKey, address, port, mtu: INNER_MTU, connectors: [connector] });
    world = await PopWorld.start({ dialer: tunnels });
    followMachine(world.clock);
  },
  /** Once the tunnel is up. */
  async publish({ connector, clientPort, overlayPort }: UdpPopSettings): Promise<void> {
    const listen = { transport: 'udp', first: clientPort, last: clientPort } as const;
    world?.publishBasics(connector, streamResource(listen, overlayPort));
    await world?.portIs('udp', clientPort, 'open');
  },
  up: () => upOf(tunnels),
  counters: () => world?.pop.counters().streams,
});
