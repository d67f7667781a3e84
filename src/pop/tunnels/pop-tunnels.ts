import type { Duplex } from 'node:stream';
import { parseIpAddress } from '../../base/index.ts';
import {
  type AttachedConnector,
  CONNECTOR_LINK_PORT,
  DEVICE_RELAY_PORT,
  POP_LINK_PORT,
  type PopRecord,
  type SignedDocument,
} from '../../core/link/index.ts';
import type { ConnectionAttempt } from '../../core/netstack/index.ts';
import { overlayAddress, type TunnelEvent, type TunnelStatus } from '../../core/overlay/index.ts';
import { ProbeResponder } from '../../core/probe/index.ts';
import { HeardPops, type ReachableEntry, type Relay } from '../../core/reach/index.ts';
import type { PeerReports } from '../../core/steering/index.ts';
import { CarrierServer } from '../../io/carrier/carrier-server.ts';
import { type OpenOverlay, openOverlay, sha256 } from '../../io/overlay/open-overlay.ts';
import type { OverlayDriver } from '../../io/overlay/overlay-driver.ts';
import { PopPeers } from '../../io/overlay/pop-peers.ts';
import { resolveName } from '../../io/resolve.ts';
import { type DatagramPath, type Destination, DialFailure, type TargetDialer } from '../dialer.ts';
import { attachedConnector, directlyAttached } from './attached-connector.ts';
import { openDatagrams } from './connector-datagrams.ts';
import { ConnectorLinks } from './connector-links.ts';
import { ConnectorPaths } from './connector-paths.ts';
import { ConnectorPeers } from './connector-peers.ts';
import { LINK_BACKLOG, NEWS_DELAY_MS, PORTS_OF_CONNECTORS, REPORT_INTERVAL_MS, RESOLVE_AGAIN_MS } from './constants.ts';
import type { DeviceRelay } from './device-relay.ts';
import { Mesh } from './mesh.ts';
import { neighboursOf } from './neighbours.ts';
import { askAfterStreams, OpeningStreams, openStream } from './opening-streams.ts';
import type { PopTunnelsOptions, TunnelRecords } from './pop-tunnels-options.ts';
import { SiteDevices } from './site-devices.ts';

/** The PoP's tunnels: one peer per connector and PoP of the snapshot, and streams to what lies behind the connectors. */
export class PopTunnels implements TargetDialer {
  readonly carriers: CarrierServer;
  readonly overlay: OpenOverlay;
  readonly #driver: OverlayDriver;
  readonly #options: PopTunnelsOptions;
  readonly #ownAddress: string;
  readonly #links: ConnectorLinks;
  readonly #connectors: ConnectorPeers;
  readonly #devices: SiteDevices;
  readonly #pops: PopPeers<PopRecord>;
  readonly #mesh: Mesh;
  readonly #heard = new HeardPops();
  readonly #opening = new OpeningStreams();
  readonly #paths: ConnectorPaths;
  /** Connectors without a link whose direct tunnel went down. */
  readonly #toRenew = new Set<string>();
  readonly #reporting: NodeJS.Timeout;
  readonly #lookingAgain: NodeJS.Timeout;
  #news: NodeJS.Timeout | undefined;
  #toldAtMs = Number.NEGATIVE_INFINITY;
  #grants: ReadonlyMap<string, SignedDocument> = new Map();

  static async open(options: PopTunnelsOptions): Promise<PopTunnels> {
    const { clock, random, privateKey, listen, mtu, dataDir } = options;
    let tunnels: PopTunnels | undefined;
    const overlay = await openOverlay({
      ...{ clock, random, privateKey, listen, mtu },
      ...(dataDir !== undefined && { dataDir }),
      role: 'pop',
      ...(options.udp && { udp: options.udp }),
      probes: new ProbeResponder(),
      onTunnel: (event) => tunnels?.tunnelChanged(event),
      onAttempt: (attempt) => (tunnels ? tunnels.attempted(attempt) : attempt.refuse()),
    });
    tunnels = new PopTunnels(options, overlay);
    return tunnels;
  }

  private constructor(options: PopTunnelsOptions, overlay: OpenOverlay) {
    const { driver, device, carriers } = overlay;
    const { log, popId, software, report } = options;
    this.#options = options;
    [this.overlay, this.#driver] = [overlay, driver];
    this.#ownAddress = overlayAddress(device.publicKey, sha256).text;
    this.carriers = new CarrierServer({ carriers, clock: options.clock, node: driver.node });
    this.#links = new ConnectorLinks((siteId) => this.#grants.get(siteId), log, options.clock, {
      attached: () => this.#tellSoon(),
      targets: options.onTargets,
      draining: (id, endsInMs) => {
        this.#tellSoon();
        const address = this.#connectors.get(id)?.overlayAddress;
        if (address !== undefined) options.onDraining?.(address, endsInMs);
      },
    });
    this.#paths = new ConnectorPaths(driver, {
      lost: (address) => {
        this.#opening.pathLost(address);
        options.onLost(address);
      },
      doubted: options.onLost,
    });
    this.#connectors = new ConnectorPeers(driver, log, ({ id, overlayAddress: address }) => {
      this.#links.remove(id);
      this.#paths.forget(address);
    });
    this.#mesh = new Mesh({
      ...{ driver, popId, software, log, report },
      attached: () => [...this.#directlyAttached(), ...this.#devices.reachable()],
      onRelays: (nodeIds) => this.#relaysChanged(nodeIds),
    });
    this.#devices = new SiteDevices({ ...options, driver, pops: this.#mesh });
    this.#pops = new PopPeers({
      ...{ driver, log, resolve: options.resolve ?? resolveName },
      onRemoved: (id) => this.#mesh.tunnelChanged(id, 'down'),
    });
    driver.listenAll(LINK_BACKLOG);
    this.#reporting = setInterval(() => this.report(), REPORT_INTERVAL_MS);
    this.#lookingAgain = setInterval(() => void this.#pops.lookAgain(), RESOLVE_AGAIN_MS);
  }

  /** Tells once more what connectors said of targets, to whoever could not take it before. */
  repeatTargets(): void {
    this.#links.repeatTargets();
    this.#devices.repeatTargets();
  }

  get port(): number {
    return this.#driver.socket?.local.port ?? 0;
  }

  /** What the other PoPs say of themselves and of one another. */
  get peerReports(): PeerReports {
    return this.#mesh.view;
  }

  /** Links to other PoPs that this end closed, by reason. */
  meshRefusals(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#mesh.refusals);
  }

  get deviceRelay(): Pick<DeviceRelay, 'opened' | 'refusals'> {
    return this.#devices.relay;
  }

  /** PoPs through which a connector can be reached, by their own word. */
  relaysTo(connectorId: string): Relay[] {
    return this.#mesh.relaysTo(connectorId);
  }

  /** Makes and removes peers so that they are those of the snapshot. */
  follow({ connectors, devices = [], pops, grants }: TunnelRecords): Promise<void> {
    this.#relaysChanged(this.#connectors.follow(connectors).map(({ id }) => id));
    this.#grants = grants;
    this.#links.grantsChanged();
    const followed = this.#followPops(pops, new Set([...connectors, ...devices].map(({ id }) => id)));
    this.#devices.follow(devices, grants);
    this.#driver.wake();
    return followed;
  }

  state(address: string): 'up' | 'suspect' | 'down' {
    return this.#devices.has(address) ? this.#devices.state(address) : this.#paths.state(address);
  }

  isDraining(address: string): boolean {
    const connector = this.#connectors.at(address);
    return connector !== undefined && [this.#links, this.#mesh].some((each) => each.isDraining(connector.id));
  }

  isRelayed(address: string): boolean {
    return this.#devices.isFar(address) || this.#paths.isRelayed(address);
  }

  isPopLost(address: string): boolean {
    return this.#devices.isPopLost(address);
  }

  async connect(to: Destination & { timeoutMs: number }): Promise<Duplex> {
    if (to.behind !== undefined) return this.#devices.connect({ ...to, behind: to.behind });
    const address = parseIpAddress(to.overlayAddress);
    if (!address || !this.#connectors.at(address.text) || this.state(address.text) === 'down') {
      throw new DialFailure('no-path', 'no tunnel leads to the connector');
    }
    return this.#opening.opened(address.text, openStream(this.#driver, address, to.port, to.timeoutMs));
  }

  openDatagrams(address: string, take: (packet: Uint8Array) => void): DatagramPath | undefined {
    return this.state(address) === 'down' ? undefined : openDatagrams(this.#driver, address, take);
  }

  /** What control is told. */
  attached(): AttachedConnector[] {
    return [
      ...this.#statusOfConnectors().flatMap(
        (tunnel) => attachedConnector(tunnel, this.#options.clock, this.#links) ?? [],
      ),
      ...this.#devices.attached(),
    ];
  }

  /** Tells the other PoPs and the connectors how we are now; it happens every second anyway. */
  report(): void {
    this.#connectors.tellOfStrangers(this.overlay.device.counters());
    const nowMs = this.#driver.nowMs();
    const rtts = new Map(this.#driver.node.status(nowMs).map(({ id, rttMs }) => [id, rttMs]));
    this.#mesh.report(rtts);
    const heard = this.#heard.update(this.#mesh.heard(nowMs), nowMs);
    if (heard) this.#links.heardChanged(heard);
  }

  async close(): Promise<void> {
    clearInterval(this.#reporting);
    clearInterval(this.#lookingAgain);
    clearTimeout(this.#news);
    this.#paths.close();
    this.#mesh.close();
    this.#links.close();
    await this.#devices.close();
    await this.overlay.close();
    this.carriers.close();
  }

  tunnelChanged(event: TunnelEvent): void {
    const { id, state, previous, path, via, directState } = event;
    const { log } = this.#options;
    if (this.#pops.pop(id)) {
      log.info('tunnel to a PoP', { popId: id, state, previous, path });
      this.#mesh.tunnelChanged(id, state);
      this.#devices.reachChanged();
    } else {
      log.info('tunnel', { connectorId: id, state, previous, path, via });
      if (directState === 'down') this.#directlyLost(id);
      const address = this.#connectors.get(id)?.overlayAddress;
      if (address !== undefined) this.#paths.changed(address, event);
    }
    this.#tellSoon();
  }

  #directlyLost(connectorId: string): void {
    this.#links.tunnelDown(connectorId);
    if (!this.#links.isOpen(connectorId)) this.#toRenew.add(connectorId);
  }

  #renewSessions(): void {
    const ids = [...this.#toRenew].filter((id) => !this.#links.isOpen(id));
    this.#toRenew.clear();
    for (const id of ids) this.#connectors.renew(id);
    this.#relaysChanged(ids);
  }

  #relaysChanged(nodeIds: readonly string[]): void {
    const nowMs = this.#driver.nowMs();
    for (const id of nodeIds) this.#driver.node.setRelays(id, this.#mesh.relaysTo(id), nowMs);
    this.#devices.reachChanged();
    this.#driver.wake();
  }

  /** Connectors and PoPs may open one stream to a PoP: their link. Other PoPs may ask for streams to our devices. */
  attempted(attempt: ConnectionAttempt): void {
    const from = attempt.remote.address.text;
    const { port } = attempt.local;
    const connector = PORTS_OF_CONNECTORS.includes(port) ? this.#connectors.at(from) : undefined;
    const popId = port === POP_LINK_PORT || port === DEVICE_RELAY_PORT ? this.#mesh.popAt(from) : undefined;
    if (!connector && popId === undefined) {
      attempt.refuse();
      return void this.#driver.wake();
    }
    const stream = this.#driver.accept(attempt);
    if (!stream) return;
    if (connector && port !== CONNECTOR_LINK_PORT) this.#options.onHandIn?.(connector.id, port, stream);
    else if (connector) {
      this.#links.accept(connector.id, connector.siteId, stream, this.#heard.said);
      askAfterStreams(this.#driver, attempt.remote.address);
    } else if (popId !== undefined) (port === POP_LINK_PORT ? this.#mesh : this.#devices).accept(popId, stream);
  }

  #followPops(pops: readonly PopRecord[], nodeIds: ReadonlySet<string>): Promise<void> {
    const neighbours = neighboursOf(pops, { popId: this.#options.popId, address: this.#ownAddress });
    this.#mesh.follow(new Map(neighbours.map((neighbour) => [neighbour.pop.id, neighbour])), nodeIds);
    return this.#pops.follow(neighbours.map(({ pop, opens }) => ({ pop, dials: opens })));
  }

  #statusOfConnectors(): TunnelStatus[] {
    return this.#driver.node.status(this.#driver.nowMs()).filter(({ id }) => this.#connectors.get(id));
  }

  #directlyAttached(): ReachableEntry[] {
    return directlyAttached(this.#statusOfConnectors(), this.#links);
  }

  /** Many tunnels change together; what follows from it is told once. */
  #tellSoon(): void {
    if (this.#news) return;
    const delayMs = Math.max(NEWS_DELAY_MS, this.#toldAtMs + this.#mesh.newsSpacingMs - this.#driver.nowMs());
    this.#news = setTimeout(() => {
      this.#news = undefined;
      this.#toldAtMs = this.#driver.nowMs();
      this.#renewSessions();
      this.#mesh.attachedChanged();
      this.#options.onChange();
    }, delayMs);
  }
}
