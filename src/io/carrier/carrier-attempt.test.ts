// One PoP's carrier, kept open over failures: a dialer that a test plays, and time that it tells.
import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import type { WebSocket } from 'ws';
import type { Endpoint } from '../../base/index.ts';
import { VirtualClock } from '../../testing/virtual-clock.ts';
import { createLog } from '../log.ts';
import { CarrierAttempt } from './carrier-attempt.ts';
import type { CarrierAddress, CarrierDialer, DialledCarrier } from './carrier-dialer.ts';
import { Carriers } from './carriers.ts';
import { DEAD_MS, RETRY_FIRST_MS, RETRY_MAX_MS, STABLE_MS } from './constants.ts';

/** A WebSocket that is open until somebody ends it. */
class OpenSocket extends EventEmitter {
  readonly bufferedAmount = 0;
  close(): void {
    this.emit('close');
  }
  terminate(): void {
    this.emit('close');
  }
}

class Story {
  readonly clock = new VirtualClock();
  readonly dialled: string[] = [];
  readonly opened: Endpoint[] = [];
  readonly sockets: OpenSocket[] = [];
  addresses: CarrierAddress[] = [{ endpoint: 'one:443' }, { endpoint: 'two:443' }];
  answers: 'open' | 'fail' | 'wait' = 'open';
  aborted = 0;
  readonly carriers = new Carriers({
    clock: this.clock,
    receiver: { receiveCarried: () => undefined, wake: () => undefined },
  });
  readonly attempt = new CarrierAttempt({
    carriers: this.carriers,
    clock: this.clock,
    log: createLog({ level: 'silent' }),
    jitter: () => 1,
    addresses: () => this.addresses,
    opened: (endpoint) => this.opened.push(endpoint),
    dialer: {
      dial: async (address: CarrierAddress, signal: AbortSignal): Promise<DialledCarrier> => {
        this.dialled.push(address.endpoint);
        signal.addEventListener('abort', () => this.aborted++);
        if (this.answers === 'wait') return new Promise(() => undefined);
        if (this.answers === 'fail') throw new Error('nobody is there');
        const socket = new OpenSocket();
        this.sockets.push(socket);
        return { socket: socket as unknown as WebSocket, distrust: undefined };
      },
    } as unknown as CarrierDialer,
  });

  /** Keeps it for a while; what was dialled is there a moment later. */
  async keep(forMs: number, path: 'up' | 'down' | 'unknown' = 'up'): Promise<void> {
    for (let passed = 0; passed <= forMs; passed += 50) {
      this.attempt.keep(path === 'unknown' ? undefined : path, this.clock.nowMs());
      await new Promise((resolve) => setImmediate(resolve));
      if (passed < forMs) this.clock.advance(50);
    }
  }
}

test('a carrier is opened once, and told again where the overlay has lost sight of it', async () => {
  const story = new Story();
  await story.keep(1_000);
  assert.deepEqual(story.dialled, ['one:443']);
  assert.equal(story.opened.length, 1);
  await story.keep(0, 'unknown');
  assert.deepEqual(story.opened, [story.opened[0], story.opened[0]]);
});

test('a carrier that does not open is tried at every address in turn, ever more seldom', async () => {
  const story = new Story();
  story.answers = 'fail';
  await story.keep(RETRY_FIRST_MS * 7 + 200);
  assert.deepEqual(story.dialled, ['one:443', 'two:443', 'one:443', 'two:443']);
  await story.keep(600_000);
  const before = story.dialled.length;
  await story.keep(RETRY_MAX_MS * 10);
  assert.ok(
    story.dialled.length - before <= 11,
    `${story.dialled.length - before} tries in ten times the longest pause`,
  );
});

test('a PoP without an address is waited for', async () => {
  const story = new Story();
  story.addresses = [];
  await story.keep(1_000);
  story.addresses = [{ endpoint: 'one:443' }];
  await story.keep(3_000);
  assert.deepEqual(story.dialled, ['one:443']);
});

test('a carrier that was cut is opened again: soon after it lived, later where it never did', async () => {
  const story = new Story();
  await story.keep(STABLE_MS);
  story.sockets[0]?.terminate();
  await story.keep(RETRY_FIRST_MS + 100);
  assert.equal(story.dialled.length, 2);
  story.sockets[1]?.terminate();
  await story.keep(RETRY_FIRST_MS + 50);
  assert.equal(story.dialled.length, 2);
  await story.keep(RETRY_FIRST_MS + 100);
  assert.equal(story.dialled.length, 3);
});

test('an open carrier by which nothing comes is cut and opened anew', async () => {
  const story = new Story();
  await story.keep(1_000);
  await story.keep(DEAD_MS - 200, 'down');
  assert.equal(story.carriers.counters().ended.dead, undefined);
  await story.keep(1_000, 'down');
  assert.equal(story.carriers.counters().ended.dead, 1);
  await story.keep(1_000);
  assert.equal(story.dialled.length, 2);
});

test('an attempt that is stopped gives up what it began, and begins anew when it is kept again', async () => {
  const story = new Story();
  story.answers = 'wait';
  await story.keep(100);
  story.attempt.stop();
  assert.equal(story.aborted, 1);
  story.answers = 'open';
  await story.keep(100);
  assert.equal(story.carriers.size, 1);
  story.attempt.stop();
  assert.equal(story.carriers.size, 0);
});
