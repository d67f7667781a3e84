/** A flood of connections from one network, and somebody honest from another, at a whole PoP. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { after, before, test } from 'node:test';
import { connect } from 'node:tls';
import { parseIpAddress, parsePrefix } from '../base/index.ts';
import { APP_HOST, PopWorld, PUBLIC, resource, target } from '../testing/pop-world.ts';
import { trustedProxies } from './client-facts.ts';
import { connectionRates } from './connection-rates.ts';
import { MAXIMUM_CONNECTIONS_PER_ADDRESS } from './constants.ts';

let world: PopWorld;

before(async () => {
  world = await PopWorld.start({
    connectionRates: {
      perAddress: { requests: 1, perMs: 1_000, burst: 8 },
      perNetwork: { requests: 4, perMs: 1_000, burst: 16 },
      exempts: ({ text }) => text === '127.0.0.1',
    },
  });
  world.publishBasics(resource(1, { policy: PUBLIC, targets: [target(1)] }));
});
after(() => world.stop());

/** Whether a TLS handshake from there came to its end. */
async function shakesHands(localAddress: string): Promise<boolean> {
  const socket = connectTcp({ host: '127.0.0.1', port: world.port, localAddress });
  const secure = connect({ socket, servername: APP_HOST, rejectUnauthorized: false });
  const came = await Promise.race([
    once(secure, 'secureConnect').then(() => true),
    once(secure, 'close').then(
      () => false,
      () => false,
    ),
  ]).catch(() => false);
  secure.on('error', () => undefined);
  secure.destroy();
  return came;
}

const counter = (name: string): number => world.pop.counters().requests[name] ?? 0;

test('a client that floods meets no handshake any more, its network neither, and others come in', async () => {
  let came = 0;
  for (let i = 0; i < 12; i++) if (await shakesHands('127.8.0.1')) came++;
  assert.equal(came, 8);
  assert.equal(counter('connection-rate-per-address'), 4);
  for (let i = 2; i < 20; i++) if (await shakesHands(`127.8.0.${i}`)) came++;
  assert.equal(came, 16);
  assert.equal(counter('connection-rate-per-network'), 10);
  assert.ok(await shakesHands('127.8.1.1'), 'another network');
  for (let i = 0; i < 20; i++) assert.ok(await shakesHands('127.0.0.1'), 'who is exempt');
  world.clock.advance(1_000);
  assert.ok(await shakesHands('127.8.0.1'), 'a while later');
});

test('the machine itself and trusted proxies come as often as they like, and 0 lets everybody', () => {
  const prefixes = [parsePrefix('10.0.0.0/8')].flatMap((prefix) => prefix ?? []);
  const rates = connectionRates(5, trustedProxies(prefixes, false));
  const exempt = (text: string): boolean => rates?.exempts(parseIpAddress(text) as never) ?? false;
  assert.deepEqual(['127.0.0.1', '::1', '10.2.3.4', '192.0.2.1'].map(exempt), [true, true, true, false]);
  assert.deepEqual(rates?.perAddress, { requests: 5, perMs: 1_000, burst: MAXIMUM_CONNECTIONS_PER_ADDRESS });
  assert.equal(connectionRates(0, undefined), undefined);
});
