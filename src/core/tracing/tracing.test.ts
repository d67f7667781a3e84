import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SeededRandom } from '../../testing/seeded-random.ts';
import { ASKED_TRACES_A_SECOND } from './constants.ts';
import { readTraceparent, Traces, writeTraceparent } from './index.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';

// The examples of W3C Trace Context, section 3.2, and what it says of what is wrong.
const FIELDS: readonly (readonly [what: string, field: string | undefined, sampled: boolean | undefined])[] = [
  ['sampled', `00-${TRACE}-${SPAN}-01`, true],
  ['not sampled', `00-${TRACE}-${SPAN}-00`, false],
  ['flags that nobody knows yet', `00-${TRACE}-${SPAN}-fe`, false],
  ['a later version with more', `cc-${TRACE}-${SPAN}-01-what-the-future-will-be-like`, true],
  ['a later version that runs on', `cc-${TRACE}-${SPAN}-01.what`, undefined],
  ['the version that is known, with more', `00-${TRACE}-${SPAN}-01-more`, undefined],
  ['the version that cannot be', `ff-${TRACE}-${SPAN}-01`, undefined],
  ['no trace', `00-${'0'.repeat(32)}-${SPAN}-01`, undefined],
  ['no span', `00-${TRACE}-${'0'.repeat(16)}-01`, undefined],
  ['upper case', `00-${TRACE.toUpperCase()}-${SPAN}-01`, undefined],
  ['two of them', `00-${TRACE}-${SPAN}-01, 00-${TRACE}-${SPAN}-01`, undefined],
  ['nothing', '', undefined],
  ['left out', undefined, undefined],
];

for (const [what, field, sampled] of FIELDS) {
  test(`traceparent: ${what}`, () => {
    const read = readTraceparent(field);
    assert.deepEqual(read, sampled === undefined ? undefined : { traceId: TRACE, spanId: SPAN, sampled });
    if (read) assert.deepEqual(readTraceparent(writeTraceparent(read)), read);
  });
}

test('every request has a trace of its own, in the form of the standard', () => {
  const traces = new Traces(new SeededRandom(1));
  const ids = new Set(Array.from({ length: 10_000 }, () => traces.begin(undefined, 0).traceId));
  assert.equal(ids.size, 10_000);
  for (const id of ids) assert.match(id, /^(?!0{32})[0-9a-f]{32}$/);
});

test('where nothing is traced the trace of the client is known, and the backend gets what the client sent', () => {
  const trace = new Traces(new SeededRandom(2)).begin(`00-${TRACE}-${SPAN}-01`, 0);
  assert.deepEqual(trace, {
    ...{ traceId: TRACE, parentSpanId: SPAN, spanId: undefined, backendSpanId: undefined, sampled: false },
  });
  assert.equal(Traces.forBackend(trace), undefined);
});

test('where requests are traced, the backend goes on with the trace of the client under a span of ours', () => {
  const trace = new Traces(new SeededRandom(3), { share: 1 }).begin(`00-${TRACE}-${SPAN}-00`, 0);
  const passed = readTraceparent(Traces.forBackend(trace));
  assert.deepEqual(passed, { traceId: TRACE, spanId: trace.backendSpanId, sampled: true });
  assert.equal(new Set([trace.spanId, trace.backendSpanId, SPAN]).size, 3);
});

test('about the share that was asked for is recorded', () => {
  const traces = new Traces(new SeededRandom(4), { share: 0.1 });
  const recorded = Array.from({ length: 10_000 }, () => traces.begin(undefined, 0)).filter(({ sampled }) => sampled);
  assert.ok(recorded.length > 850 && recorded.length < 1_150, `seed 4: ${recorded.length}`);
});

test('clients have their own requests recorded, but only so many a second', () => {
  const traces = new Traces(new SeededRandom(5), { share: 0 });
  const recordedAt = (nowMs: number) =>
    Array.from({ length: 100 }, () => traces.begin(`00-${TRACE}-${SPAN}-01`, nowMs)).filter(({ sampled }) => sampled);
  assert.equal(recordedAt(0).length, ASKED_TRACES_A_SECOND);
  assert.equal(recordedAt(999).length, 0);
  assert.equal(recordedAt(1_000).length, ASKED_TRACES_A_SECOND);
});
