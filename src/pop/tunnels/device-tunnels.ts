import type { Duplex } from 'node:stream';
import { type Clock, formatEndpoint, fromBase64, type IpAddress, parseIpAddress } from '../../base/index.ts';
import type { AttachedConnector, DeviceRecord, DeviceStreamRequest } from '../../core/link/index.ts';
import { isBehindDevice } from '../../core/overlay/index.ts';
import type { ReachableEntry } from '../../core/reach/index.ts';
import type { Log } from '../../io/log.ts';
import type { OverlayDriver } from '../../io/overlay/overlay-driver.ts';
import type { TunnelSocket } from '../../io/overlay/tunnel-socket.ts';
import { DialFailure } from '../dialer.ts';
import type { DeviceEndpoints } from './device-endpoints.ts';
import { OpeningStreams, openStream } from './opening-streams.ts';

export interface DeviceTunnelsOptions {
  readonly driver: OverlayDriver;
  readonly popId: string;
  readonly log: Log;
  readonly clock: Clock;
  /** Where devices were heard before this PoP started. */
  readonly endpoints: DeviceEndpoints;
  /** A device is no peer any more. */
  readonly onLost: (overlayAddress: string) => void;
}

interface Known {
  record: DeviceRecord;
  readonly streams: Set<TunnelSocket>;
}

/** The plain WireGuard devices whose tunnel goes to this PoP, and streams to what lies behind them. */
export class DeviceTunnels {
  readonly #options: DeviceTunnelsOptions;
  /** By overlay address. */
  readonly #known = new Map<string, Known>();
  readonly #opening = new OpeningStreams();

  constructor(options: DeviceTunnelsOptions) {
    this.#options = options;
  }

  /** Makes and removes peers so that they are those of the snapshot that come here. */
  follow(devices: readonly DeviceRecord[]): void {
    const ours = devices.filter(({ popId }) => popId === this.#options.popId);
    const wanted = new Map(ours.map((record) => [record.overlayAddress, record]));
    for (const [address, known] of this.#known) {
      const same = wanted.get(address);
      if (same?.id !== known.record.id || same.wireguardKey !== known.record.wireguardKey) this.#remove(address, known);
    }
    for (const record of ours) {
      const known = this.#known.get(record.overlayAddress);
      if (known) this.#change(known, record);
      else this.#add(record);
    }
  }

  has(overlayAddress: string): boolean {
    return this.#known.has(overlayAddress);
  }

  state(overlayAddress: string): 'up' | 'suspect' | 'down' {
    const { driver } = this.#options;
    const known = this.#known.get(overlayAddress);
    return known ? driver.node.devices.state(known.record.id, driver.nowMs()) : 'down';
  }

  /** A stream to an address behind a device. Rejects with DialFailure. */
  async connect(to: { overlayAddress: string; port: number; behind: string; timeoutMs: number }): Promise<Duplex> {
    const { driver } = this.#options;
    const known = this.#known.get(to.overlayAddress);
    const name = known && driver.node.devices.nameOf(known.record.id, to.behind);
    if (!known || !name || this.state(to.overlayAddress) === 'down')
      throw new DialFailure('no-path', 'no tunnel leads to the device');
    const stream = openStream(driver, name, to.port, to.timeoutMs);
    known.streams.add(stream);
    stream.once('close', () => known.streams.delete(stream));
    return this.#opening.opened(to.overlayAddress, stream);
  }

  /** A stream that another PoP asks for; undefined where there is no such device here, or no such target behind it. */
  dial({ deviceId, address, port }: DeviceStreamRequest, timeoutMs: number): Promise<Duplex> | undefined {
    for (const { record } of this.#known.values()) {
      if (record.id !== deviceId) continue;
      const target = record.targets.find((one) => one.address === address.text && one.port === port);
      if (!target) return undefined;
      return this.connect({ overlayAddress: record.overlayAddress, port, behind: target.address, timeoutMs });
    }
    return undefined;
  }

  /** What the other PoPs are told: those that answer, however late. */
  reachable(): ReachableEntry[] {
    return [...this.#known.values()].flatMap(({ record: { id, overlayAddress } }) =>
      this.state(overlayAddress) === 'down' ? [] : { id, rttMs: null, draining: false },
    );
  }

  /** Keeps where the devices are, for the next start. */
  keepEndpoints(): Promise<void> {
    const { driver, endpoints } = this.#options;
    const heard = new Map(driver.node.devices.status(driver.nowMs()).map(({ id, endpoint }) => [id, endpoint]));
    return endpoints.keep([...this.#known.values()].map(({ record }) => ({ record, endpoint: heard.get(record.id) })));
  }

  /** What control is told. */
  attached(): AttachedConnector[] {
    const { driver, clock } = this.#options;
    const nowMs = driver.nowMs();
    return driver.node.devices.status(nowMs).flatMap(({ id, state, lastHandshakeMs, endpoint }) => {
      if (lastHandshakeMs === undefined) return [];
      return {
        ...{ connectorId: id, state, path: 'udp' as const, relayPopId: null, rttMs: null },
        sinceUnixMs: Math.round(clock.unixMs() - (nowMs - lastHandshakeMs)),
        endpoint: endpoint ? formatEndpoint(endpoint) : null,
      };
    });
  }

  #add(record: DeviceRecord): void {
    const { driver, log } = this.#options;
    const publicKey = fromBase64(record.wireguardKey);
    try {
      if (publicKey?.length !== 32) throw new RangeError('not 32 bytes');
      driver.node.devices.add({ id: record.id, publicKey, addresses: addressesOf(record) });
    } catch (error) {
      // One key that no tunnel can have (of small order, or ours) must not keep the others out.
      log.error('device with an unusable key', { deviceId: record.id, error });
      return;
    }
    this.#known.set(record.overlayAddress, { record, streams: new Set() });
    log.info('device added', { deviceId: record.id, address: record.overlayAddress });
    void this.#callAgain(record);
  }

  /** It thinks that its session with us lives: what we knew before we started is gone. */
  async #callAgain(record: DeviceRecord): Promise<void> {
    const { driver, endpoints } = this.#options;
    const endpoint = await endpoints.lastOf(record);
    if (!endpoint || this.#known.get(record.overlayAddress)?.record.wireguardKey !== record.wireguardKey) return;
    driver.node.devices.call(record.id, endpoint, driver.nowMs());
    driver.wake();
  }

  /** Streams to an address that it may not use any more end at once. */
  #change(known: Known, record: DeviceRecord): void {
    if (known.record === record) return;
    known.record = record;
    const { devices } = this.#options.driver.node;
    devices.setAddresses(record.id, addressesOf(record));
    const names = new Set(record.targets.map(({ address }) => devices.nameOf(record.id, address)?.text));
    for (const stream of known.streams) if (!names.has(stream.remoteAddress)) stream.destroy();
  }

  #remove(address: string, known: Known): void {
    const { driver, log, onLost } = this.#options;
    this.#known.delete(address);
    this.#opening.pathLost(address);
    onLost(address);
    for (const stream of known.streams) stream.destroy();
    driver.node.devices.remove(known.record.id);
    log.info('device removed', { deviceId: known.record.id });
  }
}

function addressesOf({ overlayAddress, targets }: DeviceRecord): IpAddress[] {
  const texts = new Set([overlayAddress, ...targets.map(({ address }) => address)]);
  return [...texts].flatMap((text) => {
    const address = parseIpAddress(text);
    return address && isBehindDevice(address) ? address : [];
  });
}
