import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import { DEFAULT_CAPTURE } from '../../core/capture/index.ts';
import { Counters } from '../counters.ts';
import type { AtResource } from '../door.ts';
import { RequestTrack } from '../request-log/request-track.ts';
import { Captures, type CapturesMessage } from './captures.ts';
import { CAPTURE_OVERHEAD_BYTES, CAPTURES_OF_RESOURCE_PER_SECOND, CAPTURES_PER_SECOND } from './constants.ts';

const BODIES = { ...DEFAULT_CAPTURE, bodies: true, bodyBytes: 1000 };

function at(resourceId: string, settings = BODIES, nowUnixMs = 1): AtResource {
  const rawHeaders = ['content-type', 'text/plain'];
  const request = { rawHeaders };
  const context = {
    requestId: `1-${resourceId}`,
    nowUnixMs,
    method: 'POST',
    host: 'a',
    target: { path: '/', query: '' },
    request,
  };
  const resource = { record: { id: resourceId, capture: settings } };
  return { kind: 'resource', context, resource, track: new RequestTrack() } as unknown as AtResource;
}

class World {
  readonly counters = new Counters();
  readonly captures: Captures;
  readonly sent: CapturesMessage[] = [];

  constructor(roomBytes?: number) {
    this.captures = new Captures(this.counters, roomBytes);
  }

  request(resourceId: string, body = '', settings = BODIES, nowUnixMs = 1): { end(): void; isCaptured: boolean } {
    const response = new EventEmitter();
    const where = at(resourceId, settings, nowUnixMs);
    const capture = this.captures.begin(where, response as never);
    if (body !== '') capture?.watching(undefined).passes?.(Buffer.from(body));
    return { end: () => void response.emit('close'), isCaptured: where.track.isCaptured };
  }

  tick(): void {
    this.captures.tick((message) => this.sent.push(message) > 0);
  }
}

test('of a second so many of a resource and of all are captured, and the rest is counted', () => {
  const world = new World();
  for (let i = 0; i < CAPTURES_OF_RESOURCE_PER_SECOND + 3; i++) world.request('app').end();
  assert.equal(world.counters.of('captures', 'too-many'), 3);
  for (let i = 0; i < CAPTURES_PER_SECOND; i++) world.request(`app-${i}`).end();
  world.tick();
  assert.equal(world.sent.flatMap(({ records }) => records).length, CAPTURES_PER_SECOND);
  assert.equal(world.counters.of('captures', 'sent'), CAPTURES_PER_SECOND);
  assert.equal(world.captures.takenBytes, 0);
  assert.equal(world.request('app').isCaptured, true);
});

test('where there is no room a request is not captured, and a body is left out', () => {
  const head = CAPTURE_OVERHEAD_BYTES + 'content-typetext/plain'.length;
  const world = new World(2 * head + 10);
  const first = world.request('app', 'x'.repeat(10));
  const second = world.request('app', 'y');
  assert.equal(world.request('app').isCaptured, false);
  assert.equal(world.counters.of('captures', 'no-room'), 1);
  first.end();
  second.end();
  world.tick();
  const bodies = world.sent.flatMap(({ records }) => records.map(({ body }) => body));
  assert.deepEqual(
    bodies.map((body) => body?.omitted),
    [undefined, 'room'],
  );
  assert.equal(world.captures.takenBytes, 0);
});

test('what is over after its time is not captured', () => {
  const world = new World();
  assert.equal(world.request('app', '', { ...BODIES, untilUnixMs: 5 }, 4).isCaptured, true);
  assert.equal(world.request('app', '', { ...BODIES, untilUnixMs: 5 }, 5).isCaptured, false);
});

test('much is sent over several seconds, in messages that fit', () => {
  const world = new World();
  const large = { ...BODIES, bodyBytes: 256 * 1024 };
  for (let i = 0; i < 10; i++) world.request('app', 'x'.repeat(256 * 1024), large).end();
  const seconds = [];
  for (let left = 10; left > 0; left -= world.sent.splice(0).flatMap(({ records }) => records).length) {
    world.tick();
    assert.ok(world.sent.every((message) => JSON.stringify(message).length < 1024 * 1024));
    seconds.push(world.sent.length);
  }
  assert.ok(seconds.length >= 3, String(seconds));
  assert.equal(world.captures.takenBytes, 0);
});

test('a body that comes anew counts from its beginning', () => {
  const world = new World();
  const response = new EventEmitter();
  const watching = world.captures.begin(at('app'), response as never)?.watching(undefined);
  watching?.passes?.(Buffer.from('abc'));
  watching?.passes?.(undefined);
  watching?.passes?.(Buffer.from('abcd'));
  response.emit('close');
  world.tick();
  assert.equal(world.sent[0]?.records[0]?.body?.bytes, 4);
});
