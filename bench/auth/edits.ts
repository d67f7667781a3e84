// biome-ignore-all lint/suspicious/noThenProperty: a rule is written when and then; it is an object, so nothing awaits it
/**
 * How long until an edit of a policy is in force at three PoPs: from the call of the API over store, publication, links
 * with TLS and signatures, to the first decision by the new policy at the last of them.
 */
import type { SnapshotState } from '../../src/core/link/index.ts';
import { evaluate, normaliseTarget, plainContext } from '../../src/core/policy/index.ts';
import { NodeSessionCrypto } from '../../src/io/session-crypto.ts';
import { SnapshotView } from '../../src/pop/snapshot-view.ts';
import { ControlWorld, type PopWorld } from '../../src/testing/control-world.ts';

const EDITS = 100;
const POPS = ['ams', 'nyc', 'sin'];
const HOST = 'wiki.manis.localhost';

/** Milliseconds of each edit, ascending. */
export async function editTimes(): Promise<number[]> {
  const world = new ControlWorld();
  try {
    await world.start();
    const { id } = await world.must('POST', '/resources', { name: 'Wiki', host: HOST, policy: { rules: [] } });
    const pops = [];
    for (const name of POPS) pops.push(new JudgingPop(await world.addPop(name)));
    const times: number[] = [];
    for (let i = 0; i < EDITS; i++) {
      const kind = i % 2 === 0 ? 'bypass' : 'deny';
      const policy = { rules: [{ id: 'r', name: 'r', enabled: true, when: { all: [] }, then: { kind } }] };
      const wanted = kind === 'bypass' ? 'allow' : 'deny';
      const startedMs = performance.now();
      const answered = world.must('PUT', `/resources/${id}/policy`, policy);
      await Promise.all(pops.map((pop) => pop.until(wanted)));
      times.push(performance.now() - startedMs);
      await answered;
    }
    return times.sort((a, b) => a - b);
  } finally {
    await world.end();
  }
}

/** The parts of a PoP that judge, behind a real link. */
class JudgingPop {
  readonly #pop: PopWorld;
  readonly #crypto = new NodeSessionCrypto();
  #view: SnapshotView | undefined;
  #state: SnapshotState | null = null;

  constructor(pop: PopWorld) {
    this.#pop = pop;
  }

  until(outcome: string): Promise<void> {
    return this.#pop.until(() => this.#decide() === outcome);
  }

  #decide(): string | undefined {
    const { state } = this.#pop;
    if (state && state !== this.#state) this.#view = SnapshotView.of(state, this.#crypto, this.#view);
    this.#state = state;
    const target = normaliseTarget('/');
    const resource = this.#view?.resourceAt(HOST);
    if (!resource || typeof target === 'string') return undefined;
    const context = plainContext({ clientAddress: undefined, target, method: 'GET', nowUnixMs: Date.now() });
    return evaluate(resource.policy, context, undefined).outcome;
  }
}
