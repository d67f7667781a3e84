import type { Duplex } from 'node:stream';
import { type IpAddress, parseIpAddress } from '../../base/index.ts';
import {
  DEVICE_RELAY_PORT,
  type DeviceRecord,
  type DeviceStreamAnswer,
  encodeDeviceStreamRequest,
  parseDeviceStreamAnswer,
} from '../../core/link/index.ts';
import type { OverlayDriver } from '../../io/overlay/overlay-driver.ts';
import { TunnelFailure, type TunnelSocket } from '../../io/overlay/tunnel-socket.ts';
import { DialFailure, type DialFailureCode } from '../dialer.ts';
import { dialFailure, openStream } from './opening-streams.ts';

/** What the mesh knows of the PoPs that devices have their tunnel to. */
export interface PopsOfDevices {
  /** The overlay address of another PoP. */
  addressOf(popId: string): IpAddress | undefined;
  /** PoPs that say that they have a tunnel to a node. */
  relaysTo(nodeId: string): readonly { readonly id: string }[];
}

export interface FarDevicesOptions {
  readonly driver: OverlayDriver;
  readonly popId: string;
  readonly pops: PopsOfDevices;
  /** Nothing leads to a device any more. */
  readonly onLost: (overlayAddress: string) => void;
}

interface Known {
  record: DeviceRecord;
  wasReached: boolean;
  /** Streams that wait for an answer. */
  readonly opening: Set<TunnelSocket>;
}

/**
 * The plain WireGuard devices whose tunnel goes to another PoP. A stream to what lies behind one is asked for at that PoP,
 * over the tunnel between the two; what it says of the device is believed about devices of its own alone.
 */
export class FarDevices {
  readonly #options: FarDevicesOptions;
  /** By overlay address. */
  readonly #known = new Map<string, Known>();

  constructor(options: FarDevicesOptions) {
    this.#options = options;
  }

  follow(devices: readonly DeviceRecord[]): void {
    const far = devices.filter(({ popId }) => popId !== undefined && popId !== this.#options.popId);
    const wanted = new Map(far.map((record) => [record.overlayAddress, record]));
    for (const [address, known] of this.#known) {
      const same = wanted.get(address);
      if (same?.id === known.record.id && same.popId === known.record.popId) continue;
      this.#known.delete(address);
      this.#lose(address, known);
    }
    for (const record of far) {
      const known = this.#known.get(record.overlayAddress);
      if (known) known.record = record;
      else this.#known.set(record.overlayAddress, { record, wasReached: false, opening: new Set() });
    }
    this.reachChanged();
  }

  has(overlayAddress: string): boolean {
    return this.#known.has(overlayAddress);
  }

  /** As its PoP says, as long as that PoP is heard. */
  state(overlayAddress: string): 'up' | 'suspect' | 'down' {
    const known = this.#known.get(overlayAddress);
    if (!known || !this.#isAttached(known.record)) return 'down';
    return this.#popState(known.record);
  }

  /** Whether the PoP that it has its tunnel to cannot be reached. */
  isPopLost(overlayAddress: string): boolean {
    const known = this.#known.get(overlayAddress);
    return known !== undefined && this.#popState(known.record) === 'down';
  }

  /** What PoPs say of devices changed, or which of them are heard. */
  reachChanged(): void {
    for (const [address, known] of this.#known) {
      const isReached = this.state(address) !== 'down';
      if (known.wasReached && !isReached) this.#lose(address, known);
      known.wasReached = isReached;
    }
  }

  /** A stream to an address behind a device. Rejects with DialFailure. */
  async connect(to: { overlayAddress: string; port: number; behind: string; timeoutMs: number }): Promise<Duplex> {
    const known = this.#known.get(to.overlayAddress);
    const address = parseIpAddress(to.behind);
    const pop = known?.record.popId === undefined ? undefined : this.#options.pops.addressOf(known.record.popId);
    if (!known || this.isPopLost(to.overlayAddress) || !pop) throw popLost();
    if (address?.version !== 4 || !this.#isAttached(known.record)) throw noTunnel();
    const { id: deviceId } = known.record;
    const stream = openStream(this.#options.driver, pop, DEVICE_RELAY_PORT, to.timeoutMs);
    stream.write(encodeDeviceStreamRequest({ deviceId, address, port: to.port }));
    known.opening.add(stream);
    try {
      return await answered(stream, to.timeoutMs);
    } finally {
      known.opening.delete(stream);
    }
  }

  #isAttached({ id, popId }: DeviceRecord): boolean {
    return this.#options.pops.relaysTo(id).some((relay) => relay.id === popId);
  }

  #popState({ popId }: DeviceRecord): 'up' | 'suspect' | 'down' {
    const { pops, driver } = this.#options;
    const address = popId === undefined ? undefined : pops.addressOf(popId);
    const state = address && driver.node.stateTo(address.text);
    return state === 'up' || state === 'suspect' ? state : 'down';
  }

  #lose(address: string, known: Known): void {
    for (const stream of [...known.opening]) stream.destroy(noTunnel());
    this.#options.onLost(address);
  }
}

/** The stream once its PoP says that it is open. */
function answered(stream: TunnelSocket, timeoutMs: number): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => stream.destroy(new TunnelFailure('timeout')), timeoutMs);
    const settle = (): void => {
      clearTimeout(late);
      stream.off('readable', read).off('end', ended).off('close', ended);
    };
    const fail = (failure: DialFailure): void => {
      settle();
      reject(failure);
      stream.destroy();
    };
    const ended = (): void => fail(new DialFailure('reset', 'the PoP of the device ended the stream'));
    const read = (): void => {
      const byte = stream.read(1) as Uint8Array | null;
      const answer = byte ? parseDeviceStreamAnswer(byte[0]) : undefined;
      if (answer === 'opened') {
        settle();
        resolve(stream);
      } else if (byte) fail(refusedAs(answer));
    };
    // Also for what may follow before whoever waits for this promise listens: it must not be fatal.
    stream.on('error', (error) => fail(ofStream(error)));
    stream.on('readable', read).on('end', ended).on('close', ended);
  });
}

/** What broke the stream between the PoPs says nothing of the target. */
function ofStream(error: Error): DialFailure {
  if (!(error instanceof TunnelFailure) || error.reason === 'timeout') return dialFailure(error);
  return error.reason === 'reset' ? dialFailure(error) : new DialFailure('no-path', error.message, error);
}

function refusedAs(answer: Exclude<DeviceStreamAnswer, 'opened'> | undefined): DialFailure {
  const code: DialFailureCode =
    answer === undefined || answer === 'not-known' || answer === 'busy' ? 'no-path' : answer;
  return new DialFailure(code, `the PoP of the device says: ${answer ?? 'something that is not known here'}`);
}

function popLost(): DialFailure {
  return new DialFailure('pop-lost', 'the PoP that the device has its tunnel to cannot be reached');
}

function noTunnel(): DialFailure {
  return new DialFailure('no-path', 'no tunnel leads to the device');
}
