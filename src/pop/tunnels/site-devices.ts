import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import type { Random } from '../../base/index.ts';
import type { AttachedConnector, DeviceRecord, SignedDocument } from '../../core/link/index.ts';
import type { ReachableEntry } from '../../core/reach/index.ts';
import type { TunnelSocket } from '../../io/overlay/tunnel-socket.ts';
import { sealedFile } from '../../io/sealed-file.ts';
import type { TargetsListener } from './connector-links.ts';
import { DEVICE_ENDPOINTS_SAVE_MS } from './constants.ts';
import { DeviceChecks } from './device-checks.ts';
import { DeviceEndpoints } from './device-endpoints.ts';
import { DeviceRelay } from './device-relay.ts';
import { DeviceTunnels, type DeviceTunnelsOptions } from './device-tunnels.ts';
import { FarDevices, type PopsOfDevices } from './far-devices.ts';

export interface SiteDevicesOptions extends Omit<DeviceTunnelsOptions, 'endpoints'> {
  readonly pops: PopsOfDevices;
  readonly random: Random;
  /** Hears how the targets behind our devices are. */
  readonly onTargets?: TargetsListener;
  /** What is kept for the next start is sealed with it. */
  readonly privateKey: Uint8Array;
  /** Left out: nothing is kept. */
  readonly dataDir?: string;
}

/** All plain WireGuard devices: ours, which have their tunnel to this PoP, and those that others have theirs to. */
export class SiteDevices {
  readonly relay: DeviceRelay;
  readonly #own: DeviceTunnels;
  readonly #far: FarDevices;

  readonly #checks: DeviceChecks;
  readonly #keeping: NodeJS.Timeout;

  constructor(options: SiteDevicesOptions) {
    const { dataDir, privateKey, log } = options;
    const file = dataDir === undefined ? undefined : sealedFile(join(dataDir, 'devices.sealed'), privateKey, 'devices');
    this.#own = new DeviceTunnels({ ...options, endpoints: new DeviceEndpoints(file, log) });
    this.#keeping = setInterval(() => void this.#own.keepEndpoints(), DEVICE_ENDPOINTS_SAVE_MS);
    this.#checks = new DeviceChecks({ ...options, tunnels: this.#own, onTargets: options.onTargets });
    this.#far = new FarDevices(options);
    this.relay = new DeviceRelay((request, timeoutMs) => this.#own.dial(request, timeoutMs));
  }

  follow(devices: readonly DeviceRecord[], grants: ReadonlyMap<string, SignedDocument>): void {
    this.#own.follow(devices);
    this.#checks.follow(devices, grants);
    this.#far.follow(devices);
  }

  /** Tells once more how the targets behind our devices are. */
  repeatTargets(): void {
    this.#checks.repeat();
  }

  has(overlayAddress: string): boolean {
    return this.#own.has(overlayAddress) || this.#far.has(overlayAddress);
  }

  state(overlayAddress: string): 'up' | 'suspect' | 'down' {
    return this.isFar(overlayAddress) ? this.#far.state(overlayAddress) : this.#own.state(overlayAddress);
  }

  /** Whether its tunnel goes to another PoP. */
  isFar(overlayAddress: string): boolean {
    return this.#far.has(overlayAddress);
  }

  isPopLost(overlayAddress: string): boolean {
    return this.#far.isPopLost(overlayAddress);
  }

  /** A stream to an address behind a device. Rejects with DialFailure. */
  connect(to: { overlayAddress: string; port: number; behind: string; timeoutMs: number }): Promise<Duplex> {
    return this.isFar(to.overlayAddress) ? this.#far.connect(to) : this.#own.connect(to);
  }

  /** What PoPs say of devices changed, or which of them are heard. */
  reachChanged(): void {
    this.#far.reachChanged();
  }

  /** Another PoP asks for a stream to one of ours. */
  accept(popId: string, stream: TunnelSocket): void {
    this.relay.accept(popId, stream);
  }

  /** What control is told. */
  attached(): AttachedConnector[] {
    return this.#own.attached();
  }

  /** What the other PoPs are told. */
  reachable(): ReachableEntry[] {
    return this.#own.reachable();
  }

  /** Writes what must outlast this PoP. */
  async close(): Promise<void> {
    clearInterval(this.#keeping);
    this.#checks.close();
    await this.#own.keepEndpoints();
  }
}
