import assert from 'node:assert/strict';
import { test } from 'node:test';
import { concat, type IpAddress, parseIpAddress, utf8 } from '../../base/index.ts';
import { SeededRandom } from '../../testing/seeded-random.ts';
import {
  DEVICE_REQUEST_HEAD_BYTES,
  DEVICE_STREAM_ANSWERS,
  deviceStreamRequestBytes,
  encodeDeviceStreamAnswer,
  encodeDeviceStreamRequest,
  parseDeviceStreamAnswer,
  parseDeviceStreamRequest,
} from './device-stream.ts';

const ADDRESS = parseIpAddress('192.168.1.10') as IpAddress;
const head = (...bytes: number[]) => Uint8Array.from(bytes);

test('a request comes back as it was, whatever its id and port', () => {
  for (const deviceId of ['d', 'dev_0123', 'x'.repeat(128)])
    for (const port of [1, 80, 65_535]) {
      const bytes = encodeDeviceStreamRequest({ deviceId, address: ADDRESS, port });
      const rest = bytes.subarray(DEVICE_REQUEST_HEAD_BYTES);
      assert.equal(deviceStreamRequestBytes(bytes.subarray(0, DEVICE_REQUEST_HEAD_BYTES)), rest.length);
      const read = parseDeviceStreamRequest(rest);
      assert.deepEqual([read?.deviceId, read?.address.text, read?.port], [deviceId, ADDRESS.text, port]);
    }
});

test('a head that is none says so', () => {
  for (const bytes of [head(), head(1), head(0, 4), head(2, 4), head(1, 0), head(1, 129), head(1, 4, 1)])
    assert.equal(deviceStreamRequestBytes(bytes), undefined);
});

test('what follows is read or refused, never more', () => {
  const tail = [192, 168, 1, 10, 0, 80];
  for (const bytes of [
    head(),
    head(...tail),
    head(0xff, 0xfe, ...tail),
    concat(utf8('x'.repeat(129)), Uint8Array.from(tail)),
  ])
    assert.equal(parseDeviceStreamRequest(bytes), undefined);
  const random = new SeededRandom(3);
  for (let i = 0; i < 2_000; i++) parseDeviceStreamRequest(random.bytes(i % 150));
});

test('ids and addresses that no record has are not asked for', () => {
  const wrong = (deviceId: string, address: IpAddress) => () =>
    encodeDeviceStreamRequest({ deviceId, address, port: 80 });
  assert.throws(wrong('', ADDRESS), RangeError);
  assert.throws(wrong('x'.repeat(129), ADDRESS), RangeError);
  assert.throws(wrong('d', parseIpAddress('fd00::1') as IpAddress), RangeError);
});

test('an answer is one byte, and one that is not known is none', () => {
  for (const answer of DEVICE_STREAM_ANSWERS)
    assert.equal(parseDeviceStreamAnswer(encodeDeviceStreamAnswer(answer)[0]), answer);
  assert.equal(parseDeviceStreamAnswer(200), undefined);
  assert.equal(parseDeviceStreamAnswer(undefined), undefined);
});
