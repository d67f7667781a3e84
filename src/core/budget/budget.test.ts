import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { leaseTries, sharedUses, standingShare, TRY_ALLOWANCES, TRY_WINDOW_MS, TryBudget, UseBudget } from './index.ts';

const NOW = 1_800_000_000_000;
const popIds = (count: number) => Array.from({ length: count }, (_, i) => `pop_${i}`);

test('the shares of all PoPs are the whole, and differ by one at the most', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 500 }),
      fc.integer({ min: 1, max: 200 }),
      fc.string(),
      (whole, count, salt) => {
        const pops = popIds(count);
        const shares = pops.map((popId) => standingShare(whole, pops, popId, salt));
        assert.equal(
          shares.reduce((sum, share) => sum + share, 0),
          whole,
        );
        assert.ok(Math.max(...shares) - Math.min(...shares) <= 1);
      },
    ),
  );
  assert.equal(standingShare(30, popIds(3), 'stranger', ''), 0, 'a PoP that is not in the snapshot has none');
});

test('control hands out no more than the pool within an hour', () => {
  let granted: Parameters<typeof leaseTries>[0] = [];
  let total = 0;
  for (let now = NOW; now < NOW + TRY_WINDOW_MS; now += 60_000) {
    const lease = leaseTries(granted, TRY_ALLOWANCES.pin, now);
    granted = lease.granted;
    total += lease.tries;
  }
  assert.equal(total, TRY_ALLOWANCES.pin.pooled);
  assert.ok(leaseTries(granted, TRY_ALLOWANCES.pin, NOW + TRY_WINDOW_MS).tries > 0);
});

test('no sum of allowances lets an attacker have a hundred guesses at a PIN', () => {
  const { standing, pooled, knownBrowsers, knownAddresses } = TRY_ALLOWANCES.pin;
  assert.ok(standing + 2 * pooled + knownBrowsers + knownAddresses < 100);
});

const guess = { credentialId: 'crd', version: 1, method: 'pin', address: 'a' } as const;

test('what was spent survives a restart, and where it is unknown nothing is spent for an hour', () => {
  const budget = new TryBudget('pop_0');
  budget.setPops(['pop_0']);
  for (let i = 0; i < 30; i++) assert.equal(budget.begin({ ...guess, address: `a${i}` }, NOW + i).kind, 'spent');
  assert.equal(budget.begin({ ...guess, address: 'b' }, NOW + 99).kind, 'ask');
  const again = new TryBudget('pop_0');
  again.setPops(['pop_0']);
  again.restore(JSON.parse(JSON.stringify(budget.state())));
  assert.equal(again.begin({ ...guess, address: 'b' }, NOW + 99).kind, 'ask');
  assert.equal(again.begin({ ...guess, address: 'b' }, NOW + TRY_WINDOW_MS).kind, 'spent');

  const damaged = new TryBudget('pop_0');
  damaged.setPops(['pop_0']);
  damaged.close(NOW);
  assert.equal(damaged.begin(guess, NOW + 1).kind, 'refused');
  const afterDamage = new TryBudget('pop_0');
  afterDamage.setPops(['pop_0']);
  afterDamage.restore(JSON.parse(JSON.stringify(damaged.state())));
  assert.equal(afterDamage.begin(guess, NOW + 2).kind, 'refused', 'a second restart does not open it');
  assert.equal(afterDamage.begin(guess, NOW + TRY_WINDOW_MS).kind, 'spent');
});

test('a clock that is set back gives nothing away', () => {
  const budget = new TryBudget('pop_0');
  budget.setPops(['pop_0']);
  for (let i = 0; i < 30; i++) budget.begin({ ...guess, address: `a${i}` }, NOW);
  assert.equal(budget.begin({ ...guess, address: 'b' }, NOW - 10 * TRY_WINDOW_MS).kind, 'ask');
});

test('a new secret begins anew, and an old snapshot cannot spend of it', () => {
  const budget = new TryBudget('pop_0');
  budget.setPops(['pop_0']);
  for (let i = 0; i < 30; i++) budget.begin({ ...guess, address: `a${i}` }, NOW);
  assert.equal(budget.begin({ ...guess, address: 'b', version: 2 }, NOW).kind, 'spent');
  assert.equal(budget.begin({ ...guess, address: 'c', version: 1 }, NOW).kind, 'refused');
});

test('uses of a limited link: the PoPs keep a part, never more, over restarts', () => {
  for (const [maximumUses, shared] of [
    [1, 0],
    [5, 0],
    [8, 2],
    [100, 25],
  ] as const) {
    assert.equal(sharedUses(maximumUses), shared);
    let given = 0;
    for (const popId of popIds(3)) {
      const link = { credentialId: 'crd', version: 1, maximumUses };
      let budget = new UseBudget(popId);
      for (let i = 0; i < 50; i++) {
        budget.setPops(popIds(3));
        if (budget.spend(link)) given++;
        const saved = JSON.parse(JSON.stringify(budget.state()));
        budget = new UseBudget(popId);
        budget.restore(saved);
      }
      budget.close();
      budget.setPops(popIds(3));
      assert.equal(budget.spend({ ...link, credentialId: 'other' }), false, 'what is unknown counts as spent');
    }
    assert.equal(given, shared);
  }
});
