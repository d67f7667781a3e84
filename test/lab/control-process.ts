/** A control node in a process of its own, that can be killed. */
import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RunningControl } from '../../src/control/running-control.ts';

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const START_TIMEOUT_MS = 60_000;

export interface ControlProcess extends Omit<RunningControl, 'observed'> {
  /** Ends it at once. */
  kill(): Promise<void>;
  /** What it logged. */
  log(): string;
}

/** Starts `manis control` on a shared store and waits until it is ready. `main`: that of another version. */
export async function startControlProcess(dataDir: string, store: string, main = MAIN): Promise<ControlProcess> {
  const flags = [
    '--data-dir',
    dataDir,
    '--listen',
    '127.0.0.1:0',
    '--portal-host',
    'manis.localhost',
    '--public-port',
    '8443',
  ];
  const child = fork(main, ['control', ...flags, '--store', store, '--log-level', 'debug'], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    execArgv: ['--disable-warning=ExperimentalWarning'],
  });
  let log = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => {
      log = (log + chunk.toString()).slice(-200_000);
    });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const details = await readiness(child, () => log);
  const url = String(details['url']);
  const token = /\/set-up\/([\w-]+)$/.exec(String(details['setupUrl'] ?? ''))?.[1];
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    child.kill(signal);
    await ended;
  };
  return {
    url,
    port: Number(new URL(url).port),
    controlId: String(details['controlId']),
    caFile: String(details['caFile']),
    apiTokenFile: join(dataDir, 'api-token'),
    setUp: token === undefined ? null : { email: String(details['adminEmail']), token },
    version: () => null,
    close: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    log: () => log,
  };
}

function readiness(child: ChildProcess, log: () => string): Promise<Record<string, unknown>> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`control was not ready in time: ${log()}`)), START_TIMEOUT_MS);
    child.once('exit', () => reject(new Error(`control ended: ${log()}`)));
    child.on('message', (message: { type: string; details?: Record<string, unknown> }) => {
      if (message.type === 'failed') child.kill();
      if (message.type !== 'ready') return;
      clearTimeout(timer);
      resolve(message.details ?? {});
    });
  });
}
