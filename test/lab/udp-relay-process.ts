/**
 * A UDP relay in front of a server, with weather: whoever sends to it gets a socket of its own towards the server, as a
 * NAT would give it.
 *
 *     clients <-> front | relay | one socket per client <-> server
 */
import { createSocket, type Socket, type SocketType } from 'node:dgram';
import { answerCalls } from './calls.ts';
import { Sky, type Weather } from './weather.ts';

export interface UdpRelaySettings {
  readonly address: string;
  readonly port: number;
  readonly serverAddress: string;
  readonly serverPort: number;
}

const BUFFER_BYTES = 4 * 1024 * 1024;
const sky = new Sky();

answerCalls({
  async open({ address, port, serverAddress, serverPort }: UdpRelaySettings): Promise<void> {
    const type: SocketType = address.includes(':') ? 'udp6' : 'udp4';
    const front = await bound(type, port, address);
    const backs = new Map<string, Promise<Socket>>();
    front.on('message', async (bytes, client) => {
      const key = `${client.address} ${client.port}`;
      const back = backs.get(key) ?? bound(type, 0, address);
      if (!backs.has(key)) {
        backs.set(key, back);
        const answer = (bytes: Buffer): void => sky.pass(() => front.send(bytes, client.port, client.address));
        (await back).on('message', answer);
      }
      const socket = await back;
      sky.pass(() => socket.send(bytes, serverPort, serverAddress));
    });
  },
  setWeather: (weather: Weather): void => sky.set(weather),
  counters: () => sky.counters,
});

function bound(type: SocketType, port: number, address: string): Promise<Socket> {
  const socket = createSocket(type);
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(port, address, () => {
      socket.setRecvBufferSize(BUFFER_BYTES);
      socket.setSendBufferSize(BUFFER_BYTES);
      resolve(socket);
    });
  });
}
