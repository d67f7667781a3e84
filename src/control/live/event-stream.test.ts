import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { describe, test } from 'node:test';
import { VirtualClock } from '../../testing/virtual-clock.ts';
import {
  LIVE_BACKLOG_MAX_BYTES,
  LIVE_BACKLOG_OF_NODE_MAX_BYTES,
  LIVE_BACKLOG_OF_ORGANISATION_MAX_BYTES,
  LIVE_STREAMS_MAX,
  LIVE_STREAMS_OF_ORGANISATION_MAX,
  LIVE_STUCK_MS,
} from './constants.ts';
import { EventStreamWriter } from './event-stream.ts';
import { LiveBacklog } from './live-backlog.ts';

/** A client that reads when it likes to. */
class SlowResponse extends EventEmitter {
  writableLength = 0;
  writableEnded = false;
  destroyed = false;
  reads = false;
  writeHead(): void {}
  write(text: string): boolean {
    if (!this.reads) this.writableLength += text.length;
    return this.reads || this.writableLength < 16_384;
  }
  read(): void {
    this.writableLength = 0;
    this.emit('drain');
  }
  destroy(): void {
    this.destroyed = true;
    this.writableLength = 0;
    this.emit('close');
  }
}

const clock = new VirtualClock();
const EVENT = 'x'.repeat(8_000);

function open(backlog: LiveBacklog, organisationId = 'org') {
  const response = new SlowResponse();
  const writer = new EventStreamWriter(response as unknown as ServerResponse, { clock, organisationId, backlog });
  return { response, writer };
}

/** What waits, of all of them. */
const waiting = (streams: readonly { response: SlowResponse }[]): number =>
  streams.reduce((sum, { response }) => sum + response.writableLength, 0);

describe('whoever reads slowly', () => {
  test('has so much waiting and no more; one large event alone gets through', () => {
    const { response, writer } = open(new LiveBacklog());
    writer.send('network', 'x'.repeat(LIVE_BACKLOG_MAX_BYTES * 2));
    assert.equal(response.destroyed, false);
    writer.send('event', 1);
    assert.equal(response.destroyed, true);
    assert.equal(writer.isOver, true);
  });

  test('is cut off when nothing has gone for a while, however little waits; who reads on stays', () => {
    const [stuck, slow] = [open(new LiveBacklog()), open(new LiveBacklog())];
    for (let i = 0; i < 3; i++) for (const { writer } of [stuck, slow]) writer.send('event', EVENT);
    clock.advance(LIVE_STUCK_MS);
    slow.response.read();
    clock.advance(1);
    for (const { writer } of [stuck, slow]) writer.beat();
    assert.deepEqual([stuck.response.destroyed, slow.response.destroyed], [true, false]);
  });

  test('many of one organisation have a share of it together, and nobody else loses by it', () => {
    const backlog = new LiveBacklog();
    const theirs = Array.from({ length: LIVE_STREAMS_OF_ORGANISATION_MAX }, () => open(backlog, 'greedy'));
    const other = open(backlog, 'other');
    for (let i = 0; i < 20; i++)
      for (const { writer } of [...theirs, other]) {
        writer.send('event', EVENT);
        assert.ok(waiting(theirs) <= LIVE_BACKLOG_OF_ORGANISATION_MAX_BYTES);
      }
    assert.ok(backlog.cut > 0);
    assert.equal(other.response.destroyed, false);
  });

  test('as many as there may be hold no more memory than is said', () => {
    const backlog = new LiveBacklog();
    const all = Array.from({ length: LIVE_STREAMS_MAX }, (_, i) => open(backlog, `org-${i % 50}`));
    for (let i = 0; i < 30; i++) for (const { writer } of all) writer.send('event', EVENT);
    assert.ok(waiting(all) <= LIVE_BACKLOG_OF_NODE_MAX_BYTES + LIVE_STREAMS_MAX * 16_384);
    const quick = open(backlog, 'calm');
    quick.response.reads = true;
    for (let i = 0; i < 100; i++) quick.writer.send('event', EVENT);
    assert.equal(quick.response.destroyed, false, 'who keeps up is never cut off');
  });
});
