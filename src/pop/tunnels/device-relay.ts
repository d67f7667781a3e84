import type { Duplex } from 'node:stream';
import {
  DEVICE_REQUEST_HEAD_BYTES,
  type DeviceStreamAnswer,
  type DeviceStreamRequest,
  deviceStreamRequestBytes,
  encodeDeviceStreamAnswer,
  parseDeviceStreamRequest,
} from '../../core/link/index.ts';
import { join } from '../../io/overlay/join-streams.ts';
import type { TunnelSocket } from '../../io/overlay/tunnel-socket.ts';
import { DialFailure } from '../dialer.ts';
import { DEVICE_DIAL_TIMEOUT_MS, DEVICE_REQUEST_TIMEOUT_MS, MAXIMUM_DEVICE_STREAMS_PER_POP } from './constants.ts';

/** A stream to a target of one of our own devices; undefined where there is no such device or target. */
export type DeviceDial = (request: DeviceStreamRequest, timeoutMs: number) => Promise<Duplex> | undefined;

/** Why another PoP did not get its stream. */
export type DeviceRelayRefusal = Exclude<DeviceStreamAnswer, 'opened'> | 'malformed' | 'silent';

/** Serves the devices whose tunnel goes to this PoP to the other PoPs. */
export class DeviceRelay {
  /** Streams that other PoPs got. */
  opened = 0;
  /** Streams that they did not get, by reason. */
  readonly refusals = new Map<DeviceRelayRefusal, number>();
  readonly #dial: DeviceDial;
  readonly #streams = new Map<string, Set<TunnelSocket>>();

  constructor(dial: DeviceDial) {
    this.#dial = dial;
  }

  /** Another PoP of the snapshot opened a stream to our port. */
  accept(popId: string, stream: TunnelSocket): void {
    const streams = this.#streams.get(popId) ?? new Set();
    this.#streams.set(popId, streams.add(stream));
    stream.on('error', () => undefined).setKeepAlive(true);
    stream.once('close', () => {
      if (streams.delete(stream) && streams.size === 0) this.#streams.delete(popId);
    });
    if (streams.size > MAXIMUM_DEVICE_STREAMS_PER_POP) this.#answer(stream, 'busy');
    else this.#read(stream);
  }

  #read(stream: TunnelSocket): void {
    let bytes: number | undefined;
    const over = (): void => {
      clearTimeout(late);
      stream.off('readable', read).off('close', over);
    };
    const late = setTimeout(() => this.#cut(stream, 'silent'), DEVICE_REQUEST_TIMEOUT_MS);
    const read = (): void => {
      const head = bytes === undefined ? take(stream, DEVICE_REQUEST_HEAD_BYTES) : undefined;
      if (head) bytes = deviceStreamRequestBytes(head);
      const rest = bytes === undefined ? undefined : take(stream, bytes);
      const request = rest && parseDeviceStreamRequest(rest);
      if (request) {
        over();
        void this.#open(stream, request);
      } else if (rest || (head && bytes === undefined)) this.#cut(stream, 'malformed');
    };
    stream.on('readable', read).on('close', over);
  }

  async #open(stream: TunnelSocket, request: DeviceStreamRequest): Promise<void> {
    const dialled = this.#dial(request, DEVICE_DIAL_TIMEOUT_MS);
    if (!dialled) return this.#answer(stream, 'not-known');
    try {
      const target = await dialled;
      // Its close came while nobody listened and will not come again.
      if (stream.destroyed) return void target.destroy();
      this.opened++;
      stream.write(encodeDeviceStreamAnswer('opened'));
      join(stream, target);
    } catch (error) {
      this.#answer(stream, error instanceof DialFailure && error.code !== 'pop-lost' ? error.code : 'reset');
    }
  }

  #answer(stream: TunnelSocket, refusal: Exclude<DeviceStreamAnswer, 'opened'>): void {
    this.#count(refusal);
    stream.end(encodeDeviceStreamAnswer(refusal));
    // What comes after the request is nobody's; the other end closes when it has read the answer.
    stream.resume();
  }

  #cut(stream: TunnelSocket, refusal: DeviceRelayRefusal): void {
    this.#count(refusal);
    stream.destroy();
  }

  #count(refusal: DeviceRelayRefusal): void {
    this.refusals.set(refusal, (this.refusals.get(refusal) ?? 0) + 1);
  }
}

function take(stream: TunnelSocket, bytes: number): Uint8Array | undefined {
  return (stream.read(bytes) as Uint8Array | null) ?? undefined;
}
