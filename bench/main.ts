/** `npm run bench -- NAME [--json]`: runs one benchmark. Exit code 2 for a wrong name, 3 where it cannot run here. */
import { LabUnavailable } from '../test/lab/lab.ts';
import { CannotRun, type Figures, jsonLine, table } from './report.ts';

export type Bench = (say: (line: string) => void) => Promise<Figures>;

const BENCHES: Readonly<Record<string, () => Promise<Bench>>> = {
  tunnel: async () => (await import('./tunnel/tunnel.ts')).tunnel,
  http: async () => (await import('./http/http.ts')).http,
  memory: async () => (await import('./memory/memory.ts')).memory,
  steering: async () => (await import('./steering/steering.ts')).steering,
  start: async () => (await import('./start/start.ts')).start,
};

async function main(args: readonly string[]): Promise<number> {
  const name = args.find((arg) => !arg.startsWith('--')) ?? '';
  const unknown = args.find((arg) => arg.startsWith('--') && arg !== '--json');
  const load = Object.hasOwn(BENCHES, name) ? BENCHES[name] : undefined;
  if (!load || unknown !== undefined) {
    process.stderr.write(`usage: npm run bench -- ${Object.keys(BENCHES).join(' | ')} [--json]\n`);
    return 2;
  }
  try {
    const bench = await load();
    const figures = await bench((line) => process.stderr.write(`${line}\n`));
    process.stdout.write(`${table(figures)}\n`);
    if (args.includes('--json')) process.stdout.write(`${jsonLine(name, figures)}\n`);
    return 0;
  } catch (error) {
    if (!(error instanceof CannotRun || error instanceof LabUnavailable)) throw error;
    process.stderr.write(`The benchmark ${name} cannot run here: ${error.message}\n`);
    return 3;
  }
}

process.exit(await main(process.argv.slice(2)));
