/** One end of our tunnel: the PoP's tunnels, and a TCP front door whose every stream goes to a target behind a connector. */
import { createServer } from 'node:net';
import type { ConnectorRecord } from '../../src/core/link/index.ts';
import { createClock } from '../../src/io/clock.ts';
import { createLog } from '../../src/io/log.ts';
import { join } from '../../src/io/overlay/join-streams.ts';
import type { TunnelSocket } from '../../src/io/overlay/tunnel-socket.ts';
import { createRandom } from '../../src/io/random.ts';
import { PopTunnels } from '../../src/pop/tunnels/pop-tunnels.ts';
import { answerCalls } from '../../test/lab/calls.ts';

export interface PopSettings {
  /** Base64. */
  readonly privateKey: string;
  readonly address: string;
  readonly port: number;
  readonly mtu: number;
  readonly udp: 'offload' | 'plain';
  readonly connectors: readonly ConnectorRecord[];
  /** Front door on 127.0.0.1, and the overlay port that it leads to. */
  readonly door: { readonly port: number; readonly overlayAddress: string; readonly overlayPort: number } | null;
}

const CONNECT_TIMEOUT_MS = 5_000;

let tunnels: PopTunnels | undefined;

answerCalls({
  async open(settings: PopSettings): Promise<void> {
    const { address, port, mtu, udp, connectors, door } = settings;
    tunnels = await PopTunnels.open({
      clock: createClock(),
      random: createRandom(),
      privateKey: Buffer.from(settings.privateKey, 'base64'),
      listen: { address, port },
      mtu,
      udp,
      log: createLog({ level: 'error' }),
      popId: 'pop-1',
      software: 'manis/bench',
      report: () => ({ draining: false, load: { connections: 0, capacity: 0, cpu: 0 } }),
      onChange: () => undefined,
      onLost: () => undefined,
    });
    void tunnels.follow({ connectors, pops: [], grants: new Map() });
    if (door) await openDoor(tunnels, door);
  },
  up: () => tunnels?.attached().filter((one) => one.state === 'up').length ?? 0,
});

function openDoor(to: PopTunnels, door: NonNullable<PopSettings['door']>): Promise<void> {
  const { overlayAddress, overlayPort } = door;
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true }, (socket) => {
    to.connect({ overlayAddress, port: overlayPort, timeoutMs: CONNECT_TIMEOUT_MS }).then(
      (stream) => join(stream as TunnelSocket, socket),
      (error) => {
        process.stderr.write(`${error}\n`);
        socket.destroy();
      },
    );
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(door.port, '127.0.0.1', resolve);
  });
}
