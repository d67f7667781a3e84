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
  budget.setPops([{ id: 'pop_0' }], NOW);
  for (let i = 0; i < 30; i++) assert.equal(budget.begin({ ...guess, address: `a${i}` }, NOW + i).kind, 'spent');
  assert.equal(budget.begin({ ...guess, address: 'b' }, NOW + 99).kind, 'ask');
  const again = new TryBudget('pop_0');
  again.setPops([{ id: 'pop_0' }], NOW);
  again.restore(JSON.parse(JSON.stringify(budget.state())), NOW);
  assert.equal(again.begin({ ...guess, address: 'b' }, NOW + 99).kind, 'ask');
  assert.equal(again.begin({ ...guess, address: 'b' }, NOW + TRY_WINDOW_MS).kind, 'spent');

  const damaged = new TryBudget('pop_0');
  damaged.setPops([{ id: 'pop_0' }], NOW);
  damaged.close(NOW);
  assert.equal(damaged.begin(guess, NOW + 1).kind, 'refused');
  const afterDamage = new TryBudget('pop_0');
  afterDamage.setPops([{ id: 'pop_0' }], NOW);
  afterDamage.restore(JSON.parse(JSON.stringify(damaged.state())), NOW);
  assert.equal(afterDamage.begin(guess, NOW + 2).kind, 'refused', 'a second restart does not open it');
  assert.equal(afterDamage.begin(guess, NOW + TRY_WINDOW_MS).kind, 'spent');
});

test('a clock that is set back gives nothing away', () => {
  const budget = new TryBudget('pop_0');
  budget.setPops([{ id: 'pop_0' }], NOW);
  for (let i = 0; i < 30; i++) budget.begin({ ...guess, address: `a${i}` }, NOW);
  assert.equal(budget.begin({ ...guess, address: 'b' }, NOW - 10 * TRY_WINDOW_MS).kind, 'ask');
});

test('a new secret begins anew, and an old snapshot cannot spend of it', () => {
  const budget = new TryBudget('pop_0');
  budget.setPops([{ id: 'pop_0' }], NOW);
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
        budget.setPops(
          popIds(3).map((id) => ({ id })),
          NOW,
        );
        if (budget.spend(link)) given++;
        const saved = JSON.parse(JSON.stringify(budget.state()));
        budget = new UseBudget(popId);
        budget.restore(saved, NOW);
      }
      budget.close();
      budget.setPops(
        popIds(3).map((id) => ({ id })),
        NOW,
      );
      assert.equal(budget.spend({ ...link, credentialId: 'other' }), false, 'what is unknown counts as spent');
    }
    assert.equal(given, shared);
  }
});

test('PoPs that come and go give no more together than the whole, whichever of them is asked and restarts', () => {
  const MINUTE_MS = 60_000;
  fc.assert(
    fc.property(
      fc.array(
        fc.record({ kind: fc.constantFrom('add', 'remove', 'restart', 'ask', 'ask', 'ask'), which: fc.nat(9) }),
        {
          minLength: 20,
          maxLength: 150,
        },
      ),
      (steps) => {
        let now = NOW;
        let made = 0;
        const pops = new Map<string, { createdUnixMs: number; tries: TryBudget; uses: UseBudget }>();
        const link = { credentialId: 'crd', version: 1, maximumUses: 100, madeUnixMs: NOW };
        const judged: number[] = [];
        let given = 0;
        const tell = (): void => {
          const all = [...pops].map(([id, { createdUnixMs }]) => ({ id, createdUnixMs }));
          for (const { tries, uses } of pops.values()) for (const budget of [tries, uses]) budget.setPops(all, now);
        };
        const add = (): void => {
          const id = `pop_${made++}`;
          pops.set(id, { createdUnixMs: now, tries: new TryBudget(id), uses: new UseBudget(id) });
          tell();
        };
        add();
        add();
        for (const { kind, which } of steps) {
          now += 3 * MINUTE_MS;
          const [id, pop] = [...pops][which % Math.max(1, pops.size)] ?? [];
          if (kind === 'add' && pops.size < 6) add();
          if (id === undefined || !pop) continue;
          if (kind === 'remove' && pops.size > 1) pops.delete(id);
          if (kind === 'restart') {
            const [tries, uses] = [new TryBudget(id), new UseBudget(id)];
            tries.restore(JSON.parse(JSON.stringify(pop.tries.state())), now);
            uses.restore(JSON.parse(JSON.stringify(pop.uses.state())), now);
            pops.set(id, { ...pop, tries, uses });
          }
          tell();
          if (kind !== 'ask') continue;
          for (let i = 0; i < 40; i++) {
            const answer = pop.tries.begin({ ...guess, madeUnixMs: NOW, address: `${now} ${i}` }, now);
            if (answer.kind === 'spent') judged.push(now);
            if (pop.uses.spend(link)) given++;
          }
        }
        const worst = Math.max(
          0,
          ...judged.map((at) => judged.filter((one) => one <= at && one > at - TRY_WINDOW_MS).length),
        );
        assert.ok(worst <= TRY_ALLOWANCES.pin.standing, `${worst} tries within an hour`);
        assert.ok(given <= sharedUses(100), `${given} uses`);
      },
    ),
    { numRuns: 300 },
  );
});

test('a PoP that is new has its share of what is made after it at once, and of the rest after an hour', () => {
  const budget = new TryBudget('pop_1');
  budget.setPops([{ id: 'pop_0' }, { id: 'pop_1', createdUnixMs: NOW }], NOW);
  assert.equal(budget.begin({ ...guess, madeUnixMs: NOW - 1 }, NOW + 1).kind, 'ask');
  assert.equal(budget.begin({ ...guess, credentialId: 'younger', madeUnixMs: NOW }, NOW + 1).kind, 'spent');
  assert.equal(budget.begin({ ...guess, madeUnixMs: NOW - 1 }, NOW + TRY_WINDOW_MS).kind, 'spent');
  const uses = new UseBudget('pop_1');
  uses.setPops([{ id: 'pop_0' }, { id: 'pop_1', createdUnixMs: NOW }], NOW);
  const link = { credentialId: 'crd', version: 1, maximumUses: 100 };
  assert.equal(uses.spend({ ...link, madeUnixMs: NOW - 1 }), false);
  assert.equal(uses.spend({ ...link, credentialId: 'younger', madeUnixMs: NOW }), true);
});
