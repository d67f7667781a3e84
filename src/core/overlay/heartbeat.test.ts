import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseIpAddress } from '../../base/index.ts';
import { emitHeartbeat, HEARTBEAT_BYTES, type Heartbeat, isHeartbeat, parseHeartbeat } from './heartbeat.ts';

const from = parseIpAddress('fd6d:616e:6973::a')?.bytes ?? new Uint8Array(16);
const to = parseIpAddress('fd6d:616e:6973::b')?.bytes ?? new Uint8Array(16);
const sample: Heartbeat = {
  hearsYou: true,
  answerAtOnce: false,
  sequence: 7,
  echo: 5,
  echoDelayUs: 1234,
  largestHeardBytes: 1280,
  sent: 3,
  heard: 4,
};

test('a heartbeat is a well-formed IPv6 UDP packet with a right checksum', () => {
  const packet = new Uint8Array(HEARTBEAT_BYTES);
  emitHeartbeat(packet, 0, from, to, sample);
  assert.equal(packet[0], 0x60);
  assert.deepEqual([...packet.subarray(8, 24)], [...from]);
  assert.deepEqual([...packet.subarray(24, 40)], [...to]);
  // RFC 8200 section 8.1: pseudo-header, then the UDP datagram; the whole adds up to all ones.
  const view = new DataView(packet.buffer);
  let sum = 17 + (HEARTBEAT_BYTES - 40);
  for (let at = 8; at < HEARTBEAT_BYTES; at += 2) sum += view.getUint16(at);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  assert.equal(sum, 0xffff);
});

test('every heartbeat is read as it was written, anywhere in a buffer', () => {
  const uint32 = fc.integer({ min: 0, max: 0xffffffff });
  const heartbeat = fc.record({
    hearsYou: fc.boolean(),
    answerAtOnce: fc.boolean(),
    sequence: uint32,
    echo: uint32,
    echoDelayUs: uint32,
    largestHeardBytes: uint32,
    sent: uint32,
    heard: uint32,
  });
  fc.assert(
    fc.property(heartbeat, fc.nat(30), (given, offset) => {
      const bytes = new Uint8Array(HEARTBEAT_BYTES + offset);
      emitHeartbeat(bytes, offset, from, to, given);
      assert.ok(isHeartbeat(bytes, offset, HEARTBEAT_BYTES));
      assert.deepEqual(parseHeartbeat(bytes, offset), { ...given });
    }),
  );
});

const otherwise: [string, (packet: Uint8Array) => void][] = [
  ['another protocol', (packet) => packet.fill(6, 6, 7)],
  ['another port', (packet) => packet.fill(9, 43, 44)],
  ['another magic', (packet) => packet.fill(0, 48, 49)],
  ['another version', (packet) => packet.fill(3, 50, 51)],
];
for (const [what, change] of otherwise) {
  test(`a packet with ${what} is no heartbeat`, () => {
    const packet = new Uint8Array(HEARTBEAT_BYTES);
    emitHeartbeat(packet, 0, from, to, sample);
    change(packet);
    assert.ok(!isHeartbeat(packet, 0, HEARTBEAT_BYTES));
  });
}

test('a padded heartbeat is one, a shorter packet is none', () => {
  const packet = new Uint8Array(1_400).fill(7);
  emitHeartbeat(packet, 0, from, to, sample, 1_400);
  assert.ok(isHeartbeat(packet, 0, 1_400));
  assert.deepEqual(parseHeartbeat(packet, 0), sample);
  assert.ok(packet.subarray(HEARTBEAT_BYTES).every((byte) => byte === 0));
  assert.ok(!isHeartbeat(packet, 0, HEARTBEAT_BYTES - 1));
});
