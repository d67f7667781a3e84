/** What has to hold in a network of two versions: traffic, a change that gets live, and a failover. */
import assert from 'node:assert/strict';
import { type MixedNetwork, NOBODY, type Role, SIGNED_IN, type Versions } from './mixed-network.ts';
import { THIS_TREE, type Tree } from './trees.ts';

/** Requests at both PoPs, all the time; what goes wrong is kept. */
export class Load {
  requests = 0;
  readonly failures: string[] = [];
  #isOver = false;
  readonly #work: Promise<void>;

  constructor(network: MixedNetwork) {
    this.#work = this.#ask(network);
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#work;
  }

  /** A PoP that is being replaced takes no connections; whoever asks goes to the other one, as browsers do. */
  async #ask(network: MixedNetwork): Promise<void> {
    for (let turn = 0; !this.#isOver; turn++) {
      this.requests++;
      const outcomes = [];
      for (let tries = 0; tries < 2; tries++) {
        const entrance = network.entrances[(turn + tries) % 2] ?? '';
        const outcome = await network.ask(entrance).catch((error: Error) => error.message);
        outcomes.push(outcome);
        if (outcome === 200) break;
      }
      if (outcomes.at(-1) !== 200) this.failures.push(outcomes.join(', then '));
    }
  }
}

/** Requests pass at both PoPs; a policy that admits nobody gets live at both, and so does the one of before. */
export async function provePolicy(network: MixedNetwork): Promise<void> {
  for (const entrance of network.entrances) assert.equal(await network.ask(entrance), 200, entrance);
  for (const [policy, status] of [
    [NOBODY, 403],
    [SIGNED_IN, 200],
  ] as const) {
    await network.setPolicy(policy);
    for (const entrance of network.entrances)
      await network.until(`${status} at ${entrance}`, async () => (await network.ask(entrance)) === status);
  }
}

/** The tunnel of one PoP goes silent: what comes to it goes by the other. Then the PoP itself dies and comes back. */
export async function proveFailover(network: MixedNetwork, tree: Tree): Promise<void> {
  const [first, second] = network.entrances;
  await network.drill(true);
  for (let i = 0; i < 20; i++) assert.equal(await network.ask(first), 200, `request ${i} after the cut`);
  await network.drill(false);
  await network.untilComplete();
  await network.kill('pop-1');
  await network.until('the other PoP serves', async () => (await network.ask(second)) === 200);
  await network.replace('pop-1', tree);
  await network.untilComplete();
  assert.equal(await network.ask(first), 200);
}

export const allOf = (tree: Tree): Versions => ({ control: tree, 'pop-1': tree, 'pop-2': tree, connector: tree });

/** The order of docs/upgrading.md. */
export const UPGRADE_ORDER: readonly Role[] = ['control', 'pop-1', 'pop-2', 'connector'];

/** One node after another becomes this tree's, under load. Gives what people saw. */
export async function upgrade(network: MixedNetwork, roles: readonly Role[], tree = THIS_TREE): Promise<Load> {
  const load = new Load(network);
  for (const role of roles) {
    await network.replace(role, tree);
    await network.untilComplete();
  }
  await load.stop();
  return load;
}
