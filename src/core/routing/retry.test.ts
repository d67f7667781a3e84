import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MAXIMUM_TRIES, RETRY_BURST, RETRY_RATIO } from './constants.ts';
import { type FailedTry, mayRetry, RetryBudget } from './retry.ts';

const base: FailedTry = {
  method: 'GET',
  bodyReplayable: true,
  bytesSent: 0,
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
    [{ method: 'POST', failure: 'reset', bytesSent: 1 }, 'not-idempotent'],
    [{ method: 'PATCH', failure: 'closed', bytesSent: 99 }, 'not-idempotent'],
    [{ method: 'get', failure: 'closed', bytesSent: 99 }, 'not-idempotent'],
    [{ method: 'PUT', failure: 'closed', bytesSent: 99 }, 'retry'],
    [{ method: 'DELETE', failure: 'reset', bytesSent: 99 }, 'retry'],
    [{ failure: 'reset', bytesSent: 99, responseStarted: true }, 'response-started'],
    [{ bodyReplayable: false }, 'body-gone'],
    [{ failure: 'response-timed-out', bytesSent: 99 }, 'not-transient'],
    [{ failure: 'response-malformed', bytesSent: 99 }, 'not-transient'],
    [{ failure: 'client-gone' }, 'client-gone'],
    [{ tries: MAXIMUM_TRIES }, 'tries-used-up'],
    [{ tries: MAXIMUM_TRIES - 1 }, 'retry'],
  ];
  for (const [changes, verdict] of table)
    assert.equal(mayRetry({ ...base, ...changes }), verdict, JSON.stringify(changes));
});

test('retries stay a small share of requests', () => {
  const budget = new RetryBudget(0);
  let spent = 0;
  for (let i = 0; i < 10_000; i++) {
    budget.earn(0);
    while (budget.spend(0)) spent++;
  }
  assert.ok(spent <= 10_000 * RETRY_RATIO + RETRY_BURST / 10 + 1, `${spent} retries`);
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
