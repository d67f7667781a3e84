/**
 * Every tunnel of the world, without its packets: handshakes are numbers and heartbeats are objects. What decides is the
 * production code: `PathHealth` at both ends, driven as `PathTending` drives it, and the times of `core/overlay`.
 */
import { DIALLING, HEARTBEAT_TICK_MS, RETRY_SCHEDULE_MS } from '../src/core/overlay/constants.ts';
import { HEARTBEAT_BYTES, type Heartbeat } from '../src/core/overlay/heartbeat.ts';
import type { Network, SimNode } from './network.ts';
import { packetOnWire } from './traffic.ts';
import { TunnelEnd } from './tunnel-end.ts';

/** WireGuard's own times (paper, section 6.1), and when keys are wiped. */
const REKEY_AFTER_MS = 120_000;
const WIPE_AFTER_MS = 540_000;
const INITIATION_BYTES = 148 + 28;
const RESPONSE_BYTES = 92 + 28;
const HEARTBEAT_WIRE_BYTES = packetOnWire(HEARTBEAT_BYTES);

export class Tunnels {
  readonly #network: Network;
  /** Ends by the tick in which they are due: deadlines are met to `HEARTBEAT_TICK_MS` in production too. */
  readonly #due = new Map<number, TunnelEnd[]>();
  #tick = 0;
  #sessions = 0;

  constructor(network: Network) {
    this.#network = network;
  }

  dial(owner: SimNode, peer: SimNode): void {
    this.#remove(owner.tunnels.get(peer.index));
    const end = this.#make(owner, peer, true);
    this.#start(end);
  }

  /** The owner forgets the peer's session, and says goodbye where the tunnel works. */
  hangUp(owner: SimNode, peer: SimNode): void {
    const end = owner.tunnels.get(peer.index);
    if (!end) return;
    const works = end.isKeyed && (end.health.state === 'up' || end.health.state === 'suspect');
    if (works) this.#send(end, { ...end.health.last(this.#network.nowMs), goodbye: true });
    this.#remove(end);
    owner.tunnels.delete(peer.index);
  }

  /** A node dies: nothing of it is left. */
  forget(owner: SimNode): void {
    for (const end of owner.tunnels.values()) this.#remove(end);
    owner.tunnels.clear();
  }

  /** Looks at the ends whose time has come. */
  poll(nowMs: number): void {
    if (nowMs % HEARTBEAT_TICK_MS !== 0) return;
    this.#tick = nowMs / HEARTBEAT_TICK_MS;
    const due = this.#due.get(this.#tick) ?? [];
    this.#due.delete(this.#tick);
    for (const end of due) {
      if (end.isRemoved || end.tick !== this.#tick) continue;
      end.tick = Number.POSITIVE_INFINITY;
      this.#tend(end, nowMs);
      this.#schedule(end);
    }
  }

  /** A packet of a user of the tunnel goes out, or comes in. */
  sent(end: TunnelEnd | undefined): void {
    if (end?.health.sent(this.#network.nowMs)) this.#schedule(end);
  }

  received(end: TunnelEnd | undefined): void {
    if (end?.health.received(this.#network.nowMs)) this.#schedule(end);
  }

  /** As `OverlayNode.ask`. */
  ask(end: TunnelEnd | undefined): void {
    end?.health.ask(this.#network.nowMs);
    if (end) this.#schedule(end);
  }

  /** What was sealed with a session came: it counts from now on if it is the one that was answered last. */
  confirm(end: TunnelEnd, session: number): void {
    if (session !== end.pending) return;
    this.#rekey(end, session);
    end.pending = 0;
  }

  #tend(end: TunnelEnd, nowMs: number): void {
    if (end.isKeyed && nowMs - end.sessionAtMs >= WIPE_AFTER_MS) end.session = end.previous = 0;
    const { health, talks } = end;
    if (talks && health.expire(nowMs)) this.#changed(end);
    const heartbeat = talks ? health.poll(nowMs) : health.pollAnswer(nowMs);
    if (!heartbeat || !end.isKeyed) return;
    this.#send(end, heartbeat);
    if (end.dials && nowMs - end.sessionAtMs >= REKEY_AFTER_MS) this.#start(end);
  }

  #send(end: TunnelEnd, heartbeat: Heartbeat): void {
    const { owner, peer, oneWayMs, session } = end;
    this.#network.send(owner, peer, oneWayMs, 'heartbeat', HEARTBEAT_WIRE_BYTES, () => {
      const other = peer.tunnels.get(owner.index);
      if (!other?.opens(session)) return;
      this.confirm(other, session);
      if (heartbeat.goodbye) return this.#ended(other);
      if (other.health.heard(heartbeat, HEARTBEAT_BYTES, this.#network.nowMs)) this.#changed(other);
      this.#schedule(other);
    });
  }

  /** As `PathTending` hears a goodbye. */
  #ended(end: TunnelEnd): void {
    end.session = end.previous = 0;
    end.health.ended(this.#network.nowMs);
    this.#changed(end);
    if (end.dials) this.#start(end);
    this.#schedule(end);
  }

  #start(end: TunnelEnd): void {
    if (end.attempt >= 0) return;
    end.attempt = 0;
    this.#initiate(end);
  }

  #initiate(end: TunnelEnd): void {
    const { owner, peer, oneWayMs } = end;
    const session = ++this.#sessions;
    end.asked = session;
    const waitMs = RETRY_SCHEDULE_MS[end.attempt++] ?? DIALLING.slowRetryMs;
    this.#network.send(owner, peer, oneWayMs, 'handshake', INITIATION_BYTES, () => this.#answer(peer, owner, session));
    this.#network.queue.after(waitMs, () => {
      if (!end.isRemoved && end.asked === session && end.attempt >= 0) this.#initiate(end);
    });
  }

  #answer(responder: SimNode, initiator: SimNode, session: number): void {
    const end = responder.tunnels.get(initiator.index) ?? this.#make(responder, initiator, false);
    end.pending = session;
    this.#network.send(responder, initiator, end.oneWayMs, 'handshake', RESPONSE_BYTES, () => {
      const asking = initiator.tunnels.get(responder.index);
      // An answer to an attempt before the last one is no answer.
      if (asking?.asked !== session || asking.attempt < 0) return;
      asking.attempt = -1;
      this.#rekey(asking, session);
    });
  }

  #rekey(end: TunnelEnd, session: number): void {
    end.previous = end.session;
    end.session = session;
    end.sessionAtMs = this.#network.nowMs;
    end.health.keysRenewed(this.#network.nowMs);
    this.#schedule(end);
  }

  #changed(end: TunnelEnd): void {
    if (end.state === end.health.state) return;
    end.state = end.health.state;
    if (end.dials && (end.state === 'suspect' || end.state === 'down')) this.#start(end);
    end.owner.tunnelChanged(end);
  }

  #schedule(end: TunnelEnd): void {
    if (end.isRemoved) return;
    const tick = Math.max(this.#tick + 1, Math.ceil(end.nextDeadlineMs() / HEARTBEAT_TICK_MS));
    if (tick >= end.tick) return;
    end.tick = tick;
    const due = this.#due.get(tick);
    if (due) due.push(end);
    else this.#due.set(tick, [end]);
  }

  #make(owner: SimNode, peer: SimNode, dials: boolean): TunnelEnd {
    const { nowMs } = this.#network;
    const end = new TunnelEnd(owner, peer, dials, this.#network.oneWayMs(owner, peer), nowMs);
    owner.tunnels.set(peer.index, end);
    this.#schedule(end);
    return end;
  }

  #remove(end: TunnelEnd | undefined): void {
    if (end) end.isRemoved = true;
  }
}
