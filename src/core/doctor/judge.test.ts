import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judge } from './judge.ts';
import type { Measurements, PopMeasurement, TlsMeasurement, UdpMeasurement } from './measurements.ts';

const udp = (change: Partial<UdpMeasurement> = {}): UdpMeasurement => ({
  endpoint: 'ams.example.com:51820',
  address: '192.0.2.1',
  sent: 20,
  answered: 20,
  rttMs: 12,
  seenAs: '198.51.100.7:4711',
  clockAheadMs: 3,
  largestBytes: 1_472,
  ...change,
});
const tls = (change: Partial<TlsMeasurement> = {}): TlsMeasurement => ({
  endpoint: 'ams.example.com:443',
  outcome: 'ok',
  detail: '',
  handshakeMs: 30,
  bytesPerSecond: 12e6,
  ...change,
});
const pop = (name: string, udps: readonly UdpMeasurement[], tlss: readonly TlsMeasurement[]): PopMeasurement => ({
  name,
  udp: udps,
  tls: tlss,
});
const silent = udp({
  answered: 0,
  rttMs: undefined,
  seenAs: undefined,
  clockAheadMs: undefined,
  largestBytes: undefined,
});
const refused = tls({
  outcome: 'no-answer',
  detail: 'connection refused',
  handshakeMs: undefined,
  bytesPerSecond: undefined,
});
const at = (clockAheadMs: number): PopMeasurement => pop('A', [udp({ clockAheadMs })], [tls()]);

const CASES: readonly [what: string, pops: readonly PopMeasurement[], codes: readonly string[]][] = [
  ['all is well', [pop('A', [udp()], [tls()]), pop('B', [udp()], [tls()])], []],
  ['no PoP is known', [], ['no-pop-known']],
  ['UDP is blocked', [pop('A', [silent], [tls()])], ['udp-blocked']],
  ['one of two addresses answers', [pop('A', [silent, udp()], [tls()])], []],
  ['TLS is blocked', [pop('A', [udp()], [refused])], ['tls-blocked']],
  ['both are blocked', [pop('A', [silent], [refused])], ['no-way-to-pop']],
  [
    'a name is not found',
    [pop('A', [udp({ ...silent, address: undefined })], [tls({ outcome: 'name-not-found' })])],
    ['name-not-found', 'no-way-to-pop'],
  ],
  [
    'the proxy refuses',
    [pop('A', [udp()], [tls({ outcome: 'proxy-refused', detail: '407' })])],
    ['proxy-refused', 'tls-blocked'],
  ],
  ['the clock is a day behind', [at(86_400_000)], ['clock-wrong']],
  ['the clock is a minute ahead', [at(-60_000)], ['clock-off']],
  ['one PoP of three has a wrong clock', [at(0), at(1), at(86_400_000)], []],
  ['a tenth is lost', [pop('A', [udp({ answered: 18 })], [tls()])], ['loss']],
  ['one probe of twenty is lost', [pop('A', [udp({ answered: 19 })], [tls()])], []],
  ['PPPoE and more', [pop('A', [udp({ largestBytes: 1_400 })], [tls()])], ['mtu-small']],
  ['a tunnel in a tunnel', [pop('A', [udp({ largestBytes: 1_200 })], [tls()])], ['mtu-too-small']],
  ['slow', [pop('A', [udp()], [tls({ bytesPerSecond: 10_000 })])], ['slow']],
  [
    'another port to each PoP',
    [pop('A', [udp()], [tls()]), pop('B', [udp({ seenAs: '198.51.100.7:4712' })], [tls()])],
    ['nat-symmetric'],
  ],
  [
    'notes come after what is bad',
    [pop('A', [silent], [tls()]), pop('B', [silent], [refused])],
    ['no-way-to-pop', 'udp-blocked'],
  ],
];
for (const [what, pops, codes] of CASES) {
  test(what, () => {
    const measurements: Measurements = { software: 'manis/test', source: 'folder', proxy: undefined, pops };
    const findings = judge(measurements);
    assert.deepEqual(
      findings.map(({ code }) => code),
      codes,
    );
    for (const { what: said, advice } of findings) {
      assert.match(said, /^[A-Z0-9].*\.$/, 'a sentence');
      assert.match(advice, /^[A-Z].*\.$/, 'what to do');
    }
  });
}
