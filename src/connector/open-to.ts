import { parseIpAddress } from '../base/index.ts';
import type { OverlayDriver } from '../io/overlay/overlay-driver.ts';
import type { TunnelSocket } from '../io/overlay/tunnel-socket.ts';

/** A stream to a port of one of these PoPs, each in its turn; undefined where there is none, or no room for one more stream. */
export function openTo(
  driver: Pick<OverlayDriver, 'connect'>,
  overlayAddresses: readonly string[],
  port: number,
  turn: number,
): TunnelSocket | undefined {
  const address = parseIpAddress(overlayAddresses[turn % Math.max(1, overlayAddresses.length)] ?? '');
  try {
    return address && driver.connect(address, port);
  } catch {
    return undefined;
  }
}
