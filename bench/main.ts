/** `npm run bench -- NAME [--json]`: runs one benchmark. Exit code 2 for a wrong name, 3 where it cannot run here. */
import { LabUnavailable } from '../test/lab/lab.ts';
import { CannotRun, type Figures, jsonLine, table } from './report.ts';

export interface BenchOptions {
  /** How often each figure is measured, where a benchmark lets one choose. */
  readonly repetitions?: number;
  /** The one figure, or group of figures, to measure, where a benchmark lets one choose. */
  readonly only?: string;
}

export type Bench = (say: (line: string) => void, options: BenchOptions) => Promise<Figures>;

const BENCHES: Readonly<Record<string, () => Promise<Bench>>> = {
  tunnel: async () => (await import('./tunnel/tunnel.ts')).tunnel,
  http: async () => (await import('./http/http.ts')).http,
  memory: async () => (await import('./memory/memory.ts')).memory,
  steering: async () => (await import('./steering/steering.ts')).steering,
  start: async () => (await import('./start/start.ts')).start,
  auth: async () => (await import('./auth/auth.ts')).auth,
  failover: async () => (await import('./failover/failover.ts')).failover,
  edge: async () => (await import('./edge/edge.ts')).edge,
  console: async () => (await import('./console/console.ts')).console,
};

const WITH_REPETITIONS: ReadonlySet<string> = new Set(['failover']);
const WITH_ONLY: ReadonlySet<string> = new Set(['edge']);
const REPETITIONS = /^--repetitions=?(\d*)$/;
const ONLY = /^--only=?(\w*)$/;

async function main(args: readonly string[]): Promise<number> {
  const { name, options, isJson, isWrong } = read(args);
  const load = Object.hasOwn(BENCHES, name) ? BENCHES[name] : undefined;
  if (!load || isWrong) {
    const names = Object.keys(BENCHES).join(' | ');
    process.stderr.write(
      `usage: npm run bench -- ${names} [--json] [--repetitions N (failover)] [--only FIGURE (edge)]\n`,
    );
    return 2;
  }
  try {
    const bench = await load();
    const say = (line: string): void => void process.stderr.write(`${line}\n`);
    const figures = await bench(say, options);
    process.stdout.write(`${table(figures)}\n`);
    if (isJson) process.stdout.write(`${jsonLine(name, figures)}\n`);
    return 0;
  } catch (error) {
    if (!(error instanceof CannotRun || error instanceof LabUnavailable)) throw error;
    process.stderr.write(`The benchmark ${name} cannot run here: ${error.message}\n`);
    return 3;
  }
}

/** Flags after or before the name; `--repetitions 20` or `--repetitions=20`, and `--only` as well. */
function read(args: readonly string[]) {
  let [name, isJson, isWrong]: [string, boolean, boolean] = ['', false, false];
  let repetitions: number | undefined;
  let only: string | undefined;
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] ?? '';
    const [times, figure] = [REPETITIONS.exec(arg), ONLY.exec(arg)];
    if (arg === '--json') isJson = true;
    else if (times) repetitions = Number(times[1] || args[++i]);
    else if (figure) only = figure[1] || (args[++i] ?? '');
    else if (!arg.startsWith('--') && name === '') name = arg;
    else isWrong = true;
  }
  const isCount = repetitions === undefined || (repetitions >= 1 && WITH_REPETITIONS.has(name));
  const isChoice = only === undefined || WITH_ONLY.has(name);
  const options = { ...(repetitions !== undefined && { repetitions }), ...(only !== undefined && { only }) };
  return { name, options, isJson, isWrong: isWrong || !isCount || !isChoice };
}

process.exit(await main(process.argv.slice(2)));
