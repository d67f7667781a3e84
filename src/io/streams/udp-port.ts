import { createSocket, type Socket } from 'node:dgram';
import { type Endpoint, parseIpAddress, unmapIpv4 } from '../../base/index.ts';
import { UDP_BUFFER_BYTES } from './constants.ts';
import { type ListenRefusal, type OpenPort, refusalOf } from './tcp-listener.ts';

/** A UDP port of this machine. */
export interface UdpPort extends OpenPort {
  /** Nothing is sent once it is closed: sessions that began here may have answers to come. */
  send(bytes: Uint8Array, to: Endpoint): void;
}

/** Listens for datagrams; each is its taker's own. */
export async function listenUdp(
  host: string,
  port: number,
  take: (bytes: Uint8Array, from: Endpoint) => void,
): Promise<UdpPort | ListenRefusal> {
  const isIpv6 = host.includes(':');
  const socket = createSocket({ type: isIpv6 ? 'udp6' : 'udp4', ipv6Only: isIpv6 });
  const refusal = await new Promise<ListenRefusal | undefined>((resolve) => {
    socket.once('error', (error) => resolve(refusalOf(error)));
    socket.bind({ address: host, port, exclusive: true }, () => resolve(undefined));
  });
  if (refusal) {
    socket.close();
    return refusal;
  }
  grow(socket);
  socket.removeAllListeners('error');
  socket.on('error', () => undefined);
  socket.on('message', (bytes, { address: text, port: from }) => {
    const address = parseIpAddress(text.replace(/%.*$/, ''));
    if (address && from > 0) take(bytes, { address: unmapIpv4(address), port: from });
  });
  let isOpen = true;
  return {
    port: socket.address().port,
    send: (bytes, { address, port: to }) => isOpen && socket.send(bytes, to, address.text),
    close: () =>
      new Promise((closed) => {
        isOpen = false;
        socket.close(() => closed());
      }),
  };
}

/** A socket of its own to one target, which hears of nobody else. Names are looked up once. */
export function connectUdp(host: string, port: number, take: (bytes: Uint8Array) => void, failed: () => void): Socket {
  const socket = createSocket({ type: host.includes(':') ? 'udp6' : 'udp4' });
  socket.on('message', (bytes) => take(bytes));
  // Refused (ICMP) and unknown names alike: the client hears nothing, as it would of a host that is gone.
  socket.on('error', failed);
  socket.connect(port, host, () => grow(socket));
  return socket;
}

function grow(socket: Socket): void {
  try {
    socket.setRecvBufferSize(UDP_BUFFER_BYTES);
    socket.setSendBufferSize(UDP_BUFFER_BYTES);
  } catch {
    // The system keeps to its own limit.
  }
}
