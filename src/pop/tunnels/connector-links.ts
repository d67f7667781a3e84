import type { Clock } from '../../base/index.ts';
import {
  decodeConnectorToPop,
  encodeMessage,
  type HeardPopsNews,
  MAX_CONNECTOR_LINE_CHARS,
  type PopToConnector,
  type SignedDocument,
  type TargetStatus,
} from '../../core/link/index.ts';
import type { Log } from '../../io/log.ts';
import { LINK_KEEP_ALIVE_IDLE_MS } from '../../io/overlay/constants.ts';
import { LineChannel } from '../../io/overlay/line-channel.ts';
import type { TunnelSocket } from '../../io/overlay/tunnel-socket.ts';
import { LINK_REOPENS_WITHIN_MS, LINK_UNSENT_MAX_BYTES, MAXIMUM_TARGETS_PER_CONNECTOR } from './constants.ts';
import { RivalLinks } from './rival-links.ts';

/** The newest site grant, by site. */
export type GrantLookup = (siteId: string) => SignedDocument | undefined;

export interface ConnectorLinkEvents {
  /** Which connectors are attached changed. */
  attached(): void;
  /** A connector is about to stop, and cuts streams that are open then after a while. */
  draining(connectorId: string, endsInMs: number): void;
  /** A connector said how targets of its site are. */
  readonly targets?: TargetsListener | undefined;
}

/** Hears what a connector says of the targets of its site. */
export type TargetsListener = (connectorId: string, status: readonly TargetStatus[]) => void;

const NOT_CHECKED = { state: 'unknown', reason: 'not-checked' } as const;

interface Link {
  readonly siteId: string;
  readonly stream: TunnelSocket;
  readonly channel: LineChannel;
  /** What it said of its targets last. */
  readonly targets: Map<string, TargetStatus>;
  /** Signature of the grant it was sent last. */
  sent: string | undefined;
  /** What it said that it runs. */
  software: string | undefined;
}

/**
 * The PoP's end of the links inside the tunnels: passes each connector the grant of its site, as control signed
 * it, and tells it which PoPs we hear.
 */
export class ConnectorLinks {
  readonly #links = new Map<string, Link>();
  readonly #grantOf: GrantLookup;
  readonly #log: Log;
  readonly #told: ConnectorLinkEvents;
  /** Connectors that opened a link since their tunnel came up and did not end it: they are here to stay. */
  readonly #attached = new Set<string>();
  /** Until they open another link: their process may be gone long before its tunnel is seen to be. */
  readonly #draining = new Set<string>();
  readonly #rivals = new RivalLinks();
  readonly #clock: Clock;

  constructor(grantOf: GrantLookup, log: Log, clock: Clock, told: ConnectorLinkEvents) {
    this.#clock = clock;
    this.#grantOf = grantOf;
    this.#log = log;
    this.#told = told;
  }

  /** Whether a connector said that it is about to stop. */
  isDraining(connectorId: string): boolean {
    return this.#draining.has(connectorId);
  }

  /** Whether a connector's link is open, by whatever path. */
  isOpen(connectorId: string): boolean {
    return this.#links.has(connectorId);
  }

  /** What a connector runs, as it said when its link opened. */
  software(connectorId: string): string | undefined {
    return this.#links.get(connectorId)?.software;
  }

  /** Whether a connector keeps its tunnel to us; one that only measures opens no link. */
  isAttached(connectorId: string): boolean {
    return this.#attached.has(connectorId);
  }

  /** The direct tunnel is down. A link that lives on through a relay is there for it when it comes back. */
  tunnelDown(connectorId: string): void {
    if (!this.#links.has(connectorId)) this.#detach(connectorId);
  }

  /** A connector opened its link; an older one of the same connector is closed. */
  accept(connectorId: string, siteId: string, stream: TunnelSocket, heard: HeardPopsNews): void {
    if (this.#links.has(connectorId)) this.#replaced(connectorId, stream);
    this.#forget(connectorId);
    const channel = new LineChannel(stream, MAX_CONNECTOR_LINE_CHARS, (line) => {
      const decoded = decodeConnectorToPop(line);
      if (!decoded.ok) {
        this.#log.warn('message from a connector refused', { connectorId, reason: decoded.reason, path: decoded.path });
        stream.destroy();
      } else if (decoded.value.type === 'hello') this.#greeted(link, decoded.value.software);
      else if (decoded.value.type === 'draining') this.#drains(connectorId, decoded.value.endsInMs);
      else if (decoded.value.type === 'targets') this.#takeTargets(connectorId, link, decoded.value.status);
    });
    const link: Link = { siteId, stream, channel, targets: new Map(), sent: undefined, software: undefined };
    this.#links.set(connectorId, link);
    this.#attached.add(connectorId);
    this.#draining.delete(connectorId);
    this.#told.attached();
    stream.setKeepAlive(true, LINK_KEEP_ALIVE_IDLE_MS);
    stream.on('error', () => undefined);
    stream.on('end', () => {
      stream.end();
      if (this.#links.get(connectorId) === link) this.#detach(connectorId);
    });
    stream.on('close', () => {
      if (this.#links.get(connectorId) === link) this.#closed(connectorId);
    });
    this.#sendGrant(link);
    if (heard.pops.length > 0) this.#sendHeard(link, heard);
  }

  /** Tells every connector which PoPs we hear. */
  heardChanged(news: HeardPopsNews): void {
    for (const link of this.#links.values()) this.#sendHeard(link, news);
  }

  /** What every connector said of its targets, once more: the snapshot may know them only now. */
  repeatTargets(): void {
    for (const [connectorId, { targets }] of this.#links)
      if (targets.size > 0) this.#told.targets?.(connectorId, [...targets.values()]);
  }

  /** The connector is gone, or has another key: nothing more is passed through its old link. */
  remove(connectorId: string): void {
    this.#forget(connectorId);
    this.#attached.delete(connectorId);
    this.#draining.delete(connectorId);
  }

  /** Grants may have changed: send those that did. */
  grantsChanged(): void {
    for (const link of this.#links.values()) this.#sendGrant(link);
  }

  close(): void {
    for (const link of this.#links.values()) link.stream.destroy();
  }

  /** A link that broke is opened again in a moment, or the connector does not keep its tunnel any more. */
  #closed(connectorId: string): void {
    this.#forget(connectorId);
    setTimeout(() => this.tunnelDown(connectorId), LINK_REOPENS_WITHIN_MS).unref();
  }

  #detach(connectorId: string): void {
    if (this.#attached.delete(connectorId)) this.#told.attached();
  }

  #greeted(link: Link, software: string): void {
    if (link.software !== undefined) return;
    link.software = software;
    this.#told.attached();
  }

  /** A restart replaces a link once. Two processes that share a key take it from one another again and again. */
  #replaced(connectorId: string, stream: TunnelSocket): void {
    if (!this.#rivals.replaced(connectorId, this.#clock.nowMs())) return;
    this.#log.warn('two connectors use one key: stop one of them, or remove it and enrol it anew', {
      connectorId,
      overlayAddress: stream.remoteAddress,
    });
  }

  /** Said once a link: each time costs a timer and a look at everything that is open. */
  #drains(connectorId: string, endsInMs: number): void {
    if (this.#draining.has(connectorId)) return;
    this.#log.info('connector is about to stop', { connectorId, endsInMs });
    this.#draining.add(connectorId);
    this.#told.draining(connectorId, endsInMs);
  }

  /** Ends a link. What it told of targets must not be believed for ever: nobody tells any more when that changes. */
  #forget(connectorId: string): void {
    const link = this.#links.get(connectorId);
    if (!link) return;
    this.#links.delete(connectorId);
    link.stream.destroy();
    const forgotten = [...link.targets.values()].map((status) => ({ ...status, ...NOT_CHECKED }));
    if (forgotten.length > 0) this.#told.targets?.(connectorId, forgotten);
  }

  #takeTargets(connectorId: string, link: Link, status: readonly TargetStatus[]): void {
    if (this.#links.get(connectorId) !== link) return;
    for (const one of status)
      if (link.targets.has(one.targetId) || link.targets.size < MAXIMUM_TARGETS_PER_CONNECTOR)
        link.targets.set(one.targetId, one);
    this.#told.targets?.(connectorId, status);
  }

  #sendGrant(link: Link): void {
    const signed = this.#grantOf(link.siteId);
    if (!signed || signed.signature === link.sent) return;
    link.sent = signed.signature;
    this.#send(link, { type: 'grant', signed });
  }

  /** With the whole goes what time it is: a connector whose clock is wrong says so. */
  #sendHeard(link: Link, news: HeardPopsNews): void {
    const unixMs = Math.round(this.#clock.unixMs());
    this.#send(link, { type: 'reach', ...news, ...(news.whole && { unixMs }) });
  }

  /** A connector that reads nothing while its window is full is cut, so nothing piles up here. */
  #send({ channel, stream }: Link, message: PopToConnector): void {
    if (stream.destroyed || channel.send(encodeMessage(message))) return;
    if (stream.writableLength > LINK_UNSENT_MAX_BYTES) stream.destroy();
  }
}
