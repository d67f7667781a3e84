/** One end of our tunnel: the PoP's tunnels, and a TCP front door whose every stream goes to a target behind a connector. */
import { createServer } from 'node:net';
import { join } from '../../src/io/overlay/join-streams.ts';
import type { TunnelSocket } from '../../src/io/overlay/tunnel-socket.ts';
import type { PopTunnels } from '../../src/pop/tunnels/pop-tunnels.ts';
import { answerCalls } from '../../test/lab/calls.ts';
import { openTunnels, type TunnelSettings, upOf } from './pop-tunnels.ts';

export interface PopSettings extends TunnelSettings {
  /** Front door on 127.0.0.1, and the overlay port that it leads to. */
  readonly door: { readonly port: number; readonly overlayAddress: string; readonly overlayPort: number } | null;
}

const CONNECT_TIMEOUT_MS = 5_000;

let tunnels: PopTunnels | undefined;

answerCalls({
  async open(settings: PopSettings): Promise<void> {
    tunnels = await openTunnels(settings);
    const { door } = settings;
    if (door) await openDoor(tunnels, door);
  },
  up: () => upOf(tunnels),
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
