/**
 * Streams inside the tunnels, as far as nodes talk over them: lines arrive whole and in order, late where a packet was lost,
 * not at all while the tunnel carries nothing; a restarted node answers what it does not know with a reset.
 */
import type { Network, SimNode } from './network.ts';
import { ACKNOWLEDGEMENT_BYTES, lineOnWire, packetOnWire, type TrafficKind } from './traffic.ts';
import type { Tunnels } from './tunnels.ts';

/** What is said, as an object: encoding and decoding it is tested elsewhere. */
export interface Line {
  readonly kind: TrafficKind;
  readonly chars: number;
  readonly message: unknown;
}

export interface LinkEvents {
  opened?(): void;
  line(message: unknown): void;
  /** The other end ended or reset it, not we. */
  closed(): void;
}

const FIRST_RETRY_MS = 200;
const SYN_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 60_000;
const KEEP_ALIVE_MS = 30_000;
const CONTROL_PACKET_BYTES = packetOnWire(72);
const SILENT: LinkEvents = { line: () => undefined, closed: () => undefined };

/** One end of a stream. */
export class LinkEnd {
  readonly node: SimNode;
  readonly peer: SimNode;
  events: LinkEvents = SILENT;
  state: 'opening' | 'open' | 'closed' = 'opening';
  /** Lines behind one that was lost. */
  readonly waiting: Line[] = [];
  /** The other end's request to open it was taken. */
  isAccepted = false;
  isRetrying = false;
  retryMs = 0;
  lastArrivalMs = 0;
  usedAtMs = 0;
  readonly #links: Links;
  #other: LinkEnd | undefined;

  constructor(links: Links, node: SimNode, peer: SimNode) {
    this.#links = links;
    this.node = node;
    this.peer = peer;
  }

  get other(): LinkEnd {
    return this.#other as LinkEnd;
  }

  join(other: LinkEnd): void {
    this.#other = other;
  }

  send(line: Line): void {
    if (this.state === 'closed') return;
    if (this.isRetrying || this.state === 'opening') this.waiting.push(line);
    else this.#links.transmit(this, line);
  }

  /** We end it; the other end hears of it if the tunnel still carries anything. */
  end(): void {
    if (this.state === 'closed') return;
    this.vanish();
    this.#links.tellEnd(this);
  }

  /** Gone without a word. */
  vanish(): void {
    this.state = 'closed';
    this.waiting.length = 0;
  }
}

export class Links {
  readonly #network: Network;
  readonly #tunnels: Tunnels;
  /** Whether a node takes a link, and what it does with it. */
  accept: (end: LinkEnd) => boolean = () => false;

  constructor(network: Network, tunnels: Tunnels) {
    this.#network = network;
    this.#tunnels = tunnels;
  }

  open(from: SimNode, to: SimNode, events: LinkEvents): LinkEnd {
    const end = new LinkEnd(this, from, to);
    end.join(new LinkEnd(this, to, from));
    end.other.join(end);
    end.events = events;
    this.#ask(end, SYN_RETRY_MS);
    return end;
  }

  transmit(end: LinkEnd, line: Line): void {
    const { bytes, packets } = lineOnWire(line.chars);
    end.node.traffic.add(line.kind, bytes);
    end.usedAtMs = this.#network.nowMs;
    const arrived = this.#carry(end, packets, () => this.#deliver(end, line, packets));
    if (arrived) end.retryMs = 0;
    else this.#retry(end, line);
  }

  tellEnd(end: LinkEnd): void {
    this.#carry(end, 1, () => this.#close(end.other));
  }

  #ask(end: LinkEnd, retryMs: number): void {
    if (end.state !== 'opening' || !end.node.isAlive) return;
    end.node.traffic.add('link', CONTROL_PACKET_BYTES);
    this.#carry(end, 1, () => {
      const { other } = end;
      if (other.isAccepted) return;
      if (other.state === 'closed' || !this.accept(other)) return this.#reset(end);
      other.isAccepted = true;
      this.#opened(end);
    });
    this.#network.queue.after(retryMs, () => this.#ask(end, Math.min(2 * retryMs, LONGEST_RETRY_MS)));
  }

  /** The answer to a request to open. Taken not to be lost: what is sent over the stream next would make good for it. */
  #opened(end: LinkEnd): void {
    end.other.node.traffic.add('link', CONTROL_PACKET_BYTES);
    this.#network.queue.after(this.#oneWayMs(end), () => {
      const { other } = end;
      if (end.state !== 'opening' || other.state !== 'opening')
        return this.#reset(end.state === 'opening' ? end : other);
      end.state = 'open';
      other.state = 'open';
      for (const one of [end, other]) this.#keepAlive(one);
      end.events.opened?.();
      for (const one of [end, other]) this.#flush(one);
    });
  }

  #deliver(end: LinkEnd, line: Line, packets: number): void {
    const { other } = end;
    if (other.state !== 'open') {
      this.#reset(end);
      return;
    }
    const { nowMs } = this.#network;
    const tunnel = other.node.tunnels.get(end.node.index);
    this.#tunnels.received(tunnel);
    other.node.traffic.add(line.kind, ACKNOWLEDGEMENT_BYTES * Math.ceil(packets / 2), 0);
    this.#tunnels.sent(tunnel);
    other.usedAtMs = nowMs;
    if (this.#network.passes(other.node, end.node)) {
      this.#network.queue.after(this.#oneWayMs(end), () =>
        this.#tunnels.received(end.node.tunnels.get(end.peer.index)),
      );
    }
    other.events.line(line.message);
  }

  /** Sends packets in order. Whether they get through; if they do, `arrived` is called there. */
  #carry(end: LinkEnd, packets: number, arrived: () => void): boolean {
    const { node, peer } = end;
    const tunnel = node.tunnels.get(peer.index);
    if (!tunnel?.isKeyed) return false;
    this.#tunnels.sent(tunnel);
    const { session } = tunnel;
    const there = peer.tunnels.get(node.index);
    if (!peer.isAlive || !there?.opens(session) || !this.#network.survives(node, peer, packets)) return false;
    const atMs = Math.max(end.lastArrivalMs, this.#network.nowMs + this.#network.delayMs(tunnel.oneWayMs));
    end.lastArrivalMs = atMs;
    this.#network.queue.at(atMs, () => {
      const now = peer.tunnels.get(node.index);
      if (!peer.isAlive || !now) return;
      this.#tunnels.confirm(now, session);
      arrived();
    });
    return true;
  }

  #retry(end: LinkEnd, line: Line): void {
    end.isRetrying = true;
    end.retryMs = Math.min(LONGEST_RETRY_MS, Math.max(FIRST_RETRY_MS + 2 * this.#oneWayMs(end), 2 * end.retryMs));
    this.#network.queue.after(end.retryMs, () => {
      if (end.state !== 'open') return;
      end.isRetrying = false;
      this.transmit(end, line);
      this.#flush(end);
    });
  }

  #flush(end: LinkEnd): void {
    while (end.state === 'open' && !end.isRetrying) {
      const line = end.waiting.shift();
      if (!line) return;
      this.transmit(end, line);
    }
  }

  #reset(end: LinkEnd): void {
    end.other.node.traffic.add('link', CONTROL_PACKET_BYTES);
    this.#network.queue.after(this.#oneWayMs(end), () => this.#close(end));
  }

  #close(end: LinkEnd): void {
    if (end.state === 'closed' || !end.node.isAlive) return;
    end.vanish();
    end.events.closed();
  }

  /** A stream that is silent for long is asked whether it lives. */
  #keepAlive(end: LinkEnd): void {
    if (end.usedAtMs === 0) end.usedAtMs = this.#network.nowMs;
    this.#network.queue.after(Math.max(1, end.usedAtMs + KEEP_ALIVE_MS - this.#network.nowMs), () => {
      if (end.state !== 'open') return;
      if (this.#network.nowMs - end.usedAtMs >= KEEP_ALIVE_MS) {
        end.usedAtMs = this.#network.nowMs;
        end.node.traffic.add('link', CONTROL_PACKET_BYTES);
        this.#carry(end, 1, () => {
          if (end.other.state !== 'open') this.#reset(end);
          else end.other.usedAtMs = this.#network.nowMs;
        });
      }
      this.#keepAlive(end);
    });
  }

  #oneWayMs(end: LinkEnd): number {
    return this.#network.oneWayMs(end.node, end.peer);
  }
}
