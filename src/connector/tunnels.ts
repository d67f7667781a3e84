import { type IpAddress, parseIpAddress, type Random } from '../base/index.ts';
import type { GrantedPop, HeardPopsNews, SiteGrant } from '../core/link/index.ts';
import type { TunnelEvent, TunnelStatus } from '../core/overlay/index.ts';
import { type ChoiceNews, PopChoice, type ReachRefusal, type TunnelNow } from '../core/reach/index.ts';
import type { Log } from '../io/log.ts';
import type { OverlayDriver } from '../io/overlay/overlay-driver.ts';
import { PopPeers } from '../io/overlay/pop-peers.ts';
import { CHOICE_INTERVAL_MS, GREETED_POPS, GREETING_PORT, GREETING_TIMEOUT_MS, RELAY_BUSY_MS } from './constants.ts';
import { PopWords } from './pop-words.ts';

/** What the tunnels ask of the links inside them. */
export interface TunnelLinks {
  tunnelUp(popId: string, overlayAddress: string): void;
  /** The tunnel is down or gone. */
  tunnelDown(popId: string): void;
  /** The tunnel is about to go: the link ends in order. */
  leave(popId: string): void;
  isOpen(popId: string): boolean;
}

export interface ConnectorTunnelsOptions {
  readonly driver: OverlayDriver;
  /** Tunnels to keep at once; Infinity for all. */
  readonly count: number;
  readonly connectorId: string;
  readonly random: Random;
  readonly log: Log;
  /** Finds the address of a name. */
  readonly resolve: (name: string) => Promise<IpAddress | undefined>;
  readonly links: TunnelLinks;
  /** How many streams from a PoP's overlay address are open. */
  readonly streamsFrom: (overlayAddress: string) => number;
}

/**
 * The connector's tunnels. Every PoP of the grant is a peer; those that `PopChoice` asks for are dialled, and the others
 * reach us through them.
 */
export class ConnectorTunnels {
  readonly #options: ConnectorTunnelsOptions;
  readonly #peers: PopPeers<GrantedPop>;
  readonly #choice: PopChoice;
  readonly #words = new PopWords();
  readonly #greeted = new Set<string>();
  /** What came from PoPs through relays, and when it was more than before. */
  readonly #relayed = new Map<string, { readonly receivedBytes: number; readonly atMs: number }>();
  #pops: readonly GrantedPop[] = [];
  #dialled: ReadonlySet<string> = new Set();
  #ticking: NodeJS.Timeout | undefined;

  constructor(options: ConnectorTunnelsOptions) {
    const { count, connectorId, random, links } = options;
    this.#options = options;
    this.#choice = new PopChoice({ count, connectorId, random });
    this.#peers = new PopPeers({ ...options, onRemoved: (popId) => links.tunnelDown(popId) });
  }

  /** The PoP a tunnel id stands for. */
  pop(id: string): GrantedPop | undefined {
    return this.#peers.pop(id);
  }

  /** The same, where this end makes the tunnel. */
  dialled(id: string): GrantedPop | undefined {
    return this.#dialled.has(id) ? this.pop(id) : undefined;
  }

  /** Makes and removes tunnels so that they are those of the grant. */
  follow(grant: SiteGrant): Promise<void> {
    const { driver } = this.#options;
    this.#pops = grant.pops;
    this.#words.follow(new Set(grant.pops.map(({ id }) => id)));
    const choosable = grant.pops.map(({ id, location: { name, latitude, longitude } }) => ({
      ...{ id, place: name, latitude, longitude },
    }));
    this.#choice.follow(choosable, driver.nowMs());
    this.#ticking ??= setInterval(() => void this.#tick(false), CHOICE_INTERVAL_MS);
    return this.#tick(true);
  }

  /** Looks up names again where a tunnel is not up. */
  lookAgain(): Promise<void> {
    return this.#peers.lookAgain();
  }

  /** A tunnel changed: links follow at once. */
  tunnelChanged({ id, state }: TunnelEvent): void {
    if (state === 'down') this.#options.links.tunnelDown(id);
    void this.#tick(false);
  }

  /** A PoP says which PoPs it hears. Gives why it was not believed. */
  heard(fromPopId: string, news: HeardPopsNews): ReachRefusal | undefined {
    const refusal = this.#words.take(fromPopId, news);
    this.#wordsChanged();
    return refusal;
  }

  /** The link with a PoP is gone, and its word with it. */
  linkClosed(popId: string): void {
    this.#words.forget(popId);
    this.#wordsChanged();
  }

  close(): void {
    clearInterval(this.#ticking);
  }

  /** Looks at every tunnel and does what the choice says. */
  async #tick(popsChanged: boolean): Promise<void> {
    const nowMs = this.#options.driver.nowMs();
    const tunnels = new Map(this.#options.driver.node.status(nowMs).map((tunnel) => [tunnel.id, tunnel]));
    this.#choice.observe(new Map([...tunnels].map(([id, tunnel]) => [id, this.#now(tunnel)])), nowMs);
    const dialled = this.#withOpenStreams(this.#choice.poll(nowMs));
    for (let news = this.#choice.nextNews(); news; news = this.#choice.nextNews()) this.#tell(news);
    for (const { id, overlayAddress } of this.#pops) {
      if (!this.#choice.isKept(id)) this.#options.links.leave(id);
      else if (tunnels.get(id)?.directState === 'up') this.#options.links.tunnelUp(id, overlayAddress);
    }
    if (popsChanged || !sameMembers(dialled, this.#dialled)) await this.#dial(dialled);
  }

  /** A tunnel that streams run through is held until they end: the session that seals them would end with it. */
  #withOpenStreams(wanted: ReadonlySet<string>): ReadonlySet<string> {
    const { streamsFrom } = this.#options;
    const held = [...this.#dialled].filter((id) => streamsFrom(this.pop(id)?.overlayAddress ?? '') > 0);
    return held.length === 0 ? wanted : new Set([...wanted, ...held]);
  }

  async #dial(dialled: ReadonlySet<string>): Promise<void> {
    const left = [...this.#dialled].filter((id) => !dialled.has(id));
    this.#dialled = dialled;
    await this.#peers.follow(this.#pops.map((pop) => ({ pop, dials: dialled.has(pop.id) })));
    // A peer that was made anew knows no relays.
    for (const { id } of this.#pops) this.#setRelays(id);
    if (this.#pops.length <= GREETED_POPS) for (const id of left) this.#greet(id);
  }

  #now(tunnel: TunnelStatus): TunnelNow {
    const { links, streamsFrom } = this.#options;
    const address = this.pop(tunnel.id)?.overlayAddress ?? '';
    const direct = tunnel.paths
      .filter(({ kind }) => kind !== 'relay')
      .sort((a, b) => (a.rttMs ?? Infinity) - (b.rttMs ?? Infinity));
    return {
      state: tunnel.directState,
      rttMs: direct[0]?.rttMs,
      loss: direct[0]?.loss ?? 0,
      linkOpen: links.isOpen(tunnel.id),
      busy: streamsFrom(address) > 0 || this.#carriesRelayed(tunnel),
    };
  }

  /** Whether anything came through a relay of late: somebody is about to open a stream, or asks how we are. */
  #carriesRelayed({ id, paths, receivedBytes }: TunnelStatus): boolean {
    const isRelayed = paths.some(({ kind, active }) => kind === 'relay' && active);
    const before = this.#relayed.get(id);
    const nowMs = this.#options.driver.nowMs();
    if (!isRelayed) this.#relayed.delete(id);
    else if (before?.receivedBytes !== receivedBytes) this.#relayed.set(id, { receivedBytes, atMs: nowMs });
    return isRelayed && before !== undefined && nowMs - before.atMs < RELAY_BUSY_MS;
  }

  #wordsChanged(): void {
    const { driver } = this.#options;
    const nowMs = driver.nowMs();
    const doubted = this.#choice.heard(this.#words.merged(), this.#words.lonely(), nowMs);
    for (const popId of doubted) driver.node.ask(popId, nowMs);
    if (doubted.length > 0) driver.wake();
    for (const popId of this.#words.takeChanged()) {
      this.#setRelays(popId);
      if (!this.#greeted.has(popId) && this.#pops.length <= GREETED_POPS) this.#greet(popId);
    }
  }

  #setRelays(popId: string): void {
    const { driver } = this.#options;
    driver.node.setRelays(popId, this.#words.relaysTo(popId), driver.nowMs());
  }

  /**
   * Lets a PoP that we do not dial know us as we are now: its session with us may be one that we no longer have, of before
   * a restart or of a tunnel that we gave up. The attempt makes a new one, by the relay; that it is refused is its answer.
   */
  #greet(popId: string): void {
    const { driver } = this.#options;
    const address = parseIpAddress(this.pop(popId)?.overlayAddress ?? '');
    if (!address || this.#dialled.has(popId) || this.#words.relaysTo(popId).length === 0) return;
    this.#greeted.add(popId);
    try {
      const stream = driver.connect(address, GREETING_PORT, GREETING_TIMEOUT_MS);
      stream.on('error', () => undefined).once('connect', () => stream.destroy());
    } catch {
      // The stack is full; the PoP finds out by itself, only later.
    }
  }

  #tell(news: ChoiceNews): void {
    const { log } = this.#options;
    const nameOf = (id: string) => this.#pops.find((pop) => pop.id === id)?.name ?? id;
    const { popId } = news;
    switch (news.kind) {
      case 'chosen': {
        const { insteadOf } = news;
        const instead = insteadOf === undefined ? '' : ` instead of ${nameOf(insteadOf)}`;
        log.info(`PoP ${nameOf(popId)} chosen${instead}`, { popId, insteadOf });
        return;
      }
      case 'given-up':
        log.info(`PoP ${nameOf(popId)} given up: ${news.because}`, { popId, because: news.because });
    }
  }
}

function sameMembers(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every((id) => b.has(id));
}
