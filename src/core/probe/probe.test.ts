import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Endpoint, parseEndpoint } from '../../base/index.ts';
import { SeededRandom, testSeed } from '../../testing/seeded-random.ts';
import { emitProbeAnswer, emitProbeRequest, parseProbeAnswer, parseProbeRequest } from './codec.ts';
import { PROBE_BULK_MAXIMUM_BYTES, PROBE_MINIMUM_BYTES, PROBES_PER_ADDRESS, PROBES_PER_SECOND } from './constants.ts';
import { ProbeResponder } from './responder.ts';

const nonce = Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8]);
const at = (text: string): Endpoint => {
  const endpoint = parseEndpoint(text);
  if (!endpoint) throw new Error(text);
  return endpoint;
};

for (const from of ['192.0.2.7:4711', '[2001:db8::7]:1']) {
  test(`a probe from ${from} is told where it came from, how long it was and what time it is`, () => {
    const request = emitProbeRequest(nonce, 1_400);
    assert.equal(request.length, 1_400);
    const answer = new ProbeResponder().answer(request, at(from), false, 0, 1_800_000_000_123.5);
    assert.deepEqual(answer && parseProbeAnswer(answer), {
      nonce,
      seenAs: at(from),
      receivedBytes: 1_400,
      unixMs: 1_800_000_000_123.5,
    });
  });
}

test('an answer is never longer than its request, whatever was wanted', () => {
  const responder = new ProbeResponder();
  const request = emitProbeRequest(nonce, PROBE_MINIMUM_BYTES, 60_000);
  const answer = responder.answer(request, at('192.0.2.7:1'), false, 0, 0);
  assert.ok(answer && answer.length <= request.length);
  assert.equal(
    responder.answer(request.subarray(0, PROBE_MINIMUM_BYTES - 1), at('192.0.2.7:1'), false, 0, 0),
    undefined,
  );
});

test('who has its address for sure may ask for a long answer, up to a bound', () => {
  const answer = new ProbeResponder().answer(emitProbeRequest(nonce, 64, 65_000), at('192.0.2.7:1'), true, 0, 0);
  assert.equal(answer?.length, PROBE_BULK_MAXIMUM_BYTES);
});

test('one address is answered so often a second, and all together so often', () => {
  const responder = new ProbeResponder();
  const request = emitProbeRequest(nonce, 64);
  for (let i = 0; i < PROBES_PER_ADDRESS + 5; i++) responder.answer(request, at('192.0.2.7:1'), false, 10, 0);
  assert.equal(responder.counters['address-too-often'], 5);
  for (let i = 0; i < PROBES_PER_SECOND; i++)
    responder.answer(request, at(`198.51.${i >> 8}.${i & 255}:1`), false, 20, 0);
  assert.equal(responder.counters.answered, PROBES_PER_SECOND);
  assert.equal(responder.counters['too-many'], PROBES_PER_ADDRESS);
  assert.ok(responder.answer(request, at('192.0.2.7:1'), false, 1_010, 0), 'the next second is another');
});

test('addresses of one IPv6 /64 are one', () => {
  const responder = new ProbeResponder();
  for (let i = 0; i < PROBES_PER_ADDRESS + 1; i++)
    responder.answer(emitProbeRequest(nonce, 64), at(`[2001:db8::${i.toString(16)}]:1`), false, 0, 0);
  assert.equal(responder.counters['address-too-often'], 1);
});

test('anything else is dropped and counted, and never throws', () => {
  const seed = testSeed(7);
  const random = new SeededRandom(seed);
  const responder = new ProbeResponder();
  const good = emitProbeRequest(nonce, 64);
  const goodAnswer = emitProbeAnswer({ nonce, seenAs: at('192.0.2.7:1'), receivedBytes: 64, unixMs: 1 });
  for (let i = 0; i < 2_000; i++) {
    const bytes = (i % 2 === 0 ? good : goodAnswer).slice(0, random.integer(0, 64));
    if (bytes.length > 0) bytes[random.integer(0, bytes.length - 1)] = random.integer(0, 255);
    responder.answer(bytes, at('192.0.2.7:1'), false, i * 1_000, 0);
    parseProbeAnswer(bytes);
    parseProbeRequest(bytes);
  }
  assert.ok(responder.counters['not-a-probe'] > 0, `seed ${seed}`);
});
