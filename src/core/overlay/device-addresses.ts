import { type IpAddress, ipAddress } from '../../base/index.ts';

/**
 * 100.96.0.0/16, of the space that is shared between carriers and their customers (RFC 6598), which no site's network
 * should use: 100.96.0.0/24 for PoPs, the rest for plain WireGuard devices.
 */
const DEVICE_PREFIX = [100, 96] as const;

/** How many devices find an address. */
export const DEVICE_ADDRESSES = 255 * 256;

/** What every PoP calls itself towards devices: a device has one tunnel, so it meets one PoP. */
export const POP_DEVICE_ADDRESS: IpAddress = ipAddress(Uint8Array.from([...DEVICE_PREFIX, 0, 1]));

/** The address of the device that control counts as `index`, 0 to DEVICE_ADDRESSES - 1. */
export function deviceAddress(index: number): IpAddress {
  if (!Number.isInteger(index) || index < 0 || index >= DEVICE_ADDRESSES)
    throw new RangeError(`there is no address for device ${index}`);
  return ipAddress(Uint8Array.from([...DEVICE_PREFIX, 1 + (index >>> 8), index & 0xff]));
}

/** Which device has an address: the inverse of `deviceAddress`. */
export function deviceIndex({ version, bytes }: IpAddress): number | undefined {
  const [first, second, third = 0, last = 0] = bytes;
  if (version !== 4 || first !== DEVICE_PREFIX[0] || second !== DEVICE_PREFIX[1] || third === 0) return undefined;
  return ((third - 1) << 8) | last;
}

/** Whether something behind a device may have an address: one host's, neither the device's own machine's nor a PoP's. */
export function isBehindDevice(address: IpAddress): boolean {
  const [first = 0, second, third] = address.bytes;
  if (address.version !== 4 || first === 0 || first === 127 || first >= 224) return false;
  return first !== DEVICE_PREFIX[0] || second !== DEVICE_PREFIX[1] || third !== 0;
}
