/** Streams of a simulated overlay that are always full, numbered byte by byte, and timed. */
import assert from 'node:assert/strict';
import type { TcpConnection } from '../core/netstack/index.ts';
import type { OverlayWorld, WorldNode } from './overlay-world.ts';

const CHUNK_BYTES = 4_000;

function patternAt(position: number): number {
  return (position ^ (position >>> 8) ^ (position >>> 16)) & 0xff;
}

/** One direction of a stream: written by `sender` as fast as `bytesPerTick` says, checked at the other end. */
class Flow {
  readonly #sender: TcpConnection;
  #written = 0;
  #read = 0;
  #isIntact = true;
  readonly #readAtMs: number[] = [];

  constructor(sender: TcpConnection, receiver: WorldNode, connection: TcpConnection) {
    this.#sender = sender;
    receiver.readers.set(connection, (chunk, atMs) => this.#take(chunk, atMs));
  }

  write(bytes: number): void {
    for (let left = bytes; left > 0; ) {
      const start = this.#written;
      const chunk = Uint8Array.from({ length: Math.min(left, CHUNK_BYTES) }, (_, i) => patternAt(start + i));
      const taken = this.#sender.write(chunk);
      this.#written += taken;
      left -= taken;
      if (taken < chunk.length) return;
    }
  }

  get unread(): number {
    return this.#written - this.#read;
  }

  get read(): number {
    return this.#read;
  }

  get isIntact(): boolean {
    return this.#isIntact;
  }

  /** The longest time without a byte that ended after `sinceMs`, the one that runs at `nowMs` included. */
  stallMs(sinceMs: number, nowMs: number): number {
    let longest = 0;
    let before = sinceMs;
    for (const atMs of [...this.#readAtMs, nowMs]) {
      if (atMs > sinceMs) longest = Math.max(longest, atMs - before);
      before = Math.max(before, atMs);
    }
    return longest;
  }

  #take(chunk: Uint8Array, atMs: number): void {
    for (const byte of chunk) if (byte !== patternAt(this.#read++)) this.#isIntact = false;
    this.#readAtMs.push(atMs);
  }
}

/** A stream from one node to another that carries a flow both ways. */
export class TwoWayStream {
  readonly near: TcpConnection;
  readonly far: TcpConnection;
  /** From the node that opened the stream. */
  readonly up: Flow;
  /** Towards it. */
  readonly down: Flow;
  readonly #world: OverlayWorld;

  constructor(world: OverlayWorld, from: WorldNode, to: WorldNode, withinMs = 5_000) {
    this.#world = world;
    const near = from.overlay.netstack.connectTcp({ to: to.address, port: 80, nowMs: world.nowMs });
    const isFar = (one: TcpConnection) =>
      one.remote.port === near.local.port && one.remote.address.text === from.address.text;
    for (let ms = 0; ms < withinMs && !to.accepted.some(isFar); ms += 10) world.run(10);
    const far = to.accepted.find(isFar);
    assert.ok(far, `no stream from ${from.name} to ${to.name} (seed ${world.random.seed})`);
    this.near = near;
    this.far = far;
    this.up = new Flow(near, to, far);
    this.down = new Flow(far, from, near);
  }

  /** Keeps both directions full for a while. */
  run(forMs: number, bytesPerTick = 3_000): void {
    for (let ms = 0; ms < forMs; ms += 10) {
      this.up.write(bytesPerTick);
      this.down.write(bytesPerTick);
      this.#world.run(10);
    }
  }

  /** Writes no more and says that every byte arrived as it was. */
  finish(withinMs = 10_000): void {
    for (let ms = 0; ms < withinMs && this.up.unread + this.down.unread > 0; ms += 10) this.#world.run(10);
    const seed = `(seed ${this.#world.random.seed})`;
    assert.equal(this.up.unread, 0, `bytes of the near end are missing ${seed}`);
    assert.equal(this.down.unread, 0, `bytes of the far end are missing ${seed}`);
    assert.ok(this.up.isIntact && this.down.isIntact, `bytes changed on the way ${seed}`);
  }

  stallMs(sinceMs: number): number {
    const { nowMs } = this.#world;
    return Math.max(this.up.stallMs(sinceMs, nowMs), this.down.stallMs(sinceMs, nowMs));
  }
}
