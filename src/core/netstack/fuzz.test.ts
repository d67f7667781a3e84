import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SeededRandom, testSeed } from '../../testing/seeded-random.ts';
import type { TraceSegment } from '../../testing/tcp-notation.ts';
import {
  closeWait,
  closing,
  established,
  finWait1,
  finWait2,
  lastAck,
  listening,
  synReceived,
  synSent,
  timeWait,
} from '../../testing/tcp-states.ts';
import type { TcpTrace } from '../../testing/tcp-trace.ts';

const SEED = testSeed(77);
const PACKETS = 1500;

const STATES: Readonly<Record<string, (setup?: object) => TcpTrace>> = {
  listening,
  synSent,
  synReceived,
  established,
  finWait1,
  finWait2,
  closing,
  timeWait,
  closeWait,
  lastAck,
};

/** A segment near the truth: most of its fields make sense. */
function plausible(random: SeededRandom): TraceSegment {
  const near = () =>
    random.pick([0, 1, 2, 17, 18, 500, 60_000, 70_000, -1, -20_000, 2 ** 31 - 1, random.integer(0, 3000)]);
  const blocks = random.integer(1, 4);
  return {
    flags: random.pick(['A', 'A', 'A', 'PA', 'FA', 'R', 'RA', 'S', 'SA', 'F', '', 'SFRPAU']),
    seq: near(),
    ack: near(),
    window: random.pick([0, 1, 500, 65_535]),
    length: random.pick([0, 0, 1, 100, 1400]),
    options: {
      ...(random.chance(0.3) && { timestamps: [500_000 + near(), near()] as const }),
      ...(random.chance(0.3) && {
        sack: Array.from({ length: blocks }, () => [near(), near()] as const).slice(0, random.chance(0.5) ? 3 : 1),
      }),
    },
  };
}

function mutate(packet: Uint8Array, random: SeededRandom): Uint8Array {
  const bytes = packet.slice(0, random.chance(0.2) ? random.integer(0, packet.length) : packet.length);
  for (let i = random.integer(0, 4); i > 0 && bytes.length > 0; i--)
    bytes[random.integer(0, bytes.length - 1)] = random.integer(0, 255);
  return bytes;
}

function feed(trace: TcpTrace, random: SeededRandom): void {
  const room = new Uint8Array(65_536);
  for (let i = 0; i < PACKETS; i++) {
    const honest = trace.build(plausible(random));
    const packet = random.chance(0.3) ? mutate(honest, random) : random.chance(0.05) ? random.bytes(80) : honest;
    trace.stack.receivePacket(packet, 0, packet.length, trace.nowMs);
    for (let event = trace.stack.nextEvent(); event; event = trace.stack.nextEvent()) {
      if (event.kind === 'accept' && random.chance(0.5)) event.attempt.accept(trace.nowMs);
      else if (event.kind === 'accept') event.attempt.refuse();
      else if (event.kind === 'readable' && random.chance(0.5)) event.connection.read();
      else if (event.kind === 'connected') event.connection.write(new Uint8Array(3000));
    }
    if (random.chance(0.3)) trace.after(random.pick([0, 1, 40, 300, 5000]));
    for (let sent = 0; trace.stack.poll(room, 0, trace.nowMs) > 0; sent++)
      assert.ok(sent < 200, 'the stack stops sending');
  }
}

describe('random and mutated packets never throw and never pile up', () => {
  for (const [name, construct] of Object.entries(STATES))
    for (const timestamps of [false, true])
      it(`in ${name}${timestamps ? ' with timestamps' : ''} (seed ${SEED})`, () => {
        const random = new SeededRandom(SEED + name.length * 10 + Number(timestamps));
        const trace = construct({ timestamps });
        feed(trace, random);
        const { memoryUsedBytes = 0, connections = 0, attempts = 0 } = trace.stack.counters();
        assert.ok(memoryUsedBytes < 2_000_000, `${memoryUsedBytes} bytes`);
        assert.ok(connections <= 2 && attempts <= 1);
      });

  it(`as bytes without meaning (seed ${SEED})`, () => {
    const random = new SeededRandom(SEED);
    const trace = listening();
    for (let i = 0; i < 20_000; i++) {
      const bytes = random.bytes(random.integer(0, 120));
      if (bytes.length > 0 && random.chance(0.9)) bytes[0] = random.pick([0x45, 0x60]);
      trace.stack.receivePacket(bytes, 0, bytes.length, trace.nowMs);
    }
    const counters = trace.stack.counters();
    const drops = Object.entries(counters).filter(([name]) => name.startsWith('drop.'));
    assert.equal(
      drops.reduce((sum, [, count]) => sum + count, 0),
      20_000,
      'each is dropped with a reason',
    );
  });
});

describe('a flood of SYNs', () => {
  it('is bounded by the limit of attempts and leaves nothing behind', () => {
    const trace = listening({ limits: { maxAttempts: 100 } });
    for (let port = 1; port < 3000; port++) {
      const syn = trace.build({ flags: 'S', seq: 0 });
      const view = new DataView(syn.buffer);
      const sum = (~view.getUint16(36) & 0xffff) - view.getUint16(20) + port + 0xffff;
      view.setUint16(20, port);
      view.setUint16(36, ~((sum & 0xffff) + (sum >>> 16)) & 0xffff);
      trace.stack.receivePacket(syn, 0, syn.length, trace.nowMs);
    }
    assert.equal(trace.counter('attempts'), 100);
    assert.ok(trace.counter('drop.tcp-backlog-full') > 2000);
    trace.after(60_000).expectNothing();
    assert.equal(trace.counter('attempts'), 0);
  });
});
