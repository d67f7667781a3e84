import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ListenRefusal, OpenPort } from '../../io/streams/tcp-listener.ts';
import { VirtualClock } from '../../testing/virtual-clock.ts';
import { MAXIMUM_STREAM_PORTS, PORT_RETRY_MS } from './constants.ts';
import { type PortRange, StreamPorts } from './stream-ports.ts';
import type { WantedPort } from './stream-table.ts';

/** A machine whose ports others may have. */
class Machine {
  readonly clock = new VirtualClock(1000, 0);
  readonly open = new Set<string>();
  readonly refused = new Map<string, ListenRefusal>();
  readonly ports: StreamPorts;
  changes = 0;

  constructor(hosts: readonly string[], allowed?: readonly PortRange[]) {
    this.ports = new StreamPorts({
      ...{ hosts, allowed, clock: this.clock },
      isOwn: { tcp: (port) => port === 8443, udp: (port) => port === 51_820 },
      listen: async (host, { transport, port }) => this.#listen(`${transport} ${host} ${port}`, port),
      changed: () => {
        this.changes++;
      },
    });
  }

  #listen(place: string, port: number): OpenPort | ListenRefusal {
    const refusal = this.refused.get(place);
    if (refusal) return refusal;
    assert.ok(!this.open.has(place), `${place} is opened twice`);
    this.open.add(place);
    return { port, close: async () => void this.open.delete(place) };
  }
}

const tcp = (port: number): WantedPort => ({ transport: 'tcp', port, kind: 'tcp' });
const udp = (port: number): WantedPort => ({ transport: 'udp', port, kind: 'udp' });

test('ports are those that are wanted: new ones are opened, others closed, and what stays is left alone', async () => {
  const machine = new Machine(['::1', '127.0.0.1']);
  await machine.ports.follow([tcp(5000), udp(5000)]);
  assert.equal(machine.open.size, 4);
  await machine.ports.follow([tcp(5000), tcp(5001)]);
  assert.deepEqual(
    [...machine.open].sort(),
    ['tcp 127.0.0.1 5000', 'tcp 127.0.0.1 5001', 'tcp ::1 5000', 'tcp ::1 5001'].sort(),
  );
  const { changes } = machine;
  await machine.ports.follow([tcp(5000), tcp(5001)]);
  assert.equal(machine.changes, changes, 'nothing is told where nothing changed');
  await machine.ports.close();
  assert.equal(machine.open.size, 0);
});

test('a port that one address does not give is open on none, and tried again after a while', async () => {
  const machine = new Machine(['127.0.0.1', '::1']);
  machine.refused.set('tcp ::1 5000', 'in-use');
  await machine.ports.follow([tcp(5000)]);
  assert.equal(machine.ports.state('tcp', 5000), 'in-use');
  assert.equal(machine.open.size, 0);
  machine.refused.clear();
  machine.ports.tick();
  await machine.ports.follow([tcp(5000)]);
  assert.equal(machine.ports.state('tcp', 5000), 'in-use', 'not before its time');
  machine.clock.advance(PORT_RETRY_MS);
  machine.ports.tick();
  await machine.ports.follow([tcp(5000)]);
  assert.equal(machine.ports.state('tcp', 5000), 'open');
});

test('what the settings keep back, and what the PoP has itself, is never opened', async () => {
  const usual = new Machine(['127.0.0.1']);
  await usual.ports.follow([tcp(8443), tcp(1023), udp(51_820), udp(8443), tcp(1024)]);
  const states = (machine: Machine) =>
    machine.ports.states().map(({ transport, port, state }) => `${transport} ${port} ${state}`);
  assert.deepEqual(states(usual), [
    'tcp 8443 own',
    'tcp 1023 not-allowed',
    'udp 51820 own',
    'udp 8443 open',
    'tcp 1024 open',
  ]);
  const narrow = new Machine(
    ['127.0.0.1'],
    [
      { first: 53, last: 53 },
      { first: 8000, last: 9000 },
    ],
  );
  await narrow.ports.follow([udp(53), tcp(54), tcp(8443), tcp(8444)]);
  assert.deepEqual(states(narrow), ['udp 53 open', 'tcp 54 not-allowed', 'tcp 8443 own', 'tcp 8444 open']);
});

test('a PoP opens only so many', async () => {
  const machine = new Machine(['127.0.0.1']);
  await machine.ports.follow(Array.from({ length: MAXIMUM_STREAM_PORTS + 10 }, (_, i) => tcp(10_000 + i)));
  assert.equal(machine.open.size, MAXIMUM_STREAM_PORTS);
  assert.equal(machine.ports.state('tcp', 10_000 + MAXIMUM_STREAM_PORTS), 'too-many');
});
