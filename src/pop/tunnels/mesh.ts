import type { IpAddress } from '../../base/index.ts';
import { type HeardPop, POP_LINK_PORT, type PopReport } from '../../core/link/index.ts';
import {
  heardPeers,
  MeshView,
  ReachabilityTable,
  type ReachableEntry,
  type Relay,
  utilisationOf,
} from '../../core/reach/index.ts';
import type { Log } from '../../io/log.ts';
import type { OverlayDriver } from '../../io/overlay/overlay-driver.ts';
import type { TunnelSocket } from '../../io/overlay/tunnel-socket.ts';
import { MESH_RETRY_MS, PREFIXES_EVERY_REPORTS } from './constants.ts';
import { MeshLink, type MeshRefusal } from './mesh-link.ts';
import { newsSpacingMs } from './news-spacing.ts';

/** What this PoP says of itself; who it hears is known here. */
export interface OwnReport extends Omit<PopReport, 'hears' | 'prefixes'> {
  /** The next few round trips to tell. Left out: none. */
  readonly nextPrefixes?: () => PopReport['prefixes'];
}

export interface MeshOptions {
  readonly driver: OverlayDriver;
  readonly popId: string;
  readonly software: string;
  readonly log: Log;
  readonly report: () => OwnReport;
  /** Connectors and devices with a direct tunnel to us that is up. */
  readonly attached: () => readonly ReachableEntry[];
  /** The relays to these connectors and devices changed. */
  readonly onRelays: (nodeIds: readonly string[]) => void;
}

type PeerState = 'unproven' | 'up' | 'suspect' | 'down';

interface Neighbour {
  readonly address: IpAddress;
  /** Whether we open the link. */
  readonly opens: boolean;
  tunnel: PeerState;
  link: MeshLink | undefined;
  timer: NodeJS.Timeout | undefined;
  /** Whether the link was open and nothing was tried since: then it is opened again at once. */
  isFresh: boolean;
}

/** The links to the other PoPs, one stream inside each tunnel that is up, and what is learnt from them. */
export class Mesh {
  readonly view = new MeshView();
  /** Links that this end closed, by reason. */
  readonly refusals = new Map<MeshRefusal, number>();
  readonly #options: MeshOptions;
  readonly #reach = new ReachabilityTable();
  readonly #neighbours = new Map<string, Neighbour>();
  #reports = 0;
  /** Connectors and devices that are attached, as we said last. */
  #tunnels = 0;

  constructor(options: MeshOptions) {
    this.#options = options;
  }

  /** The other PoPs of the snapshot, and its connectors and devices. */
  follow(
    pops: ReadonlyMap<string, { readonly address: IpAddress; readonly opens: boolean }>,
    nodeIds: ReadonlySet<string>,
  ): void {
    for (const [id, known] of this.#neighbours) {
      if (pops.get(id)?.address.text !== known.address.text) this.#remove(id);
    }
    for (const [id, { address, opens }] of pops) {
      if (this.#neighbours.has(id)) continue;
      this.#neighbours.set(id, {
        address,
        opens,
        tunnel: 'unproven',
        link: undefined,
        timer: undefined,
        isFresh: false,
      });
    }
    this.view.follow(new Set(pops.keys()), this.#options.driver.nowMs());
    this.#reach.follow(nodeIds);
  }

  /** Least time between two calls of `attachedChanged`. */
  get newsSpacingMs(): number {
    return newsSpacingMs(this.#neighbours.size);
  }

  /** The PoP that has an overlay address. */
  popAt(address: string): string | undefined {
    for (const [id, neighbour] of this.#neighbours) if (neighbour.address.text === address) return id;
    return undefined;
  }

  /** The overlay address of another PoP. */
  addressOf(popId: string): IpAddress | undefined {
    return this.#neighbours.get(popId)?.address;
  }

  /** PoPs through which a connector can be reached, by their own word; the whole way's round trip where it is known. */
  relaysTo(connectorId: string): Relay[] {
    return this.#reach.relaysTo(connectorId).filter(({ id }) => isHeard(this.#neighbours.get(id)));
  }

  /** Whether a connector told a PoP that has it that it is about to stop. */
  isDraining(connectorId: string): boolean {
    return this.#reach.isDraining(connectorId);
  }

  /** A tunnel to a PoP changed its state, or went. */
  tunnelChanged(popId: string, tunnel: PeerState): void {
    const neighbour = this.#neighbours.get(popId);
    if (!neighbour) return;
    const wasHeard = isHeard(neighbour);
    neighbour.tunnel = tunnel;
    this.view.tunnel(popId, tunnel, undefined);
    if (isHeard(neighbour) === wasHeard) return;
    if (wasHeard) this.#cut(popId, neighbour);
    else if (neighbour.opens) this.#open(popId, neighbour);
    this.#tellRelays();
  }

  /** A PoP opened its link; an older one is closed. */
  accept(popId: string, stream: TunnelSocket): void {
    const neighbour = this.#neighbours.get(popId);
    if (neighbour && !neighbour.opens) this.#begin(popId, neighbour, stream);
    else stream.destroy();
  }

  /** Which connectors are attached changed: the others hear of it at once. */
  attachedChanged(): void {
    const attached = this.#attached();
    for (const { link } of this.#neighbours.values()) link?.sayAttached(attached);
  }

  /** Says how we are; call every `REPORT_INTERVAL_MS`, and at once when we begin to drain. */
  report(rtts: ReadonlyMap<string, number | undefined>): void {
    for (const [id, { tunnel }] of this.#neighbours) this.view.tunnel(id, tunnel, rtts.get(id));
    const attached = this.#attached();
    const report = this.#report(this.#reports++ % PREFIXES_EVERY_REPORTS === 0);
    for (const { link } of this.#neighbours.values()) {
      link?.sayAttached(attached);
      link?.sayReport(report);
    }
  }

  /** The PoPs that we hear, ourselves included, for our connectors. */
  heard(nowMs: number): HeardPop[] {
    const { draining, load } = this.#options.report();
    const own = {
      popId: this.#options.popId,
      rttMs: 0,
      draining,
      utilisation: utilisationOf(load),
      tunnels: this.#tunnels,
    };
    return [own, ...heardPeers(this.view.peers(nowMs), this.#reach)];
  }

  close(): void {
    for (const id of [...this.#neighbours.keys()]) this.#remove(id);
  }

  #attached(): readonly ReachableEntry[] {
    const attached = this.#options.attached();
    this.#tunnels = attached.length;
    return attached;
  }

  #report(tellsPrefixes: boolean): PopReport {
    const { draining, load, nextPrefixes } = this.#options.report();
    return { draining, load, hears: this.view.hears(), prefixes: tellsPrefixes ? (nextPrefixes?.() ?? []) : [] };
  }

  #remove(popId: string): void {
    const neighbour = this.#neighbours.get(popId);
    if (!neighbour) return;
    this.#neighbours.delete(popId);
    this.#cut(popId, neighbour);
    this.#tellRelays();
  }

  #cut(popId: string, neighbour: Neighbour): void {
    clearTimeout(neighbour.timer);
    const { link } = neighbour;
    neighbour.link = undefined;
    link?.stream.destroy();
    this.#reach.forget(popId);
  }

  #open(popId: string, neighbour: Neighbour): void {
    try {
      this.#begin(popId, neighbour, this.#options.driver.connect(neighbour.address, POP_LINK_PORT));
    } catch (error) {
      this.#options.log.warn('link to a PoP not opened', { popId, error });
      this.#retryLater(popId, neighbour);
    }
  }

  #begin(popId: string, neighbour: Neighbour, stream: TunnelSocket): void {
    const { log, software, popId: own } = this.#options;
    neighbour.link?.stream.destroy();
    this.#reach.opened(popId);
    this.view.opened(popId);
    const link = new MeshLink(stream, { popId: own, software }, popId, {
      hello: (theirs) => {
        neighbour.isFresh = true;
        log.info('link to a PoP', { popId, software: theirs });
      },
      attached: (change) => {
        const refusal = this.#reach.take(popId, change);
        this.#tellRelays();
        return refusal;
      },
      report: (sequence, news) => this.view.take(popId, sequence, news, this.#options.driver.nowMs()),
      refused: (reason, path) => {
        this.refusals.set(reason, (this.refusals.get(reason) ?? 0) + 1);
        this.#reach.forget(popId);
        this.#tellRelays();
        log.warn('link to a PoP closed', { popId, reason, path });
      },
    });
    neighbour.link = link;
    stream.on('close', () => {
      if (neighbour.link !== link) return;
      neighbour.link = undefined;
      if (neighbour.opens && isHeard(neighbour)) this.#retryLater(popId, neighbour);
    });
    link.sayAttached(this.#attached());
    link.sayReport(this.#report(false));
  }

  #retryLater(popId: string, neighbour: Neighbour): void {
    neighbour.timer = setTimeout(
      () => {
        if (this.#neighbours.get(popId) === neighbour && isHeard(neighbour)) this.#open(popId, neighbour);
      },
      neighbour.isFresh ? 0 : MESH_RETRY_MS,
    );
    neighbour.isFresh = false;
  }

  #tellRelays(): void {
    const changed = this.#reach.takeChanged();
    if (changed.length > 0) this.#options.onRelays(changed);
  }
}

/** A tunnel in doubt still carries what is said over it. */
function isHeard(neighbour: Neighbour | undefined): boolean {
  return neighbour?.tunnel === 'up' || neighbour?.tunnel === 'suspect';
}
