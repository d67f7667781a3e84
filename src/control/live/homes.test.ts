import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AttachedConnector } from '../../core/link/index.ts';
import { LIVE_GONE_KEPT_MS } from './constants.ts';
import { Homes, type SeenPop } from './homes.ts';

const LOST_AFTER_MS = 1_000;

const tunnel = (rttMs: number, change: Partial<AttachedConnector> = {}): AttachedConnector => ({
  ...{ connectorId: 'con', state: 'up', path: 'udp', relayPopId: null, rttMs, sinceUnixMs: 0, endpoint: null },
  ...change,
});
const pop = (popId: string, ...connectors: AttachedConnector[]): SeenPop => ({ popId, connectors });
const paris = pop('paris', tunnel(10));
const oslo = pop('oslo', tunnel(30));

/** What is seen at which time, and what is told then. */
function tells(...steps: [unixMs: number, pops: SeenPop[], told: string[]][]): void {
  const homes = new Homes(LOST_AFTER_MS);
  for (const [unixMs, pops, told] of steps) {
    const events = homes.see(pops, unixMs).map((event) => {
      if (event.kind === 'home-moved')
        return `${event.fromPopId} > ${event.toPopId} in ${event.tookMs} at ${event.unixMs}`;
      return `${event.kind} ${'popId' in event ? event.popId : event.connectorId} at ${event.unixMs}`;
    });
    assert.deepEqual(events, told, `at ${unixMs}`);
  }
}

test('of what is seen for the first time nothing happened', () => {
  tells([0, [paris, oslo], []], [1, [oslo, paris], []]);
});

test('a home moves at once where its tunnel is down and another one is up', () => {
  const down = pop('paris', tunnel(10, { state: 'down' }));
  tells([0, [paris, oslo], []], [50, [down, oslo], ['paris > oslo in 0 at 50']], [60, [paris, oslo], []]);
});

test('a home that has no tunnel for a while moves when there is one', () => {
  const down = pop('paris', tunnel(10, { state: 'down' }));
  tells(
    [0, [paris], []],
    [50, [down], ['connector-lost con at 50']],
    [350, [down, oslo], ['paris > oslo in 300 at 350']],
  );
});

test('a PoP whose link is back in a moment was never lost, and nobody moved', () => {
  tells(
    [0, [paris, oslo], []],
    [10, [oslo], []],
    [900, [oslo], []],
    [950, [paris, oslo], []],
    [5000, [paris, oslo], []],
  );
});

test('a PoP that stays away is lost, and who was at home there moved when another tunnel was there', () => {
  tells(
    [0, [paris, oslo], []],
    [10, [oslo], []],
    [1010, [oslo], ['pop-lost paris at 10', 'paris > oslo in 0 at 10']],
    [3000, [paris, oslo], ['pop-back paris at 3000']],
  );
});

test('a tunnel through another PoP is a home where there is no other, and the direct one is better', () => {
  const relayed = pop('oslo', tunnel(1, { path: 'relay', relayPopId: 'paris' }));
  tells([0, [paris, relayed], []], [5, [pop('paris'), relayed], ['paris > oslo in 0 at 5']]);
});

test('a connector that comes back to the same PoP is back', () => {
  tells([0, [paris], []], [5, [pop('paris')], ['connector-lost con at 5']], [9, [paris], ['connector-back con at 9']]);
});

test('what is gone for very long is forgotten, and is new when it comes back', () => {
  const down = pop('paris', tunnel(10, { state: 'down' }));
  const late = 50 + LIVE_GONE_KEPT_MS + 1;
  tells([0, [paris], []], [50, [down], ['connector-lost con at 50']], [late, [down], []], [late + 1, [paris], []]);
  tells(
    [0, [paris, oslo], []],
    [10, [oslo], []],
    [10 + LOST_AFTER_MS, [oslo], ['pop-lost paris at 10', `paris > oslo in 0 at 10`]],
    [late, [oslo], []],
    [late + 1, [paris, oslo], []],
  );
});
