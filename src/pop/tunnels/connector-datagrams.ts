import { type Endpoint, parseIpAddress } from '../../base/index.ts';
import type { OverlayDriver } from '../../io/overlay/overlay-driver.ts';
import type { DatagramPath } from '../dialer.ts';

/** A port of ours for the datagrams of one session with a connector; undefined where every port is taken. */
export function openDatagrams(
  driver: OverlayDriver,
  overlayAddress: string,
  take: (packet: Uint8Array) => void,
): DatagramPath | undefined {
  const address = parseIpAddress(overlayAddress);
  if (!address) return undefined;
  // Whoever else has an address on the overlay has nothing to say here.
  const fromConnector = (packet: Uint8Array, from: Endpoint): void => {
    if (from.address.text === address.text) take(packet);
  };
  try {
    const socket = driver.bindUdp(0, fromConnector);
    return {
      send: (port, packet) => socket.send(packet, { address, port }),
      close: () => socket.close(),
    };
  } catch {
    return undefined;
  }
}
