import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MAXIMUM_TRIES, RETRY_BURST, RETRY_RATIO } from './constants.ts';
import { type FailedTry, mayRetry, nextWay, RetryBudget, type TryFailure } from './retry.ts';

const base: FailedTry = {
  method: 'GET',
  bodyReplayable: true,
  sent: false,
  responseStarted: false,
  failure: 'refused',
  tries: 1,
};

test('a try is made again only where nobody can notice', () => {
  const table: [changes: Partial<FailedTry>, verdict: string][] = [
    [{}, 'retry'],
    [{ method: 'POST' }, 'retry'],
    [{ method: 'POST', failure: 'connect-timed-out' }, 'retry'],
    [{ method: 'POST', failure: 'no-path' }, 'retry'],
    [{ method: 'POST', failure: 'reset' }, 'retry'],
    [{ method: 'POST', failure: 'reset', sent: true }, 'not-idempotent'],
    [{ method: 'PATCH', failure: 'closed', sent: true }, 'not-idempotent'],
    [{ method: 'get', failure: 'closed', sent: true }, 'not-idempotent'],
    [{ method: 'PUT', failure: 'closed', sent: true }, 'retry'],
    [{ method: 'DELETE', failure: 'reset', sent: true }, 'retry'],
    [{ failure: 'reset', sent: true, responseStarted: true }, 'response-started'],
    [{ bodyReplayable: false }, 'body-gone'],
    [{ failure: 'response-timed-out', sent: true }, 'not-transient'],
    [{ failure: 'response-malformed', sent: true }, 'not-transient'],
    [{ failure: 'client-gone' }, 'client-gone'],
    [{ tries: MAXIMUM_TRIES }, 'tries-used-up'],
    [{ tries: MAXIMUM_TRIES - 1 }, 'retry'],
  ];
  for (const [changes, verdict] of table)
    assert.equal(mayRetry({ ...base, ...changes }), verdict, JSON.stringify(changes));
});

test('a try is made again another way: another connector, another target, and the preferred tier first', () => {
  const way = (name: string, rank = 0) => ({
    way: { targetId: name.charAt(0), connectorId: name.slice(1), isSuspect: false },
    rank,
  });
  // Ways are written target and connector: `a1` is target a through connector 1. It is `a1` that failed.
  const table: [failure: TryFailure, untried: [name: string, rank: number][], next: string][] = [
    [
      'refused',
      [
        ['a2', 0],
        ['b1', 0],
      ],
      'b1',
    ],
    [
      'refused',
      [
        ['a2', 0],
        ['b1', 0],
        ['b2', 0],
      ],
      'b2',
    ],
    [
      'refused',
      [
        ['a2', 0],
        ['b2', 1],
      ],
      'a2',
    ],
    [
      'connect-timed-out',
      [
        ['b1', 0],
        ['a2', 0],
      ],
      'a2',
    ],
    [
      'no-path',
      [
        ['b1', 0],
        ['a2', 0],
        ['b2', 0],
      ],
      'b2',
    ],
    [
      'closed',
      [
        ['b1', 0],
        ['c2', 1],
      ],
      'b1',
    ],
    [
      'reset',
      [
        ['b2', 1],
        ['c2', 1],
      ],
      'b2',
    ],
    ['closed', [], 'none'],
  ];
  for (const [failure, untried, next] of table) {
    const ranked = untried.map(([name, rank]) => way(name, rank));
    const found = nextWay(ranked, way('a1').way, failure)?.way;
    const label = `${failure} ${JSON.stringify(untried)}`;
    assert.equal(found ? found.targetId + found.connectorId : 'none', next, label);
  }
});

test('retries stay a small share of requests', () => {
  const budget = new RetryBudget(0);
  let spent = 0;
  for (let i = 0; i < 10_000; i++) {
    budget.earn(0);
    while (budget.spend(0)) spent++;
  }
  assert.ok(spent <= 10_000 * RETRY_RATIO + RETRY_BURST + 1, `${spent} retries`);
  assert.ok(spent >= 10_000 * RETRY_RATIO);
});

test('a quiet resource earns retries by time, up to the burst; a clock that goes back earns none', () => {
  const budget = new RetryBudget(0);
  while (budget.spend(0));
  assert.equal(budget.spend(999), false);
  assert.equal(budget.spend(1_000), true);
  assert.equal(budget.spend(500), false);
  let spent = 0;
  while (budget.spend(1e9)) spent++;
  assert.equal(spent, RETRY_BURST);
});
