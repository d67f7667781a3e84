/**
 * Two hosts with a WireGuard tunnel between them: our peer and a relay in one, wireguard-go and the kernel's TCP in the
 * other.
 *
 *     | host: stack-process  <->  relay-process |  link  | wireguard-go  <->  kernel  <->  kernel-process :host |
 */
import type { Host } from '../../lab/host.ts';
import type { HostProcess } from '../../lab/host-process.ts';
import { Lab } from '../../lab/lab.ts';
import { FINE_WEATHER, type Weather } from '../../lab/weather.ts';
import { startWireguardGo, wireguardKeys } from '../../lab/wireguard-go.ts';
import type { RelaySettings } from './relay-process.ts';
import type { StackSettings } from './stack-process.ts';

export interface World {
  readonly lab: Lab;
  readonly kernelHost: Host;
  readonly stack: HostProcess;
  readonly kernel: HostProcess;
  readonly relay: HostProcess;
  weather(weather: Partial<Weather>): Promise<void>;
  close(): Promise<void>;
}

/** Inner addresses of our peer and of the kernel. */
export const STACK = { ipv4: '10.88.0.1', ipv6: 'fd88::1' } as const;
export const KERNEL = { ipv4: '10.88.0.2', ipv6: 'fd88::2' } as const;

const STACK_PORT = 51820;
const OUTER_PORT = 51821;
const INNER_PORT = 51822;
const KERNEL_PORT = 51830;
const MTU = 1420;

export async function openWorld(): Promise<World> {
  const lab = Lab.open();
  try {
    return await build(lab);
  } catch (error) {
    await lab.close();
    throw error;
  }
}

async function build(lab: Lab): Promise<World> {
  const [stackHost, kernelHost] = [lab.host(), lab.host()];
  const link = lab.link(stackHost, kernelHost, { mtu: 1500 });
  const keys = { stack: wireguardKeys(), kernel: wireguardKeys() };
  const wireguard = await startWireguardGo(kernelHost, {
    keys: keys.kernel,
    listenPort: KERNEL_PORT,
    addresses: [`${KERNEL.ipv4}/24`, `${KERNEL.ipv6}/64`],
    mtu: MTU,
  });
  wireguard.addPeer({
    publicKey: keys.stack.publicKey,
    endpoint: `${link.left.address}:${OUTER_PORT}`,
    allowedIps: [`${STACK.ipv4}/32`, `${STACK.ipv6}/128`],
  });
  const [stack, relay] = ['stack', 'relay'].map((name) =>
    stackHost.spawnNode(`test/interop/linux-tcp/${name}-process.ts`),
  ) as [HostProcess, HostProcess];
  const kernel = kernelHost.spawnNode('test/interop/linux-tcp/kernel-process.ts');
  const relaySettings: RelaySettings = {
    outerAddress: link.left.address,
    outerPort: OUTER_PORT,
    innerPort: INNER_PORT,
    stackPort: STACK_PORT,
    kernelAddress: link.right.address,
    kernelPort: KERNEL_PORT,
  };
  const stackSettings: StackSettings = {
    privateKey: keys.stack.privateKey,
    peerKey: keys.kernel.publicKey,
    peerEndpoint: `127.0.0.1:${INNER_PORT}`,
    addresses: [STACK.ipv4, STACK.ipv6],
    mtu: MTU,
    port: STACK_PORT,
  };
  await relay.call('open', relaySettings);
  await stack.call('open', stackSettings);
  const weather = (wanted: Partial<Weather>): Promise<void> => relay.call('setWeather', { ...FINE_WEATHER, ...wanted });
  return { lab, kernelHost, stack, kernel, relay, weather, close: () => lab.close() };
}
