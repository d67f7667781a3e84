import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { createClock } from '../io/clock.ts';
import { openSqliteStore, type Store } from '../io/store/index.ts';
import { SIGN_IN_TRIES_PER_ACCOUNT, SIGN_IN_TRIES_PER_ADDRESS, SIGN_IN_WINDOW_MS } from './constants.ts';
import { SignInLimits } from './sign-in-limits.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'manis-limits-'));
const clock = createClock();
let store: Store;

before(async () => {
  store = await openSqliteStore({ dataDir, nowUnixMs: 1 });
});
beforeEach(async () => {
  await store.database.deleteFrom('sign_in_tries').execute();
});
after(async () => {
  await store.close();
  rmSync(dataDir, { recursive: true });
});

const OFFICE = '192.0.2.1';
const HOME = '198.51.100.7';

async function tryTimes(
  limits: SignInLimits,
  times: number,
  clientAddress: (i: number) => string,
  email = 'Ann@x.org',
) {
  const refused: number[] = [];
  for (let i = 0; i < times; i++) if (await limits.begin({ email, clientAddress: clientAddress(i) })) refused.push(i);
  return refused;
}

test('an account is limited whatever the address and the case of its name', async () => {
  const limits = new SignInLimits(store, clock);
  assert.deepEqual(await tryTimes(limits, SIGN_IN_TRIES_PER_ACCOUNT, (i) => `192.0.2.${i}`), []);
  const limit = await limits.begin({ email: 'ANN@X.ORG', clientAddress: HOME });
  assert.equal(limit?.isFirst, true);
  assert.ok(limit.waitMs > 0);
  assert.equal((await limits.begin({ email: 'ann@x.org', clientAddress: HOME }))?.isFirst, false);
  assert.equal(await limits.begin({ email: 'bob@x.org', clientAddress: HOME }), undefined);
});

test('an address is limited whatever the account, and an IPv6 subscriber is one address', async () => {
  for (const address of [() => OFFICE, (i: number) => `2001:db8:0:1::${i.toString(16)}`]) {
    const limits = new SignInLimits(store, clock);
    for (let i = 0; i < SIGN_IN_TRIES_PER_ADDRESS; i++)
      assert.equal(await limits.begin({ email: `user${i}@x.org`, clientAddress: address(i) }), undefined);
    assert.ok(await limits.begin({ email: 'one-more@x.org', clientAddress: address(0xffff) }));
  }
});

test('an address that has used up its tries locks no account', async () => {
  const limits = new SignInLimits(store, clock);
  for (let i = 0; i < SIGN_IN_TRIES_PER_ADDRESS; i++)
    await limits.begin({ email: `user${i}@x.org`, clientAddress: OFFICE });
  const refused = await tryTimes(limits, 2 * SIGN_IN_TRIES_PER_ACCOUNT, () => OFFICE);
  assert.equal(refused.length, 2 * SIGN_IN_TRIES_PER_ACCOUNT);
  assert.equal(await limits.begin({ email: 'ann@x.org', clientAddress: HOME }), undefined);
});

test('the right password gives the account its tries back, and the address one', async () => {
  const limits = new SignInLimits(store, clock);
  const ann = { email: 'ann@x.org', clientAddress: OFFICE };
  for (let round = 0; round < 2; round++) {
    assert.deepEqual(await tryTimes(limits, SIGN_IN_TRIES_PER_ACCOUNT - 1, () => OFFICE), []);
    assert.equal(await limits.begin(ann), undefined);
    await limits.succeeded(ann);
  }
});

test('the budget is one for all control nodes, and for a node that starts again', async () => {
  const nodes = [new SignInLimits(store, clock), new SignInLimits(store, clock)];
  const ann = { email: 'ann@x.org', clientAddress: HOME };
  for (let i = 0; i < SIGN_IN_TRIES_PER_ACCOUNT; i++) assert.equal(await nodes[i % 2]?.begin(ann), undefined);
  for (const node of [...nodes, new SignInLimits(store, clock)]) assert.ok(await node.begin(ann));
});

test('tries count for a window, which begins with the first of them', async () => {
  let unixMs = 1_000_000;
  const limits = new SignInLimits(store, { nowMs: () => unixMs, unixMs: () => unixMs });
  const ann = { email: 'ann@x.org', clientAddress: HOME };
  for (let i = 0; i < SIGN_IN_TRIES_PER_ACCOUNT; i++) assert.equal(await limits.begin(ann), undefined);
  unixMs += SIGN_IN_WINDOW_MS - 1;
  assert.equal((await limits.begin(ann))?.waitMs, 1);
  unixMs += 1;
  assert.equal(await limits.begin(ann), undefined);
});
