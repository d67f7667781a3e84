import { Failure } from '../../base/index.ts';
import { nativeSockets } from './native.ts';
import { OffloadUdpSocket } from './offload-socket.ts';
import { PlainUdpSocket } from './plain-socket.ts';
import type { UdpReceiver, UdpSocket, UdpSocketOptions } from './udp-socket.ts';

/** Binds a UDP socket, with offload where the machine has it. Failure `port-in-use` or `listen-failed`. */
export async function openUdpSocket(options: UdpSocketOptions, receiver: UdpReceiver): Promise<UdpSocket> {
  const native = options.kind === 'plain' ? undefined : nativeSockets();
  try {
    if (native) return await OffloadUdpSocket.open(native, options, receiver);
    return await PlainUdpSocket.open(options, receiver);
  } catch (error) {
    if (error instanceof Failure) throw error;
    const inUse = (error as { code?: string }).code === 'EADDRINUSE';
    throw new Failure(
      inUse ? 'port-in-use' : 'listen-failed',
      `cannot listen on UDP ${options.address} port ${options.port}: ${inUse ? 'the port is in use' : (error as Error).message}`,
      error,
    );
  }
}
