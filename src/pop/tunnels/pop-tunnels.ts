import type { Duplex } from 'node:stream';
import {
  type Clock,
  formatEndpoint,
  fromBase64,
  type IpAddress,
  parseIpAddress,
  type Random,
} from '../../base/index.ts';
import {
  type AttachedConnector,
  CONNECTOR_LINK_PORT,
  type ConnectorRecord,
  type SignedDocument,
} from '../../core/link/index.ts';
import type { ConnectionAttempt } from '../../core/netstack/index.ts';
import { overlayAddress, type TunnelEvent } from '../../core/overlay/index.ts';
import { ProbeResponder } from '../../core/probe/index.ts';
import type { Log } from '../../io/log.ts';
import { openOverlay, sha256 } from '../../io/overlay/open-overlay.ts';
import type { OverlayDriver } from '../../io/overlay/overlay-driver.ts';
import { TunnelFailure, type TunnelSocket } from '../../io/overlay/tunnel-socket.ts';
import { DialFailure, type DialFailureCode, type TargetDialer } from '../dialer.ts';
import { ConnectorLinks } from './connector-links.ts';
import { LINK_BACKLOG } from './constants.ts';

export interface PopTunnelsOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly privateKey: Uint8Array;
  readonly listen: { readonly address: string; readonly port: number };
  readonly mtu: number;
  readonly udp?: 'offload' | 'plain';
  readonly log: Log;
  /** A connector's tunnel changed. */
  readonly onChange: () => void;
}

/** The PoP's tunnels: one peer per connector that the snapshot names, and streams to what lies behind them. */
export class PopTunnels implements TargetDialer {
  readonly #driver: OverlayDriver;
  readonly #options: PopTunnelsOptions;
  readonly #links: ConnectorLinks;
  readonly #connectors = new Map<string, ConnectorRecord>();
  readonly #byAddress = new Map<string, ConnectorRecord>();
  #grants: ReadonlyMap<string, SignedDocument> = new Map();

  static async open(options: PopTunnelsOptions): Promise<PopTunnels> {
    let tunnels: PopTunnels | undefined;
    const { driver } = await openOverlay({
      clock: options.clock,
      random: options.random,
      privateKey: options.privateKey,
      listen: options.listen,
      mtu: options.mtu,
      ...(options.udp && { udp: options.udp }),
      probes: new ProbeResponder(),
      onTunnel: (event) => tunnels?.tunnelChanged(event),
      onAttempt: (attempt) => (tunnels ? tunnels.attempted(attempt) : attempt.refuse()),
    });
    tunnels = new PopTunnels(options, driver);
    return tunnels;
  }

  private constructor(options: PopTunnelsOptions, driver: OverlayDriver) {
    this.#options = options;
    this.#driver = driver;
    this.#links = new ConnectorLinks((siteId) => this.#grants.get(siteId), options.log);
    driver.listenAll(LINK_BACKLOG);
  }

  /** UDP port that connectors reach. */
  get port(): number {
    return this.#driver.socket?.local.port ?? 0;
  }

  /** Makes and removes peers so that they are those of the snapshot; `grants` by site. */
  follow(connectors: readonly ConnectorRecord[], grants: ReadonlyMap<string, SignedDocument>): void {
    const wanted = new Map(connectors.map((connector) => [connector.id, connector]));
    for (const [id, known] of this.#connectors) {
      const same = wanted.get(id);
      if (same?.wireguardKey !== known.wireguardKey || same.siteId !== known.siteId) this.#remove(known);
    }
    for (const connector of connectors) if (!this.#connectors.has(connector.id)) this.#add(connector);
    this.#grants = grants;
    this.#links.grantsChanged();
    this.#driver.wake();
  }

  state(address: string): 'up' | 'suspect' | 'down' {
    const state = this.#driver.node.stateTo(address);
    return state === 'unproven' ? 'down' : state;
  }

  isRelayed(_address: string): boolean {
    return false;
  }

  async connect(to: { overlayAddress: string; port: number; timeoutMs: number }): Promise<Duplex> {
    const address = parseIpAddress(to.overlayAddress);
    if (!address || !this.#byAddress.has(address.text) || this.state(address.text) === 'down') {
      throw new DialFailure('no-path', 'no tunnel leads to the connector');
    }
    const stream = this.#open(address, to.port, to.timeoutMs);
    return new Promise((resolve, reject) => {
      const failed = (error: Error): void => reject(dialFailure(error));
      stream.once('error', failed);
      stream.once('connect', () => {
        stream.off('error', failed);
        // A reset may follow in the same burst, before whoever waits for this promise listens: it must not be fatal.
        stream.on('error', () => undefined);
        resolve(stream);
      });
    });
  }

  #open(address: IpAddress, port: number, timeoutMs: number): TunnelSocket {
    try {
      return this.#driver.connect(address, port, timeoutMs);
    } catch (cause) {
      throw new DialFailure('no-path', 'the PoP has no room for one more stream', cause);
    }
  }

  /** What control is told. */
  attached(): AttachedConnector[] {
    const { clock } = this.#options;
    return this.#driver.node.status(clock.nowMs()).map((tunnel) => ({
      connectorId: tunnel.id,
      state: tunnel.state === 'unproven' ? 'down' : tunnel.state,
      rttMs: tunnel.rttMs ?? null,
      sinceUnixMs: Math.round(clock.unixMs() - (clock.nowMs() - tunnel.changedAtMs)),
      endpoint: tunnel.endpoint ? formatEndpoint(tunnel.endpoint) : null,
    }));
  }

  async close(): Promise<void> {
    this.#links.close();
    await this.#driver.close();
  }

  tunnelChanged(event: TunnelEvent): void {
    this.#options.log.info('tunnel', { connectorId: event.id, state: event.state, previous: event.previous });
    this.#options.onChange();
  }

  /** Connectors may open one stream to a PoP: their link. */
  attempted(attempt: ConnectionAttempt): void {
    const connector = this.#byAddress.get(attempt.remote.address.text);
    if (!connector || attempt.local.port !== CONNECTOR_LINK_PORT) {
      attempt.refuse();
      this.#driver.wake();
      return;
    }
    const stream: TunnelSocket | undefined = this.#driver.accept(attempt);
    if (stream) this.#links.accept(connector.id, connector.siteId, stream);
  }

  #add(connector: ConnectorRecord): void {
    const publicKey = fromBase64(connector.wireguardKey);
    if (publicKey?.length !== 32) {
      this.#options.log.error('connector with an unusable key', { connectorId: connector.id });
      return;
    }
    const address = overlayAddress(publicKey, sha256);
    const peer = { id: connector.id, publicKey, overlayAddress: address, dials: false };
    try {
      this.#driver.node.addPeer(peer, this.#driver.nowMs());
    } catch (error) {
      // One key that no tunnel can have (of small order, or ours) must not keep the other connectors out.
      this.#options.log.error('connector with an unusable key', { connectorId: connector.id, error });
      return;
    }
    this.#connectors.set(connector.id, connector);
    this.#byAddress.set(address.text, connector);
  }

  #remove(connector: ConnectorRecord): void {
    this.#connectors.delete(connector.id);
    for (const [address, known] of this.#byAddress) if (known.id === connector.id) this.#byAddress.delete(address);
    this.#links.remove(connector.id);
    this.#driver.node.removePeer(connector.id);
  }
}

function dialFailure(error: Error): DialFailure {
  if (!(error instanceof TunnelFailure)) return new DialFailure('reset', error.message, error);
  const codes: Record<TunnelFailure['reason'], DialFailureCode> = {
    refused: 'target-refused',
    unreachable: 'target-timed-out',
    timeout: 'target-timed-out',
    reset: 'reset',
  };
  return new DialFailure(codes[error.reason], error.message, error);
}
