/** A local network for a test: started by the same command that people use, in a folder of its own. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { NetworkEvent, ReadyEvent } from '../../src/cli/up/announce.ts';
import { freePorts } from '../../src/testing/free-ports.ts';

const START_SCRIPT = join(import.meta.dirname, '..', '..', 'scripts', 'start.mjs');
/** The command, for tests that start it by themselves. */
export const MANIS = join(import.meta.dirname, '..', '..', 'scripts', 'manis.mjs');
/** A machine that is busy with other work starts slowly. */
const START_TIMEOUT_MS = 120_000;
const STOP_TIMEOUT_MS = 30_000;
const LIVE_WITHIN_MS = 60_000;
const PORTS = 7;

/** A folder that goes with the test. */
export function temporaryFolder(): string & Disposable {
  return mkdtempSync(join(tmpdir(), 'manis-e2e-')) as string & Disposable;
}

/** A port base whose ports nobody listens on, TCP and UDP. */
export async function freePortBase(): Promise<number> {
  const [base] = await freePorts(PORTS);
  return base as number;
}

export interface StartOutcome {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `npm start` with arguments that make it end by itself. */
export async function startToEnd(args: readonly string[]): Promise<StartOutcome> {
  const child = spawn('node', [START_SCRIPT, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: START_TIMEOUT_MS,
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => (stdout += chunk));
  child.stderr.on('data', (chunk) => (stderr += chunk));
  const [exitCode] = await once(child, 'close');
  return { exitCode, stdout, stderr };
}

/** What `manis` prints when it is run on a network's folder; it has to end well. */
export function manis(dataDir: string, ...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync('node', [MANIS, ...args, '--data-dir', dataDir], { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  return stdout;
}

/** Until every PoP goes by what control knows now: an edit is live in a moment, not at once. */
export function untilLive(dataDir: string): void {
  // No test can be ended from outside while it waits for commands.
  for (const lateMs = performance.now() + LIVE_WITHIN_MS; ; ) {
    const { version, pops } = JSON.parse(manis(dataDir, 'status', '--json')) as NetworkStatus;
    if (pops.every(({ applied }) => (applied?.revision ?? 0) >= version.revision)) return;
    assert.ok(performance.now() < lateMs, `${version.revision} does not become live: ${JSON.stringify(pops)}`);
  }
}

interface NetworkStatus {
  readonly version: { readonly revision: number };
  readonly pops: readonly { readonly applied: { readonly revision: number } | null }[];
}

export class Network {
  readonly ready: ReadyEvent;
  readonly ca: string;
  readonly #child: ChildProcess;
  readonly #events: NetworkEvent[];
  readonly #watchers: Set<() => void>;

  /** Resolves with the network when it has said that it is ready. */
  static async start(args: readonly string[]): Promise<Network> {
    const child = spawn('node', [START_SCRIPT, '--json', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    const events: NetworkEvent[] = [];
    const watchers = new Set<() => void>();
    let stderr = '';
    child.stderr.on('data', (chunk) => (stderr += chunk));
    createInterface({ input: child.stdout }).on('line', (line) => {
      events.push(JSON.parse(line));
      for (const watcher of watchers) watcher();
    });
    child.on('exit', () => {
      for (const watcher of watchers) watcher();
    });
    try {
      const ready = await waitFor(events, watchers, child, 0, (event) => event.event === 'ready', START_TIMEOUT_MS);
      return new Network(child, events, watchers, ready as ReadyEvent);
    } catch (error) {
      child.kill('SIGTERM');
      throw new Error(`the network did not start: ${(error as Error).message}\n${stderr}`);
    }
  }

  private constructor(child: ChildProcess, events: NetworkEvent[], watchers: Set<() => void>, ready: ReadyEvent) {
    this.#child = child;
    this.#events = events;
    this.#watchers = watchers;
    this.ready = ready;
    this.ca = readFileSync(ready.caFile, 'utf8');
  }

  /** Control's API, as the command line speaks to it. `body` is parsed JSON. */
  async api(method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown; text: string }> {
    const { control, dataDir } = this.ready;
    const token = readFileSync(join(dataDir, 'control', 'api-token'), 'utf8').trim();
    const outgoing = request(new URL(`/api/v1${path}`, control.url), {
      ...{ method, ca: this.ca, agent: false, timeout: START_TIMEOUT_MS },
      headers: { authorization: `Bearer ${token}`, ...(body !== undefined && { 'content-type': 'application/json' }) },
    });
    outgoing.end(body === undefined ? undefined : JSON.stringify(body));
    const [incoming] = await once(outgoing, 'response');
    let text = '';
    for await (const chunk of incoming) text += chunk;
    return { status: incoming.statusCode, text, body: text === '' ? undefined : JSON.parse(text) };
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** The newest process of a name that came back, or undefined where it never died. */
  lastPid(name: string): number | undefined {
    const back = this.#events.findLast((event) => event.event === 'process-back' && event.name === name);
    return back && 'pid' in back ? back.pid : undefined;
  }

  /** What has been said until now; a mark for `nextEvent`. */
  get said(): number {
    return this.#events.length;
  }

  /** The first event after a mark that fits. */
  nextEvent(after: number, fits: (event: NetworkEvent) => boolean, timeoutMs = 30_000): Promise<NetworkEvent> {
    return waitFor(this.#events, this.#watchers, this.#child, after, fits, timeoutMs);
  }

  /** Asks it to stop, as Ctrl-C does, and resolves with its exit code. */
  async stop(signal: NodeJS.Signals = 'SIGINT'): Promise<number | null> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return this.#child.exitCode;
    const ended = once(this.#child, 'exit', { signal: AbortSignal.timeout(STOP_TIMEOUT_MS) });
    this.#child.kill(signal);
    const [exitCode] = await ended;
    return exitCode;
  }
}

/** Whether a process exists (a zombie of ours does not count: it has been waited for). */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Removes a folder of a test. */
export function remove(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}

function waitFor(
  events: readonly NetworkEvent[],
  watchers: Set<() => void>,
  child: ChildProcess,
  after: number,
  fits: (event: NetworkEvent) => boolean,
  timeoutMs: number,
): Promise<NetworkEvent> {
  return new Promise((resolve, reject) => {
    const finish = (act: () => void): void => {
      clearTimeout(late);
      watchers.delete(look);
      act();
    };
    const look = (): void => {
      const event = events.slice(after).find(fits);
      if (event) finish(() => resolve(event));
      else if (child.exitCode !== null) finish(() => reject(new Error(`it ended with ${child.exitCode}`)));
    };
    const late = setTimeout(() => finish(() => reject(new Error(`not said within ${timeoutMs} ms`))), timeoutMs);
    watchers.add(look);
    look();
  });
}
