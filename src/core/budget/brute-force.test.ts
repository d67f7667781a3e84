/** Guessing a PIN from everywhere at once, against the production code under a virtual clock. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SeededRandom } from '../../testing/seeded-random.ts';
import { type SpentTry, TRY_ALLOWANCES, TRY_WINDOW_MS, type Try, TryBudget } from './index.ts';
import { type GrantedTries, leaseTries } from './try-pool.ts';

const POPS = ['pop_a', 'pop_b', 'pop_c'];
const MINUTE = 60_000;
const START = 1_800_000_000_000;

/** PoPs that crash when they like, and a control that is there or not. */
class World {
  now = START;
  readonly #restarts: boolean;
  readonly #hasControl: () => boolean;
  readonly #budgets = new Map<string, TryBudget>();
  /** What each PoP's disk holds. */
  readonly #disks = new Map<string, string>();
  #granted: GrantedTries = [];
  /** When wrong guesses were judged. */
  readonly judged: number[] = [];

  constructor(options: { readonly restarts: boolean; readonly hasControl: () => boolean }) {
    this.#restarts = options.restarts;
    this.#hasControl = options.hasControl;
    for (const popId of POPS) this.#start(popId);
  }

  #start(popId: string): void {
    const budget = new TryBudget(popId);
    budget.setPops(
      POPS.map((id) => ({ id })),
      this.now,
    );
    const saved = this.#disks.get(popId);
    if (saved !== undefined) budget.restore(JSON.parse(saved), this.now);
    this.#budgets.set(popId, budget);
  }

  restart(popId: string): void {
    if (this.#restarts) this.#start(popId);
  }

  /** Whether the guess was judged, and what it cost. */
  guess(popId: string, isRight: boolean, from: Pick<Try, 'address' | 'browserId'>): SpentTry | undefined {
    const guess: Try = { credentialId: 'crd', version: 1, method: 'pin', ...from };
    const budget = this.#budgets.get(popId) as TryBudget;
    let answer = budget.begin(guess, this.now);
    if (answer.kind === 'ask' && this.#hasControl()) {
      const lease = leaseTries(this.#granted, TRY_ALLOWANCES.pin, this.now);
      this.#granted = lease.granted;
      budget.leased('crd', lease.tries, lease.untilUnixMs, this.now);
      answer = budget.begin(guess, this.now);
    }
    if (answer.kind !== 'spent') return undefined;
    this.#disks.set(popId, JSON.stringify(budget.state()));
    if (isRight) {
      budget.succeeded(answer, this.now);
      this.#disks.set(popId, JSON.stringify(budget.state()));
    } else this.judged.push(this.now);
    return answer;
  }

  /** The most wrong guesses that were judged within any hour. */
  get worstHour(): number {
    let worst = 0;
    for (let first = 0, last = 0; last < this.judged.length; last++) {
      while ((this.judged[first] ?? 0) <= (this.judged[last] ?? 0) - TRY_WINDOW_MS) first++;
      worst = Math.max(worst, last - first + 1);
    }
    return worst;
  }
}

interface Honest {
  readonly name: string;
  readonly address: string;
  readonly browserId?: string;
  tries: number;
  let: number;
}

function attack(options: { restarts: boolean; hasControl: (now: number) => boolean; hours: number; seed: number }) {
  const chance = new SeededRandom(options.seed);
  const random = () => chance.uint32() / 2 ** 32;
  const world: World = new World({ restarts: options.restarts, hasControl: () => options.hasControl(world.now) });
  const known: Honest = { name: 'a browser of before', address: '198.51.100.7', browserId: 'b1', tries: 0, let: 0 };
  const office: Honest = { name: 'an address of before', address: '198.51.100.8', tries: 0, let: 0 };
  for (const popId of POPS)
    for (const { address } of [known, office]) assert.ok(world.guess(popId, true, { address }), 'before the attack');
  for (let minute = 0; minute < options.hours * 60; minute++) {
    world.now = START + minute * MINUTE;
    // More than a thousand addresses could be let try: each one tries at every PoP, every minute.
    for (let i = 0; i < 1_000; i++) {
      const popId = POPS[Math.floor(random() * POPS.length)] as string;
      world.guess(popId, false, { address: `203.0.113.${i}` });
    }
    if (random() < 0.05) world.restart(POPS[Math.floor(random() * POPS.length)] as string);
    for (const honest of [known, office]) {
      if (minute % 13 !== 5) continue;
      honest.tries++;
      const popId = POPS[Math.floor(random() * POPS.length)] as string;
      const { address, browserId } = honest;
      // One typing mistake, now and then.
      if (honest.tries % 4 === 0) world.guess(popId, false, { address, browserId });
      if (world.guess(popId, true, { address, browserId })) honest.let++;
    }
  }
  return { world, honest: [known, office] };
}

const TABLE = [
  ['with control', true, () => true],
  ['with control stopped', true, () => false],
  ['with control that comes and goes', true, (now: number) => Math.floor((now - START) / (7 * MINUTE)) % 2 === 0],
  ['without restarts', false, () => true],
] as const;

for (const [name, restarts, hasControl] of TABLE)
  test(`a PIN of 6 digits under 1,000 addresses, three PoPs, ${name}: fewer than 100 guesses in any hour`, (t) => {
    const seed = 20_261_125;
    const { world, honest } = attack({ restarts, hasControl, hours: 6, seed });
    const chance = world.worstHour / 1_000_000;
    t.diagnostic(
      `seed ${seed}: ${world.judged.length} guesses in 6 hours, ${world.worstHour} in the worst one: ${chance}`,
    );
    assert.ok(world.worstHour < 100, `${world.worstHour} guesses`);
    assert.ok(world.judged.length > 100, 'the attack was one');
    for (const { name: who, tries, let: admitted } of honest)
      assert.equal(admitted, tries, `${who} was let in ${admitted} of ${tries} times`);
  });

test('nobody who is new gets in while a PIN is attacked, and everybody does when it is over', () => {
  const { world } = attack({ restarts: true, hasControl: () => true, hours: 2, seed: 7 });
  assert.equal(world.guess('pop_a', true, { address: '192.0.2.1' }), undefined);
  world.now += TRY_WINDOW_MS;
  assert.ok(world.guess('pop_a', true, { address: '192.0.2.1' }));
});

test('one address has a few tries at a PoP, however much is left for others', () => {
  const world = new World({ restarts: false, hasControl: () => true });
  for (let i = 0; i < 20; i++) world.guess('pop_a', false, { address: '192.0.2.1' });
  assert.equal(world.judged.length, TRY_ALLOWANCES.pin.perAddress);
  assert.ok(world.guess('pop_a', true, { address: '192.0.2.2' }));
});

test('people who know the PIN use nothing up, however many they are', () => {
  const world = new World({ restarts: true, hasControl: () => false });
  for (let i = 0; i < 10_000; i++) assert.ok(world.guess('pop_b', true, { address: `10.0.${i >> 8}.${i & 255}` }));
  assert.ok(world.guess('pop_b', false, { address: '192.0.2.1' }));
});
