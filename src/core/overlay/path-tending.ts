import { DatagramBatch, type DeadlineHeap } from '../../base/index.ts';
import type { NetstackPort } from '../netstack/index.ts';
import { DATA_HEADER_BYTES, type WireguardDevice } from '../wireguard/index.ts';
import { HEARTBEAT_TICK_MS } from './constants.ts';
import { EGRESS_OVERHEAD_BYTES, type Egress } from './egress.ts';
import { emitHeartbeat, HEARTBEAT_BYTES, type Heartbeat } from './heartbeat.ts';
import type { PathKind } from './path.ts';
import { choosePath, comparePaths } from './path-choice.ts';
import type { PathState } from './path-health.ts';
import type { PathTable } from './path-table.ts';
import type { OverlayPeer, PeerPath } from './peer.ts';
import { StallGuard } from './stall-guard.ts';

/** The state of a tunnel, of its direct path, or the path that packets take has changed. `previous…`: as it was before. */
export interface TunnelEvent {
  readonly id: string;
  readonly state: PathState;
  readonly previous: PathState;
  /** How packets travel now; undefined while there is no path. */
  readonly path: PathKind | undefined;
  readonly previousPath: PathKind | undefined;
  /** Id of the relay, where `path` is one. */
  readonly via: string | undefined;
  /** State of the better direct path; `unproven` where there is none. */
  readonly directState: PathState;
}

export interface PathTendingOptions {
  readonly device: WireguardDevice;
  readonly netstack: NetstackPort;
  readonly ownAddress: Uint8Array;
  readonly egress: Egress;
  readonly paths: PathTable;
  readonly deadlines: DeadlineHeap<OverlayPeer>;
}

/** Keeps the paths of all peers known: sends heartbeats and probes, chooses paths, and tells who must know. */
export class PathTending {
  readonly #options: PathTendingOptions;
  readonly #events: TunnelEvent[] = [];
  readonly stallGuard = new StallGuard();
  /** Room for one goodbye. */
  readonly #last = new DatagramBatch(HEARTBEAT_BYTES + EGRESS_OVERHEAD_BYTES, 1);

  constructor(options: PathTendingOptions) {
    this.#options = options;
  }

  nextEvent(): TunnelEvent | undefined {
    return this.#events.shift();
  }

  /** Makes sure that the peer is looked at when it must be. */
  schedule(peer: OverlayPeer): void {
    this.#options.deadlines.ensure(peer, peer.nextDeadlineMs());
  }

  /** Looks at every peer whose time has come. */
  poll(batch: DatagramBatch, nowMs: number): void {
    const { deadlines } = this.#options;
    const judgesAtMs = this.stallGuard.turnBegan(nowMs);
    while (deadlines.earliestMs <= nowMs && batch.hasRoomFor(HEARTBEAT_BYTES + EGRESS_OVERHEAD_BYTES)) {
      const peer = deadlines.takeDue(nowMs);
      if (!peer) return;
      this.#tend(peer, batch, judgesAtMs === undefined, nowMs);
      const againMs = Math.max(peer.nextDeadlineMs(), nowMs + HEARTBEAT_TICK_MS);
      deadlines.ensure(peer, judgesAtMs === undefined ? againMs : Math.min(againMs, judgesAtMs));
    }
  }

  /** New keys: every path is asked at once. */
  keysRenewed(peer: OverlayPeer, nowMs: number): void {
    peer.keyed = true;
    for (const path of peer.paths) if (peer.talksOver(path)) path.health.keysRenewed(nowMs);
    this.schedule(peer);
  }

  /** The direct paths of a peer are asked now. */
  ask(peer: OverlayPeer, nowMs: number): void {
    for (const path of [peer.udp, peer.tls]) if (path && peer.talksOver(path)) path.health.ask(nowMs);
    this.schedule(peer);
  }

  /** Our session with a peer is about to be forgotten: it hears so by every direct path that works, sent at the next `poll`. */
  sayGoodbye(peer: OverlayPeer, nowMs: number): void {
    for (const path of [peer.udp, peer.tls]) {
      if (!path || !peer.keyed || (path.health.state !== 'up' && path.health.state !== 'suspect')) continue;
      this.#send(path, { ...path.health.last(nowMs), goodbye: true }, HEARTBEAT_BYTES, this.#last, nowMs);
      if (this.#last.count > 0) this.#options.egress.hold(this.#last.bytesOf(0), path.endpoint);
      this.#last.clear();
    }
  }

  /** Takes in a heartbeat that came by a path. */
  heard(path: PeerPath, heartbeat: Heartbeat, sizeBytes: number, nowMs: number): void {
    const { peer } = path;
    if (heartbeat.goodbye) {
      this.#heardGoodbye(peer, nowMs);
      return;
    }
    const hasState = path.health.heard(heartbeat, sizeBytes, nowMs);
    const hasLoss = path.judgeLoss();
    if (heartbeat.largestHeardBytes > 0 && path.mtu.proved(heartbeat.largestHeardBytes, nowMs)) {
      this.#mtuChanged(path, nowMs);
    }
    path.mtu.answered(heartbeat.echo, nowMs);
    const avoids = heartbeat.avoids === true;
    if (hasState || hasLoss || avoids !== path.avoidedByPeer) {
      path.avoidedByPeer = avoids;
      this.choose(peer, nowMs);
    }
    this.schedule(peer);
  }

  /** What is sealed with our keys is not understood there any more: no direct path works until there are new ones. */
  #heardGoodbye(peer: OverlayPeer, nowMs: number): void {
    peer.keyed = false;
    for (const path of [peer.udp, peer.tls]) path?.health.ended(nowMs);
    this.choose(peer, nowMs);
    if (peer.dials) this.#options.device.startHandshake(peer.handle, nowMs);
    this.schedule(peer);
  }

  /** Has packets take the other direct path while that is a good one, in both directions, or no longer so. */
  avoid(path: PeerPath, avoids: boolean, nowMs: number): void {
    if (path.avoidedByUs === avoids) return;
    path.avoidedByUs = avoids;
    // The other end learns it from the next heartbeat.
    path.health.keysRenewed(nowMs);
    this.choose(path.peer, nowMs);
    this.schedule(path.peer);
  }

  /** Chooses the peer's path anew, and tells who must know if anything came out otherwise. */
  choose(peer: OverlayPeer, nowMs: number): void {
    if (peer.isRemoved) return;
    const before = { active: peer.active, state: peer.state, directState: peer.directState };
    this.#chooseDirect(peer, nowMs);
    const { path, againAtMs } = choosePath(peer.paths, peer.active, peer.activeSinceMs, nowMs);
    peer.chooseAtMs = againAtMs;
    if (path !== peer.active) this.#move(peer, path, nowMs);
    this.#options.device.setEndpoint(peer.handle, path?.endpoint);
    if (path !== before.active) this.#options.device.hurryHandshake(peer.handle, nowMs);
    peer.state = path?.state(nowMs) ?? 'unproven';
    if (peer.state !== before.state) peer.stateChangedAtMs = nowMs;
    if (path && path === before.active && peer.state === 'up' && before.state !== 'up' && before.state !== 'unproven') {
      this.#options.netstack.pathChanged(peer.overlayAddress, path.mtu.mtu, nowMs);
    }
    const hasMoved = peer.active !== before.active && before.active !== undefined;
    if (!hasMoved && peer.state === before.state && peer.directState === before.directState) return;
    this.#tell(peer, before);
    if (peer.directState === before.directState) return;
    // Whoever dials asks for new keys: the other end may have lost them in a restart.
    const isLost = peer.directState === 'suspect' || peer.directState === 'down';
    if (peer.dials && isLost) this.#options.device.startHandshake(peer.handle, nowMs);
    for (const other of peer.relayed) {
      this.choose(other, nowMs);
      this.schedule(other);
    }
  }

  #chooseDirect(peer: OverlayPeer, nowMs: number): void {
    const { udp, tls } = peer;
    peer.direct = udp && tls ? (comparePaths(tls, udp, nowMs) < 0 ? tls : udp) : (udp ?? tls);
    peer.directState = peer.direct?.health.state ?? 'unproven';
  }

  #move(peer: OverlayPeer, path: PeerPath | undefined, nowMs: number): void {
    const { netstack } = this.#options;
    const left = peer.active;
    peer.active = path;
    peer.activeSinceMs = nowMs;
    if (left?.via && left.isLossy) left.failed(nowMs);
    if (left?.via && (left.isLossy || left.health.state === 'suspect' || left.health.state === 'down')) {
      left.putAside(nowMs);
    }
    if (!path) return;
    if (left) netstack.pathChanged(peer.overlayAddress, path.mtu.mtu, nowMs);
    else netstack.mtuChanged(peer.overlayAddress, path.mtu.mtu, nowMs);
  }

  #tell(peer: OverlayPeer, before: { active: PeerPath | undefined; state: PathState }): void {
    this.#events.push({
      id: peer.id,
      state: peer.state,
      previous: before.state,
      path: peer.active?.kind,
      previousPath: before.active?.kind,
      via: peer.active?.via?.id,
      directState: peer.directState,
    });
  }

  #tend(peer: OverlayPeer, batch: DatagramBatch, mayJudge: boolean, nowMs: number): void {
    let changed = nowMs >= peer.chooseAtMs;
    for (const path of peer.paths) {
      if (path.isUsed && nowMs >= path.usedUntilMs) {
        this.#rest(path, nowMs);
        changed = true;
      }
      const was = path.health.state;
      if (mayJudge && peer.talksOver(path) && path.health.expire(nowMs)) {
        changed = true;
        if (was === 'up' || (path.via && was === 'unproven')) path.failed(nowMs);
        if (path.via && path.health.state === 'down') path.putAside(nowMs);
      }
      if (this.#speak(path, batch, nowMs)) changed = true;
    }
    if (changed) this.choose(peer, nowMs);
  }

  #rest(path: PeerPath, nowMs: number): void {
    path.rest(nowMs);
    if (!path.isOffered) this.#options.paths.removeRelay(path);
  }

  /** Sends what is due over a path: heartbeats of our own, answers, probes. Returns whether the path failed. */
  #speak(path: PeerPath, batch: DatagramBatch, nowMs: number): boolean {
    const { peer, health } = path;
    if (!batch.hasRoomFor(HEARTBEAT_BYTES + EGRESS_OVERHEAD_BYTES)) return false;
    const talks = peer.talksOver(path);
    const heartbeat = talks ? health.poll(nowMs) : health.pollAnswer(nowMs);
    if (heartbeat && peer.keyed) this.#send(path, heartbeat, HEARTBEAT_BYTES, batch, nowMs);
    if (!talks || !peer.keyed) return false;
    if (health.foundSilence()) path.mtu.doubt(nowMs);
    if (!health.isCalm) path.mtu.pause(nowMs);
    else if (path.mtu.expire(nowMs)) return this.#losesLargePackets(path, nowMs);
    else this.#probe(path, batch, nowMs);
    return false;
  }

  /** A direct path takes smaller packets from now on; a relay that loses packets of the size that is due to it has failed. */
  #losesLargePackets(path: PeerPath, nowMs: number): boolean {
    if (!path.via) {
      this.#mtuChanged(path, nowMs);
      return false;
    }
    path.failed(nowMs);
    path.putAside(nowMs);
    return true;
  }

  #probe(path: PeerPath, batch: DatagramBatch, nowMs: number): void {
    const { health, mtu } = path;
    mtu.wake(nowMs, health.isBusy(nowMs));
    if (!batch.hasRoomFor(mtu.probeBytes + EGRESS_OVERHEAD_BYTES)) return;
    const sizeBytes = mtu.poll(health.nextSequence, nowMs);
    if (sizeBytes > 0) this.#send(path, health.probe(nowMs), sizeBytes, batch, nowMs);
  }

  #send(path: PeerPath, heartbeat: Heartbeat, sizeBytes: number, batch: DatagramBatch, nowMs: number): void {
    const { ownAddress, egress } = this.#options;
    const at = batch.tail + DATA_HEADER_BYTES;
    const said = path.avoidedByUs ? { ...heartbeat, avoids: true } : heartbeat;
    emitHeartbeat(batch.slab, at, ownAddress, path.peer.overlayAddress.bytes, said, sizeBytes);
    egress.send(path.peer, path, batch, sizeBytes, nowMs);
  }

  #mtuChanged(path: PeerPath, nowMs: number): void {
    const { peer } = path;
    if (path === peer.active) this.#options.netstack.mtuChanged(peer.overlayAddress, path.mtu.mtu, nowMs);
  }
}
