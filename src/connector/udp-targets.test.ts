// Datagrams from a PoP through a real tunnel to sockets on the loopback address.
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { cutDatagram, PieceReader, SESSION_OVER } from '../core/datagrams/index.ts';
import type { GrantedTarget, SiteGrant } from '../core/link/index.ts';
import { createClock } from '../io/clock.ts';
import { createLog } from '../io/log.ts';
import { openPair } from '../testing/loopback-node.ts';
import { UdpTargets } from './udp-targets.ts';

const grantOf = (...targets: readonly GrantedTarget[]): SiteGrant => ({ targets }) as unknown as SiteGrant;
const udp = (port: number, changes: Partial<GrantedTarget> = {}): GrantedTarget => ({
  ...{ id: 'names', overlayPort: 5_000, host: '127.0.0.1', port, transport: 'udp' },
  ...changes,
});

/** Answers in capitals, with the port that the question came from. */
async function target(t: TestContext): Promise<number> {
  const socket = createSocket('udp4');
  socket.on('message', (bytes, from) =>
    socket.send(`${bytes.toString().toUpperCase()} ${from.port}`, from.port, from.address),
  );
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  t.after(() => void socket.close());
  return socket.address().port;
}

async function openWorld(t: TestContext, grant: SiteGrant) {
  const { near: pop, far: connector } = await openPair(t);
  const bind = (port: number, take: Parameters<typeof connector.driver.bindUdp>[1]) =>
    connector.driver.bindUdp(port, take);
  const targets = new UdpTargets(bind, createClock(), createLog({ level: 'silent' }));
  t.after(() => targets.close());
  targets.follow(grant);
  const session = () => {
    const reader = new PieceReader();
    const found: (string | undefined)[] = [];
    let told = Promise.withResolvers<void>();
    const socket = pop.driver.bindUdp(0, (packet) => {
      const read = reader.read(packet, 0);
      if (read === undefined) return;
      found.push(read instanceof Uint8Array ? Buffer.from(read).toString() : read);
      told.resolve();
      told = Promise.withResolvers<void>();
    });
    const send = (packets: readonly Uint8Array[], port = 5_000): void => {
      for (const packet of packets) socket.send(packet, { address: connector.address, port });
    };
    return {
      send,
      async ask(text: string, port?: number): Promise<string | undefined> {
        const before = found.length;
        send(cutDatagram(Buffer.from(text), before), port);
        while (found.length === before) await told.promise;
        return found[before];
      },
      async next(): Promise<string | undefined> {
        const before = found.length;
        while (found.length === before) await told.promise;
        return found[before];
      },
    };
  };
  return { targets, session };
}

test('each session has a socket of its own, and answers find back', async (t) => {
  const { session, targets } = await openWorld(t, grantOf(udp(await target(t))));
  const [one, two] = [session(), session()];
  const first = await one.ask('hello');
  assert.match(first ?? '', /^HELLO \d+$/);
  assert.equal(await one.ask('hello'), first);
  assert.notEqual(await two.ask('hello'), first);
  assert.equal(targets.size, 2);
  one.send([SESSION_OVER]);
  assert.match((await two.ask('more')) ?? '', /^MORE/);
  assert.equal(targets.size, 1);
  assert.notEqual(await one.ask('hello'), first, 'a new socket');
});

test('datagrams as long as UDP takes them go through, both ways', async (t) => {
  const { session } = await openWorld(t, grantOf(udp(await target(t))));
  const long = 'y'.repeat(60_000);
  assert.ok((await session().ask(long))?.startsWith(long.toUpperCase()));
});

test('of a range each port leads to its own, and a name is looked up', async (t) => {
  const port = await target(t);
  const { session } = await openWorld(t, grantOf(udp(port - 2, { ports: 3, host: 'localhost' })));
  assert.match((await session().ask('third', 5_002)) ?? '', /^THIRD/);
});

test('what is not granted is not even open, and what is granted no more ends', async (t) => {
  const port = await target(t);
  const { session, targets } = await openWorld(
    t,
    grantOf(udp(port), { ...udp(port), overlayPort: 6_000, transport: 'unix' }),
  );
  const one = session();
  one.send(cutDatagram(Buffer.from('hello'), 0), 6_000);
  one.send(cutDatagram(Buffer.from('hello'), 0), 7_000);
  assert.match((await one.ask('hello')) ?? '', /^HELLO/);
  const over = one.next();
  targets.follow(grantOf(udp(port, { overlayPort: 5_001 })));
  assert.equal(await over, 'over');
  assert.equal(targets.size, 0);
  assert.match((await one.ask('again', 5_001)) ?? '', /^AGAIN/);
});
