/**
 * `start`: how long `npm start` takes to be ready, after installation: the first start in an empty data folder (keys,
 * store, enrolment) and the second in the same. Five of each.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startNetwork } from '../network.ts';
import { type Figures, figure, median } from '../report.ts';

const RUNS = 5;
const PORT_BASE = 28_443;
const TARGET_MS = 5_000;

export async function start(say: (line: string) => void): Promise<Figures> {
  const first: number[] = [];
  const second: number[] = [];
  for (let run = 1; run <= RUNS; run++) {
    const dataDir = await mkdtemp(join(tmpdir(), 'manis-bench-start-'));
    try {
      first.push(await startOnce(dataDir));
      second.push(await startOnce(dataDir));
    } finally {
      await rm(dataDir, { recursive: true, force: true });
    }
    say(`${run}/${RUNS}: first ${first.at(-1)?.toFixed(0)} ms, second ${second.at(-1)?.toFixed(0)} ms`);
  }
  const asked = { unit: 'ms', target: TARGET_MS, better: 'less' } as const;
  return { firstStart: figure(median(first), asked), secondStart: figure(median(second), asked) };
}

async function startOnce(dataDir: string): Promise<number> {
  const network = await startNetwork({ dataDir, portBase: PORT_BASE });
  await network.stop();
  return network.startMs;
}
