/** Child processes of this program: started, watched, started again when they die, and stopped in good order. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { type Clock, Failure } from '../base/index.ts';

export interface ProcessSpec {
  /** For people and for the log: `pop-1`. */
  readonly name: string;
  /** A TypeScript or JavaScript file, run by the Node that runs this program. */
  readonly entry: string;
  readonly args: readonly string[];
  readonly nodeFlags?: readonly string[];
  /** This program's own environment when left out. */
  readonly environment?: NodeJS.ProcessEnv;
  /** Takes what the process prints, after what is there. */
  readonly logFile: string;
}

/** What a child says to its parent over the channel between them. */
export type ChildMessage =
  | { readonly type: 'ready'; readonly details: Readonly<Record<string, unknown>> }
  | { readonly type: 'failed'; readonly code: string; readonly message: string };

export interface ProcessExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface ProcessObserver {
  /** It runs and is ready, for the first time or again. */
  ready(pid: number, details: Readonly<Record<string, unknown>>): void;
  /** It died without being asked to, and is started again after `restartInMs`. */
  died(exit: ProcessExit, restartInMs: number): void;
}

/** `code` is `process-ended-early` or `process-not-ready`. */
export class ProcessFailure extends Failure {
  override readonly name = 'ProcessFailure';
}

const FIRST_RESTART_MS = 100;
const LONGEST_RESTART_MS = 5_000;
/** A process that lived this long is taken to be well: the next restart is quick again. */
const WELL_AFTER_MS = 10_000;

/** How long to wait before a restart when a process died `quickDeaths` times in a row soon after its start. */
export function restartDelayMs(quickDeaths: number): number {
  return Math.min(FIRST_RESTART_MS * 2 ** quickDeaths, LONGEST_RESTART_MS);
}

type State =
  | { readonly kind: 'idle' }
  | { readonly kind: 'running'; readonly child: ChildProcess; readonly startedMs: number }
  | { readonly kind: 'waiting'; readonly timer: NodeJS.Timeout }
  | { readonly kind: 'stopped' };

export class SupervisedProcess {
  readonly #spec: ProcessSpec;
  readonly #observer: ProcessObserver;
  readonly #clock: Clock;
  #state: State = { kind: 'idle' };
  #quickDeaths = 0;

  constructor(spec: ProcessSpec, observer: ProcessObserver, clock: Clock) {
    this.#spec = spec;
    this.#observer = observer;
    this.#clock = clock;
  }

  get name(): string {
    return this.#spec.name;
  }

  /** Of the process that runs now. */
  get pid(): number | undefined {
    return this.#state.kind === 'running' ? this.#state.child.pid : undefined;
  }

  /**
   * Starts it and resolves with what it says of itself when it is ready. Rejects with ProcessFailure when it ends
   * before that (with its own words where it gave any) or is not ready in time; it is not started again then.
   */
  start(timeoutMs: number): Promise<Readonly<Record<string, unknown>>> {
    return new Promise((resolve, reject) => {
      const child = this.#spawn();
      // Its own listeners alone: `stop` may be waiting for the same child.
      const settle = (): void => {
        clearTimeout(late);
        child.off('exit', exited).off('disconnect', ended).off('message', heard).off('error', failed);
        child.on('error', () => undefined);
      };
      const giveUp = (failure: ProcessFailure): void => {
        settle();
        this.#state = { kind: 'stopped' };
        child.kill('SIGKILL');
        reject(failure);
      };
      const late = setTimeout(
        () => giveUp(new ProcessFailure('process-not-ready', this.#words(`was not ready in ${timeoutMs} ms`))),
        timeoutMs,
      );
      const ended = (): void => {
        const how = `ended early (${child.signalCode ?? child.exitCode})`;
        giveUp(new ProcessFailure('process-ended-early', this.#words(how)));
      };
      const failed = (error: Error): void =>
        giveUp(new ProcessFailure('process-ended-early', this.#words(error.message)));
      // Its last words may still be in the channel.
      const exited = (): void => void (child.connected ? child.once('disconnect', ended) : ended());
      const heard = (message: ChildMessage): void => {
        if (message.type === 'failed') {
          giveUp(new ProcessFailure(message.code, message.message));
          return;
        }
        settle();
        this.#watch(child);
        this.#observer.ready(child.pid ?? 0, message.details);
        resolve(message.details);
      };
      child.once('error', failed).once('exit', exited).on('message', heard);
    });
  }

  /** Asks it to stop, kills it after `graceMs`, and resolves when it is gone. It is not started again. */
  stop(graceMs: number): Promise<void> {
    const state = this.#state;
    this.#state = { kind: 'stopped' };
    if (state.kind === 'waiting') clearTimeout(state.timer);
    if (state.kind !== 'running') return Promise.resolve();
    const { child } = state;
    if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
    return new Promise((resolve) => {
      const late = setTimeout(() => child.kill('SIGKILL'), graceMs);
      child.once('exit', () => {
        clearTimeout(late);
        resolve();
      });
      child.kill('SIGTERM');
    });
  }

  #words(what: string): string {
    return `${this.#spec.name} ${what}; see ${this.#spec.logFile}`;
  }

  #spawn(): ChildProcess {
    const { entry, args, nodeFlags = [], environment, logFile } = this.#spec;
    const log = openSync(logFile, 'a', 0o600);
    try {
      const child = spawn(process.execPath, [...nodeFlags, entry, ...args], {
        stdio: ['ignore', log, log, 'ipc'],
        // A group of its own: Ctrl-C reaches this program alone, which then stops its children in order.
        detached: true,
        ...(environment && { env: environment }),
      });
      this.#state = { kind: 'running', child, startedMs: this.#clock.nowMs() };
      return child;
    } finally {
      closeSync(log);
    }
  }

  /** From the first time it was ready: whatever ends it, it is started again. */
  #watch(child: ChildProcess): void {
    child.on('error', () => undefined);
    child.on('message', (message: ChildMessage) => {
      if (message.type === 'ready') this.#observer.ready(child.pid ?? 0, message.details);
    });
    child.once('exit', (code, signal) => this.#died({ code, signal }));
  }

  #died(exit: ProcessExit): void {
    if (this.#state.kind !== 'running') return;
    const livedMs = this.#clock.nowMs() - this.#state.startedMs;
    if (livedMs >= WELL_AFTER_MS) this.#quickDeaths = 0;
    const delayMs = restartDelayMs(this.#quickDeaths++);
    const timer = setTimeout(() => this.#watch(this.#spawn()), delayMs);
    this.#state = { kind: 'waiting', timer };
    this.#observer.died(exit, delayMs);
  }
}
