/**
 * Our TCP/IP against the Linux kernel's, through Debian's wireguard-go, with bad weather in between. Heavy: about a
 * minute.
 */
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { after, before, describe, type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ConnectionStatistics } from '../../src/core/netstack/index.ts';
import type { HostProcess } from '../lab/host-process.ts';
import { LAB_REQUIREMENTS } from '../lab/lab.ts';
import type { RelayCounters } from '../lab/weather.ts';
import { WIREGUARD_GO_REQUIREMENTS } from '../lab/wireguard-go.ts';
import type { Outcome, Plan } from './linux-tcp/streams.ts';
import { KERNEL, openWorld, STACK, type World } from './linux-tcp/world.ts';
import { missingRequirement, requireTools } from './requirements.ts';

const REQUIREMENTS = [...LAB_REQUIREMENTS, ...WIREGUARD_GO_REQUIREMENTS];
const HUNDRED_MEGABYTES = 100_000_000;
const FAMILIES = ['ipv4', 'ipv6'] as const;

let world: World | undefined;
let lastPort = 7000;

/** The world, or undefined where the test is skipped. */
function worldFor(t: TestContext): World | undefined {
  return requireTools(t, REQUIREMENTS) ? world : undefined;
}

before(async () => {
  if (missingRequirement(REQUIREMENTS) === undefined) world = await openWorld();
});
after(async () => await world?.close());

interface Ends {
  readonly client: HostProcess;
  readonly server: HostProcess;
  /** Address of the server. */
  readonly to: string;
}

type Opener = 'we connect' | 'the kernel connects';

function ends({ stack, kernel }: World, opener: Opener, family: 'ipv4' | 'ipv6'): Ends {
  return opener === 'we connect'
    ? { client: stack, server: kernel, to: KERNEL[family] }
    : { client: kernel, server: stack, to: STACK[family] };
}

/** Runs a stream between the ends and gives what became of it at each. */
async function exchange(
  { client, server, to }: Ends,
  clientPlan: Plan,
  serverPlan: Plan,
): Promise<{ client: Outcome; server: Outcome }> {
  const port = ++lastPort;
  await server.call('listen', port, serverPlan);
  const outcome = await client.call<Outcome>('connect', to, port, clientPlan);
  const [served] = await server.call<Outcome[]>('served', port);
  assert.ok(served, 'the server never saw the stream');
  return { client: outcome, server: served };
}

function assertIntact(outcome: { client: Outcome; server: Outcome }, what: string): void {
  const { client, server } = outcome;
  assert.deepEqual([client.error, server.error], [null, null], what);
  assert.deepEqual(server.received, client.sent, `client to server, ${what}`);
  assert.deepEqual(client.received, server.sent, `server to client, ${what}`);
}

describe('100 MB each way at once, with 1 % loss, reordering and doubles, arrive intact', () => {
  const cases: readonly (readonly [Opener, 'ipv4' | 'ipv6'])[] = [
    ['we connect', 'ipv6'],
    ['the kernel connects', 'ipv4'],
  ];
  for (const [opener, family] of cases) {
    test(`when ${opener} over ${family}`, async (t) => {
      const here = worldFor(t);
      if (!here) return;
      const seed = randomInt(1, 2 ** 31);
      await here.weather({ seed, loss: 0.01, held: 0.01, heldMs: 3, doubled: 0.001 });
      const before = await here.relay.call<RelayCounters>('counters');
      const plan = { sendBytes: HUNDRED_MEGABYTES };
      const outcome = await exchange(ends(here, opener, family), { ...plan, seed }, { ...plan, seed: seed + 1 });
      assertIntact(outcome, `seed ${seed}`);
      assert.equal(outcome.client.received.bytes, HUNDRED_MEGABYTES);
      const after = await here.relay.call<RelayCounters>('counters');
      assert.ok(after.lost - before.lost > 1000 && after.heldBack - before.heldBack > 1000, 'the weather was fine');
    });
  }

  test('also when the kernel itself drops 1 % (nftables)', async (t) => {
    const here = worldFor(t);
    if (!here || !requireTools(t, ['nft'])) return;
    await here.weather({});
    here.kernelHost.dropIncoming(1);
    t.after(() => here.kernelHost.execute('nft', 'delete', 'table', 'inet', 'lab'));
    const plan = { sendBytes: HUNDRED_MEGABYTES / 5 };
    assertIntact(await exchange(ends(here, 'we connect', 'ipv4'), plan, { ...plan, seed: 2 }), 'nftables');
  });
});

for (const family of FAMILIES) {
  describe(`with the kernel over ${family}`, () => {
    for (const opener of ['we connect', 'the kernel connects'] as const) {
      test(`${opener}, and each end goes on after the other's FIN (half-close)`, async (t) => {
        const here = worldFor(t);
        if (!here) return;
        await here.weather({});
        const late: Plan = { sendBytes: 300_000, sendAfter: 'endOfPeer' };
        const early: Plan = { sendBytes: 200_000, seed: 9 };
        assertIntact(await exchange(ends(here, opener, family), early, late), 'the server is late');
        assertIntact(await exchange(ends(here, opener, family), late, early), 'the client is late');
        assertIntact(await exchange(ends(here, opener, family), { sendBytes: 0 }, { sendBytes: 0 }), 'nothing sent');
      });

      test(`${opener}, to a port where nobody listens: refused`, async (t) => {
        const here = worldFor(t);
        if (!here) return;
        await here.weather({});
        const { client, to } = ends(here, opener, family);
        const { error } = await client.call<Outcome>('connect', to, 6999, { sendBytes: 1 });
        assert.match(error ?? 'connected', /refused/i);
      });

      test(`${opener}, and a reset reaches the other end`, async (t) => {
        const here = worldFor(t);
        if (!here) return;
        await here.weather({});
        const resetting: Plan = { sendBytes: 50_000, thenReset: true };
        const waiting: Plan = { sendBytes: 0, sendAfter: 'endOfPeer' };
        const { server } = await exchange(ends(here, opener, family), resetting, waiting);
        assert.match(server.error ?? 'ended', /reset/i);
      });

      test(`${opener} twenty times at once, in bad weather`, async (t) => {
        const here = worldFor(t);
        if (!here) return;
        const seed = randomInt(1, 2 ** 31);
        await here.weather({ seed, loss: 0.01, held: 0.01, heldMs: 3 });
        const { client, server, to } = ends(here, opener, family);
        const port = ++lastPort;
        const plan: Plan = { sendBytes: 400_000 };
        await server.call('listen', port, plan);
        const outcomes = await Promise.all(
          Array.from({ length: 20 }, (_, i) => client.call<Outcome>('connect', to, port, { ...plan, seed: seed + i })),
        );
        const served = await server.call<Outcome[]>('served', port, 20);
        const digests = (all: Outcome[], take: 'sent' | 'received'): string[] =>
          all.map((one) => one[take].sha256).sort();
        assert.deepEqual(digests(served, 'received'), digests(outcomes, 'sent'), `seed ${seed}`);
        assert.deepEqual(digests(outcomes, 'received'), digests(served, 'sent'), `seed ${seed}`);
      });
    }

    test('echo requests of 8 to 1300 bytes come back', async (t) => {
      const here = worldFor(t);
      if (!here) return;
      await here.weather({});
      for (const [index, size] of [8, 56, 1300].entries())
        await Promise.race([
          here.stack.call('ping', KERNEL[family], index + 1, size),
          expire(5_000, `echo of ${size}`),
        ]);
    });

    test("we answer the kernel's echo requests of 8 to 1300 bytes", async (t) => {
      const here = worldFor(t);
      if (!here) return;
      await here.weather({});
      for (const [index, size] of [8, 57, 1300].entries())
        assert.equal(await here.kernel.call<boolean>('ping', STACK[family], index + 1, size), true, `${size} bytes`);
    });

    test('UDP datagrams come back from the kernel, and from us', async (t) => {
      const here = worldFor(t);
      if (!here) return;
      await here.weather({});
      const port = ++lastPort;
      await here.kernel.call('echoUdp', port);
      await here.stack.call('echoUdp', port);
      for (const text of ['x', 'y'.repeat(1300)]) {
        const asked: Promise<string> = here.stack.call<string>('askUdp', KERNEL[family], port, text);
        assert.equal(await Promise.race([asked, expire(5_000, 'answer of the kernel')]), text);
        const answered: Promise<string> = here.kernel.call<string>('askUdp', STACK[family], port, text);
        assert.equal(await Promise.race([answered, expire(5_000, 'answer of ours')]), text);
      }
    });

    test('the kernel agreed to window scaling, timestamps and SACK, and the window grows large', async (t) => {
      const here = worldFor(t);
      if (!here) return;
      await here.weather({ delayMs: 20 });
      const port = ++lastPort;
      await here.kernel.call('listen', port, { sendBytes: 20_000_000 });
      const running = here.stack.call<Outcome>('connect', KERNEL[family], port, { sendBytes: 20_000_000, seed: 3 });
      // As the kernel sees the stream while it runs.
      const seen: string[] = [];
      const watching = setInterval(() => seen.push(here.kernelHost.execute('ss', '-tioneH', `sport = :${port}`)), 100);
      const outcome = await running.finally(() => clearInterval(watching));
      const [served] = await here.kernel.call<Outcome[]>('served', port);
      assert.ok(served);
      assertIntact({ client: outcome, server: served }, 'window');
      const all = seen.join('\n');
      for (const agreed of [/ ts /, / sack /, / wscale:\d+,\d+ /])
        assert.ok(agreed.test(all), `${agreed} is not in ${all.slice(0, 500)}`);
      const receiveWindows = [...all.matchAll(/snd_wnd:(\d+)/g)].map((match) => Number(match[1]));
      assert.ok(Math.max(...receiveWindows) > 65_535, `our window, as the kernel saw it: ${receiveWindows}`);
    });
  });
}

describe('a silent stream', () => {
  test('lives by our keep-alive while the kernel answers, and fails by it when nothing answers', async (t) => {
    const here = worldFor(t);
    if (!here) return;
    await here.weather({});
    const port = ++lastPort;
    await here.kernel.call('listen', port, { sendBytes: 0, sendAfter: 'endOfPeer' });
    const held = await here.stack.call<number>('hold', KERNEL.ipv4, port);
    // Linux answers at most one probe in 500 ms (tcp_invalid_ratelimit).
    await here.stack.call('keepAlive', held, 600, 300, 3);
    const first = await here.stack.call<ConnectionStatistics>('statistics', held);
    await sleep(2_200);
    const second = await here.stack.call<ConnectionStatistics>('statistics', held);
    assert.ok(second.segmentsReceived - first.segmentsReceived >= 2, 'the kernel answered our probes');
    const failure = here.stack.call<string>('failure', held);
    await here.weather({ loss: 1 });
    assert.match(await Promise.race([failure, expire(5_000, 'failure')]), /timeout/);
    await here.weather({});
  });

  test("lives by the kernel's keep-alive, which we answer", async (t) => {
    const here = worldFor(t);
    if (!here) return;
    await here.weather({});
    const port = ++lastPort;
    await here.stack.call('listen', port, { sendBytes: 1_000, sendAfter: 'endOfPeer' });
    const held = await here.kernel.call<number>('hold', STACK.ipv4, port);
    await here.kernel.call('keepAlive', held, 1_000);
    const before = await here.stack.call<Record<string, number>>('counters');
    await sleep(2_600);
    const after = await here.stack.call<Record<string, number>>('counters');
    assert.ok(Number(after['packetsReceived']) - Number(before['packetsReceived']) >= 2, 'two probes in 2.6 s');
    assert.ok(Number(after['packetsSent']) - Number(before['packetsSent']) >= 2, 'two answers');
    await here.kernel.call('release', held);
    const [served] = await here.stack.call<Outcome[]>('served', port);
    assert.equal(served?.error, null);
    assert.equal(served?.sent.bytes, 1_000);
  });
});

async function expire(afterMs: number, what: string): Promise<never> {
  await sleep(afterMs, undefined, { ref: false });
  throw new Error(`${what}: nothing within ${afterMs} ms`);
}
