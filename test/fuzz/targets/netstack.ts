import assert from 'node:assert/strict';
import { established, listening } from '../../../src/testing/tcp-states.ts';
import type { TcpTrace } from '../../../src/testing/tcp-trace.ts';
import { type FuzzTarget, latin1 } from '../target.ts';

/** Packets that one stack sees before it is put away for a new one. */
const PACKETS_A_STACK = 400;
const MOST_MEMORY_BYTES = 2_000_000;
const MOST_ANSWERS = 200;

/** Packets to a TCP/IP stack with a connection: it never throws, never floods, and holds no more than its share. */
export function netstack(): FuzzTarget {
  const room = new Uint8Array(65_536);
  let trace = established({});
  let packets = 0;
  const honest: TcpTrace = listening({});
  return {
    name: 'TCP/IP',
    seeds: [
      honest.build({ flags: 'S', seq: 0 }),
      honest.build({ flags: 'A', seq: 1, ack: 1, length: 100 }),
      honest.build({ flags: 'PA', seq: 1, ack: 1, length: 1400, options: { sack: [[10, 20]] } }),
      honest.build({ flags: 'FA', seq: 1, ack: 1 }),
      honest.build({ flags: 'R', seq: 1 }),
    ],
    words: [
      '\x45\0',
      '\x60\0',
      '\x06',
      '\x11',
      '\x01',
      '\x3a',
      '\x05\x0a',
      '\x08\x0a',
      '\x02\x04\x05\xb4',
      '\x01\x03\x03\x0e',
    ].map(latin1),
    run(input) {
      if (++packets % PACKETS_A_STACK === 0)
        trace = packets % 2 === 0 ? established({ timestamps: packets % 4 === 0 }) : listening({});
      trace.stack.receivePacket(input, 0, input.length, trace.nowMs);
      for (let event = trace.stack.nextEvent(); event; event = trace.stack.nextEvent()) {
        if (event.kind === 'accept') event.attempt.accept(trace.nowMs);
        else if (event.kind === 'readable') event.connection.read();
      }
      if (packets % 7 === 0) trace.after(40);
      for (let sent = 0; trace.stack.poll(room, 0, trace.nowMs) > 0; sent++)
        assert.ok(sent < MOST_ANSWERS, 'the stack stops sending');
      assert.ok((trace.stack.counters()['memoryUsedBytes'] ?? 0) < MOST_MEMORY_BYTES);
    },
  };
}
