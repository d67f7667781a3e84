import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StoreFailure } from '../../io/store/index.ts';
import { VirtualClock } from '../../testing/virtual-clock.ts';
import { ControlFailure } from '../problems.ts';
import { LIVE_UNJUDGED_MAX_MS } from './constants.ts';
import type { EventStreamWriter } from './event-stream.ts';
import type { LiveHub } from './live-hub.ts';
import { LiveStream } from './live-stream.ts';

const CHANGE = { noun: 'site', verb: 'add', id: 'sit_1' };

function open() {
  const clock = new VirtualClock();
  const sent: string[] = [];
  const writer = {
    isOver: false,
    send: (name: string) => sent.push(name),
    beat: () => undefined,
    end: () => sent.push('(end)'),
  };
  const asked = { failure: undefined as Error | undefined };
  const stream = new LiveStream(
    {
      hub: { history: () => ({ traffic: [], events: [] }), add: () => () => undefined } as unknown as LiveHub,
      ...{ clock, writer: writer as unknown as EventStreamWriter, callerId: 'usr_1', organisationId: 'org' },
      topics: new Set(['changes'] as const),
      status: () => Promise.reject(new Error('the network is not asked for')),
      requestItem: () => undefined,
      maySee: () => true,
      judge: async () => {
        if (asked.failure) throw asked.failure;
      },
    },
    [],
  );
  const judged = async (failure?: Error): Promise<string[]> => {
    asked.failure = failure;
    sent.length = 0;
    stream.change(CHANGE);
    await new Promise((resolve) => setImmediate(resolve));
    return [...sent];
  };
  return { clock, judged, close: () => stream.close() };
}

const away = new StoreFailure('store-unavailable', 'the store is away');

test('whoever may look no more is told that it is over', async () => {
  const { judged } = open();
  assert.deepEqual(await judged(), ['change']);
  assert.deepEqual(await judged(new ControlFailure('rights-missing', 'no')), ['change', 'over', '(end)']);
});

test('a store that is away ends nobody, but whoever it has not judged for long is to come back and ask', async () => {
  const { judged, clock, close } = open();
  assert.deepEqual(await judged(away), ['change']);
  clock.advance(LIVE_UNJUDGED_MAX_MS - 1);
  assert.deepEqual(await judged(away), ['change']);
  assert.deepEqual(await judged(), ['change']);
  clock.advance(LIVE_UNJUDGED_MAX_MS - 1);
  assert.deepEqual(await judged(away), ['change']);
  clock.advance(1);
  assert.deepEqual(await judged(away), ['change', '(end)']);
  close();
});
