import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SteeredPop } from '../../core/steering/index.ts';
import type { Log } from '../../io/log.ts';
import { Counters } from '../counters.ts';
import { LIMITED_NEWS_MS } from './constants.ts';
import { SteeringNews } from './steering-news.ts';

function newsOf() {
  const said: string[] = [];
  const say = (level: string) => (event: string, fields: object) =>
    said.push(`${level} ${event} ${JSON.stringify(fields)}`);
  const log = { debug: say('debug'), info: say('info'), warn: say('warn'), error: say('error') } as unknown as Log;
  const counters = new Counters();
  return { news: new SteeringNews(log, counters), counters, take: () => said.splice(0) };
}

const pop = (changes: Partial<SteeredPop>): SteeredPop => ({
  ...{ id: 'pop-2', latitude: 0, longitude: 0, ipv4: [], ipv6: [], draining: false },
  ...{ liveness: 'up', load: { connections: 1, capacity: 10, cpu: 0.1 } },
  ...changes,
});

test('who is alive is said when it changes', () => {
  const { news, take } = newsOf();
  for (const liveness of ['up', 'up', 'down', 'down', 'up'] as const) news.look([pop({ liveness })], 0);
  assert.deepEqual(
    take().map((line) => line.split(' {')[0]),
    ['info PoP in DNS', 'warn PoP left out of DNS: most do not hear it', 'info PoP in DNS'],
  );
});

test('a load that cannot be is said once, with the PoP that claims it', () => {
  const { news, take } = newsOf();
  const load = { connections: 1e12, capacity: 1, cpu: 0 };
  news.look([pop({})], 0);
  take();
  for (let i = 0; i < 3; i++) news.look([pop({ load })], 0);
  const [line = '', ...others] = take();
  assert.match(line, /^warn a PoP claims a load that cannot be.*pop-2/);
  assert.deepEqual(others, []);
});

test('a flood is said now and then, with how much was dropped and no address', () => {
  const { news, counters, take } = newsOf();
  counters.add('dns', 'dns-rate-limited', 500);
  for (const nowMs of [0, 1, LIMITED_NEWS_MS - 1]) news.look([], nowMs);
  assert.deepEqual(take(), [
    'warn answers to DNS queries over UDP are limited: a flood, or a forged address {"dropped":500}',
  ]);
  counters.add('dns', 'dns-rate-limited', 7);
  news.look([], LIMITED_NEWS_MS);
  assert.match(take()[0] ?? '', /"dropped":7/);
});
