/**
 * How a PoP asks another one for a stream to what lies behind a WireGuard device, which has its tunnel to that PoP alone.
 * The one that asks opens a TCP stream to `DEVICE_RELAY_PORT`, sends a request, reads one byte of answer, and from then on
 * the stream is the one to the target.
 *
 *     request:  | version 1 | length of the id | id, UTF-8 | IPv4 address | port |      answer: | code |
 *                 1 byte      1 byte             1 to 128    4 bytes        2              1 byte
 */
import { concat, fromUtf8, type IpAddress, ipAddress, utf8 } from '../../base/index.ts';
import { MAX_ID_CHARS } from './constants.ts';

/** TCP port on a PoP's overlay address where other PoPs ask for streams to its devices. */
export const DEVICE_RELAY_PORT = 5;

/** Bytes of a request after which its length is known. */
export const DEVICE_REQUEST_HEAD_BYTES = 2;
const VERSION = 1;
const ADDRESS_BYTES = 4;
const PORT_BYTES = 2;

export interface DeviceStreamRequest {
  readonly deviceId: string;
  /** IPv4, of a target behind the device. */
  readonly address: IpAddress;
  readonly port: number;
}

/**
 * | answer | what it means |
 * |---|---|
 * | opened | the next byte is the target's |
 * | not-known | the PoP has no such device, or the device no such target |
 * | busy | the asking PoP has too many streams there |
 * | no-path, target-refused, target-timed-out, target-unreachable, reset | what the PoP itself found when it dialled |
 */
export const DEVICE_STREAM_ANSWERS = [
  'opened',
  'not-known',
  'busy',
  'no-path',
  'target-refused',
  'target-timed-out',
  'target-unreachable',
  'reset',
] as const;
export type DeviceStreamAnswer = (typeof DEVICE_STREAM_ANSWERS)[number];

/** Throws for an id that no record can have, or an address that is not IPv4. */
export function encodeDeviceStreamRequest({ deviceId, address, port }: DeviceStreamRequest): Uint8Array {
  const id = utf8(deviceId);
  if (id.length === 0 || id.length > MAX_ID_CHARS) throw new RangeError('an id has 1 to 128 bytes');
  if (address.version !== 4) throw new RangeError('behind a device there are IPv4 addresses');
  return concat(Uint8Array.of(VERSION, id.length), id, address.bytes, Uint8Array.of(port >>> 8, port & 0xff));
}

/** How many bytes follow the head of a request; undefined where it is none. */
export function deviceStreamRequestBytes(head: Uint8Array): number | undefined {
  const [version, idBytes = 0] = head;
  if (head.length !== DEVICE_REQUEST_HEAD_BYTES || version !== VERSION) return undefined;
  return idBytes > 0 && idBytes <= MAX_ID_CHARS ? idBytes + ADDRESS_BYTES + PORT_BYTES : undefined;
}

/** Reads what follows the head; undefined where it is no request. */
export function parseDeviceStreamRequest(rest: Uint8Array): DeviceStreamRequest | undefined {
  const addressAt = rest.length - ADDRESS_BYTES - PORT_BYTES;
  if (addressAt <= 0 || addressAt > MAX_ID_CHARS) return undefined;
  const deviceId = fromUtf8(rest.subarray(0, addressAt));
  if (deviceId === undefined) return undefined;
  const portAt = addressAt + ADDRESS_BYTES;
  const port = ((rest[portAt] as number) << 8) | (rest[portAt + 1] as number);
  return { deviceId, address: ipAddress(rest.slice(addressAt, portAt)), port };
}

export function encodeDeviceStreamAnswer(answer: DeviceStreamAnswer): Uint8Array {
  return Uint8Array.of(DEVICE_STREAM_ANSWERS.indexOf(answer));
}

/** An answer that newer PoPs may have and we do not is undefined. */
export function parseDeviceStreamAnswer(byte: number | undefined): DeviceStreamAnswer | undefined {
  return byte === undefined ? undefined : DEVICE_STREAM_ANSWERS[byte];
}
