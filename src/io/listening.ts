/** Whether something listens, and whether this program could. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';

export interface Place {
  readonly protocol: 'tcp' | 'udp';
  readonly host: string;
  readonly port: number;
}

/** `in-use`: somebody listens there. `forbidden`: too low a port for this user. `no-address`: not of this machine. */
export type PlaceState = 'free' | 'in-use' | 'forbidden' | 'no-address';

/** Tries to listen and stops at once. */
export async function stateOfPlace(place: Place): Promise<PlaceState> {
  try {
    await (place.protocol === 'tcp' ? tryTcp(place) : tryUdp(place));
    return 'free';
  } catch (error) {
    switch ((error as NodeJS.ErrnoException).code) {
      case 'EADDRINUSE':
        return 'in-use';
      case 'EACCES':
        return 'forbidden';
      default:
        return 'no-address';
    }
  }
}

/** Whether a TCP connection opens within `timeoutMs`. */
export async function isReachable(host: string, port: number, timeoutMs: number): Promise<boolean> {
  const socket = connect({ host, port, autoSelectFamily: true });
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(timeoutMs) });
    return true;
  } catch {
    return false;
  } finally {
    socket.on('error', () => undefined);
    socket.destroy();
  }
}

async function tryTcp({ host, port }: Place): Promise<void> {
  const server = createServer();
  server.listen({ host, port, exclusive: true });
  await once(server, 'listening');
  server.close();
  await once(server, 'close');
}

async function tryUdp({ host, port }: Place): Promise<void> {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  socket.bind({ address: host, port, exclusive: true });
  await once(socket, 'listening');
  socket.close();
  await once(socket, 'close');
}
