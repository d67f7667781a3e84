/**
 * `npm run sim -- pops=100 connectors=10000 [seed=1] [minutes=10] [events=start,idle] [--json] [--strict]`: the table is
 * said after each event, so that a run that is stopped shows what it has. Exit code 1 where an aim is missed
 * and `--strict` asks for it, 2 for wrong arguments.
 */
import { parseArguments } from './arguments.ts';
import { missedAims, table } from './report.ts';
import { runSim } from './run.ts';

const PROGRESS_MS = 5_000;

/** A large world takes long: how far it is, and what it cost. */
function goesOn(nowMs: number): void {
  if (nowMs % PROGRESS_MS !== 0) return;
  const { user, system } = process.cpuUsage();
  process.stderr.write(`${nowMs / 1000} virtual seconds, ${Math.round((user + system) / 1e6)} of processor\n`);
}

function main(args: readonly string[]): number {
  const parsed = parseArguments(args);
  if (typeof parsed === 'string') {
    process.stderr.write(`${parsed}\n`);
    return 2;
  }
  const result = runSim(parsed.options, {
    tell: (soFar) => process.stderr.write(`${table(soFar)}\n\n`),
    goesOn,
  });
  const missed = missedAims(result);
  process.stdout.write(`${table(result)}\n`);
  process.stdout.write(
    missed.length === 0 ? 'Every aim is met.\n' : `Aims missed:\n${missed.map((aim) => `  ${aim}\n`).join('')}`,
  );
  if (parsed.isJson) process.stdout.write(`${JSON.stringify({ ...result, missed })}\n`);
  return parsed.isStrict && missed.length > 0 ? 1 : 0;
}

process.exitCode = main(process.argv.slice(2));
