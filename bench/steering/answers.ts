/** What one answer of the whole name server costs, without sockets and over them. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as packet from 'dns-packet';
import { ipAddress } from '../../src/base/index.ts';
import { createClock } from '../../src/io/clock.ts';
import { openDnsServer } from '../../src/io/dns/dns-server.ts';
import { openGeoDatabase } from '../../src/io/geo/geo-database.ts';
import { dnsOf, ZONE } from '../../src/testing/dns-world.ts';
import { SeededRandom } from '../../src/testing/seeded-random.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';

const ANSWERS = 100_000;
const AT_ONCE = 64;
const DURATION_MS = 4_000;

/** Microseconds of one answer: three PoPs, a client's subnet that is looked up, everything but the sockets. */
export async function measureAnswer(): Promise<number> {
  const clock = new VirtualClock(1_000, Date.now());
  const { dns } = dnsOf({ geo: await openGeoDatabase(), clock });
  const random = new SeededRandom(1);
  // Each asks once a second, or the limit on what one asks would be measured.
  const queries = Array.from({ length: 1_000 }, (_, i) => ({
    message: queryFrom(random),
    from: ipAddress(Uint8Array.of(9, i >> 8, i & 255, 9)),
  }));
  const run = (count: number): void => {
    for (let i = 0; i < count; i++) {
      const { message, from } = queries[i % queries.length] as (typeof queries)[number];
      clock.advance(1);
      if (!dns.answer(message, from, 'tcp')) throw new Error('a question was not answered');
    }
  };
  run(ANSWERS / 5);
  const startMs = performance.now();
  run(ANSWERS);
  return ((performance.now() - startMs) * 1000) / ANSWERS;
}

/** Answers a second over UDP on loopback, the client on another core. */
export async function measureRate(): Promise<number> {
  const { dns } = dnsOf({ geo: await openGeoDatabase(), clock: createClock() });
  const server = await openDnsServer({ host: '127.0.0.1', port: 0 }, dns);
  try {
    const script = join(import.meta.dirname, 'asking-process.ts');
    const args = [script, String(server.endpoint.port), String(AT_ONCE), String(DURATION_MS)];
    const { stdout } = await promisify(execFile)(process.execPath, ['--disable-warning=ExperimentalWarning', ...args]);
    return (Number(stdout) * 1000) / DURATION_MS;
  } finally {
    await server.close();
  }
}

function queryFrom(random: SeededRandom): Uint8Array {
  const ip = `${random.integer(11, 126)}.${random.integer(0, 255)}.${random.integer(0, 255)}.0`;
  const options = [{ code: 8, ip, sourcePrefixLength: 24, scopePrefixLength: 0 }];
  const opt = { type: 'OPT', name: '.', udpPayloadSize: 1232, flags: 0, options } as unknown as packet.OptAnswer;
  return packet.encode({ type: 'query', id: 1, questions: [{ name: ZONE, type: 'A' }], additionals: [opt] });
}
