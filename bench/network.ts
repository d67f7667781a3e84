/** A whole local network as `npm start` makes it, for benchmarks: started, waited for, stopped. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { NetworkEvent, ReadyEvent } from '../src/cli/up/announce.ts';
import { HostProcess } from '../test/lab/host-process.ts';

export interface Network {
  readonly ready: ReadyEvent;
  /** From the command to the line that says ready. */
  readonly startMs: number;
  stop(): Promise<void>;
}

export interface NetworkOptions {
  readonly dataDir: string;
  readonly portBase: number;
  /** Origin of the application to publish instead of the demo. */
  readonly app?: string;
  /** With the password of the first administrator, who needs no link then. */
  readonly adminPasswordFile?: string;
  /** Starts the command elsewhere than on this machine: in a host of a lab. */
  readonly start?: (command: string, args: readonly string[]) => HostProcess;
}

const READY = /^\{"event":"ready".*\}$/m;
const READY_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 15_000;
const root = fileURLToPath(new URL('..', import.meta.url));

/** Starts `scripts/start.mjs --json` and waits until it is ready. */
export async function startNetwork(options: NetworkOptions): Promise<Network> {
  const { dataDir, portBase, app, adminPasswordFile: file, start = startHere } = options;
  const args = ['scripts/start.mjs', '--json', '--data-dir', dataDir, '--port-base', String(portBase)];
  const startedMs = performance.now();
  const started = start(process.execPath, [
    ...args,
    '--log-level',
    'warn',
    ...(app ? ['--app', app] : []),
    ...(file ? ['--admin-password-file', file] : []),
  ]);
  const [line] = await started.waitFor(READY, READY_TIMEOUT_MS);
  const startMs = performance.now() - startedMs;
  const ready = JSON.parse(line) as NetworkEvent;
  if (ready.event !== 'ready') throw new Error(`not the line of the start: ${line}`);
  return { ready, startMs, stop: () => started.stop(STOP_TIMEOUT_MS) };
}

function startHere(command: string, args: readonly string[]): HostProcess {
  return new HostProcess(spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] }), 'npm start');
}
