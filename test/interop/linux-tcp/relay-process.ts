/**
 * Bad weather between two WireGuard peers: a UDP relay that drops, delays, doubles and so reorders datagrams, by chance
 * from a seed. (The kernels of CI have no sch_netem.)
 *
 *     wireguard-go <-> outer socket | relay | inner socket <-> our peer
 */
import { createSocket, type Socket } from 'node:dgram';
import { answerCalls } from '../../lab/calls.ts';
import { Sky, type Weather } from '../../lab/weather.ts';

export interface RelaySettings {
  readonly outerAddress: string;
  readonly outerPort: number;
  readonly innerPort: number;
  /** Where our peer listens, on 127.0.0.1. */
  readonly stackPort: number;
  /** Where wireguard-go listens. */
  readonly kernelAddress: string;
  readonly kernelPort: number;
}

const BUFFER_BYTES = 4 * 1024 * 1024;

const sky = new Sky();

answerCalls({
  async open(settings: RelaySettings): Promise<void> {
    const { outerAddress, outerPort, innerPort, stackPort, kernelAddress, kernelPort } = settings;
    const outer = await bound(outerAddress, outerPort);
    const inner = await bound('127.0.0.1', innerPort);
    outer.on('message', (bytes) => sky.pass(() => inner.send(bytes, stackPort, '127.0.0.1')));
    inner.on('message', (bytes) => sky.pass(() => outer.send(bytes, kernelPort, kernelAddress)));
  },
  setWeather: (weather: Weather): void => sky.set(weather),
  counters: () => sky.counters,
});

function bound(address: string, port: number): Promise<Socket> {
  const socket = createSocket('udp4');
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(port, address, () => {
      socket.setRecvBufferSize(BUFFER_BYTES);
      socket.setSendBufferSize(BUFFER_BYTES);
      resolve(socket);
    });
  });
}
