/**
 * Coverage-guided fuzzing: inputs are made of others; a batch in which code ran that had not run before is looked
 * through, and what made it run is kept to make more of. The seed and the input are told when something does not hold.
 */
import { SeededRandom } from '../../src/testing/seeded-random.ts';
import { Coverage } from './coverage.ts';
import { mutate } from './mutate.ts';
import type { FuzzTarget } from './target.ts';

export interface FuzzOptions {
  readonly seed: number;
  readonly forMs: number;
  readonly nowMs: () => number;
}

export interface FuzzOutcome {
  readonly inputs: number;
  /** Inputs that are kept, the seeds among them. */
  readonly corpus: number;
  /** Blocks of `src` that ran. */
  readonly blocks: number;
}

/** An input for which something does not hold. */
export class FuzzFinding extends Error {
  override readonly name = 'FuzzFinding';

  constructor(target: string, seed: number, input: Uint8Array, cause: unknown) {
    const shown = Buffer.from(input).toString('hex');
    super(`${target}, seed ${seed}: ${cause instanceof Error ? cause.stack : String(cause)}\ninput ${shown}`, {
      cause,
    });
  }
}

/** Asking what ran costs as much as some hundred runs. */
const BATCH = 256;
/** Beyond these the oldest that is no seed is let go. */
const CORPUS_MAX = 2_000;

export async function fuzz(target: FuzzTarget, { seed, forMs, nowMs }: FuzzOptions): Promise<FuzzOutcome> {
  const random = new SeededRandom(seed);
  const corpus = [...target.seeds];
  const coverage = await Coverage.start();
  let inputs = 0;
  const run = async (input: Uint8Array): Promise<void> => {
    inputs++;
    try {
      // A copy, so that nobody keeps or changes what is shown when it fails.
      await target.run(input.slice());
    } catch (error) {
      throw new FuzzFinding(target.name, seed, input, error);
    }
  };
  try {
    for (const input of corpus) await run(input);
    await coverage.grown();
    const endMs = nowMs() + forMs;
    while (nowMs() < endMs) {
      const batch = Array.from({ length: BATCH }, () => mutate(random.pick(corpus), random, corpus, target.words));
      for (const input of batch) {
        await run(input);
        if (nowMs() >= endMs) break;
      }
      if ((await coverage.grown()) > 0) keep(corpus, batch, target.seeds.length, random);
    }
    return { inputs, corpus: corpus.length, blocks: coverage.blocks };
  } finally {
    await coverage.stop();
  }
}

/** One of the batch made new code run. Which one is not looked for: some of each such batch are as good a start. */
function keep(corpus: Uint8Array[], batch: readonly Uint8Array[], seeds: number, random: SeededRandom): void {
  for (let left = 16; left > 0; left--) corpus.push(random.pick(batch));
  if (corpus.length > CORPUS_MAX) corpus.splice(seeds, corpus.length - CORPUS_MAX);
}
