/** A process that a test or benchmark started in a host: its output, its end, what it costs, and calls to it. */
import type { ChildProcess } from 'node:child_process';
import { Caller } from './calls.ts';
import { cpuSeconds, residentBytes } from './process-figures.ts';

/** Output kept for messages and patterns. */
const OUTPUT_KEPT_CHARS = 1_000_000;
/** Between asking a process to end and ending it. */
const STOP_GRACE_MS = 2_000;

export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export class HostProcess {
  readonly pid: number;
  readonly ended: Promise<ProcessEnd>;
  readonly #child: ChildProcess;
  readonly #name: string;
  readonly #caller: Caller | undefined;
  readonly #listeners = new Set<() => void>();
  #stdout = '';
  #stderr = '';

  constructor(child: ChildProcess, name: string) {
    if (child.pid === undefined) throw new Error(`${name} cannot be started`);
    this.pid = child.pid;
    this.#child = child;
    this.#name = name;
    this.#caller = child.connected ? new Caller(child, () => this.#stderr) : undefined;
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout = (this.#stdout + text).slice(-OUTPUT_KEPT_CHARS);
      for (const listener of this.#listeners) listener();
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-OUTPUT_KEPT_CHARS);
      for (const listener of this.#listeners) listener();
    });
    this.ended = new Promise((resolve) => {
      child.on('close', (code, signal) => {
        resolve({ code, signal });
        for (const listener of this.#listeners) listener();
      });
    });
  }

  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Calls a method of a process that answers with `answerCalls`. */
  call<Result = void>(method: string, ...args: readonly unknown[]): Promise<Result> {
    if (!this.#caller) throw new Error(`${this.#name} was started without a channel`);
    return this.#caller.call<Result>(method, ...args);
  }

  /** CPU seconds used so far; 0 once it is gone. */
  cpuSeconds(): number {
    return cpuSeconds(this.pid) ?? 0;
  }

  residentBytes(): number {
    return residentBytes(this.pid) ?? 0;
  }

  /** Resolves when its output (either stream) matches. Rejects when it ends before or the time is over. */
  async waitFor(pattern: RegExp, timeoutMs: number): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#listeners.delete(look);
      };
      const fail = (why: string): void => {
        done();
        reject(new Error(`${this.#name} ${why} before ${pattern}:\n${this.#stdout}${this.#stderr}`));
      };
      const look = (): void => {
        const match = pattern.exec(this.#stdout) ?? pattern.exec(this.#stderr);
        if (match) {
          done();
          resolve(match);
        } else if (!this.isRunning) fail('ended');
      };
      const timer = setTimeout(() => fail(`said nothing for ${timeoutMs} ms`), timeoutMs);
      this.#listeners.add(look);
      look();
    });
  }

  /** Resolves with standard output; rejects where the exit code is not 0. */
  async success(): Promise<string> {
    const { code, signal } = await this.ended;
    if (code === 0) return this.#stdout;
    throw new Error(`${this.#name} ended with ${signal ?? code}: ${this.#stderr || this.#stdout}`);
  }

  /** Asks it to end, and ends it where it has not done so after the time of grace. */
  async stop(graceMs = STOP_GRACE_MS): Promise<void> {
    if (!this.isRunning) return;
    this.#child.kill('SIGTERM');
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), graceMs);
    await this.ended;
    clearTimeout(timer);
  }

  /** Sends it a signal: SIGKILL as a crash, SIGSTOP as a machine that hangs. */
  signal(name: NodeJS.Signals): void {
    if (this.isRunning) this.#child.kill(name);
  }

  /** Ends it at once, for the exit of the test's own process. */
  killNow(): void {
    if (this.isRunning) this.#child.kill('SIGKILL');
  }
}
