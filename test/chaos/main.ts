/** `npm run chaos -- [--minutes N] [--seed S] [--json]`. Exit code 1 on a violation, 2 on a wrong flag. */
import { parseArgs } from 'node:util';
import { missingRequirement } from '../interop/requirements.ts';
import { LAB_REQUIREMENTS } from '../lab/lab.ts';
import { WORLD_REQUIREMENTS } from '../netlab/world.ts';
import { chaosTable } from './report.ts';
import { runChaos } from './run.ts';

const USAGE = 'usage: npm run chaos -- [--minutes N] [--seed S] [--json]\n';

async function main(args: readonly string[]): Promise<number> {
  const options = read(args);
  if (!options) {
    process.stderr.write(USAGE);
    return 2;
  }
  const { minutes, seed, json } = options;
  const missing = missingRequirement([...LAB_REQUIREMENTS, ...WORLD_REQUIREMENTS]);
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  if (missing !== undefined) say(`On loopback, without faults of the network: ${missing}`);
  const durationMs = minutes * 60_000;
  const { lastWords, ...result } = await runChaos({ seed, durationMs, hasNamespaces: missing === undefined, say });
  if (lastWords !== undefined) say(lastWords);
  process.stdout.write(`${chaosTable(result)}\n`);
  if (json) process.stdout.write(`${JSON.stringify({ chaos: result })}\n`);
  return result.violations.length === 0 ? 0 : 1;
}

function read(args: readonly string[]): { minutes: number; seed: number; json: boolean } | undefined {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        minutes: { type: 'string', default: '1' },
        seed: { type: 'string', default: String(Date.now() % 1_000_000) },
        json: { type: 'boolean', default: false },
      },
    });
    const [minutes, seed] = [Number(values.minutes), Number(values.seed)];
    return minutes > 0 && Number.isSafeInteger(seed) ? { minutes, seed, json: values.json } : undefined;
  } catch {
    return undefined;
  }
}

process.exit(await main(process.argv.slice(2)));
