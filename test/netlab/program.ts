/** A program of the network in a place of its own: started by the command that people use, and treated badly. */
import type { HostProcess, ProcessEnd } from '../lab/host-process.ts';
import type { Place } from './place.ts';

export interface ProgramOptions {
  readonly place: Place;
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** What it says when it can be used. */
  readonly ready: RegExp;
  readonly env?: Readonly<Record<string, string>>;
}

const READY_TIMEOUT_MS = 60_000;
/** Longer than any drain: a program that is asked to stop and does not is a finding. */
const STOP_TIMEOUT_MS = 60_000;

export class Program {
  readonly name: string;
  readonly #options: ProgramOptions;
  #process: HostProcess | undefined;
  /** What the processes before this one said. */
  #said = '';

  constructor(options: ProgramOptions) {
    this.name = options.name;
    this.#options = options;
  }

  /** Everything it has said, over all its lives. */
  get log(): string {
    return `${this.#said}${this.#process?.stdout ?? ''}${this.#process?.stderr ?? ''}`;
  }

  get isRunning(): boolean {
    return this.#process?.isRunning ?? false;
  }

  get process(): HostProcess {
    if (!this.#process) throw new Error(`${this.name} was never started`);
    return this.#process;
  }

  /** Starts it and waits until it is ready. */
  async start(): Promise<void> {
    await this.launch();
    await this.process.waitFor(this.#options.ready, READY_TIMEOUT_MS);
  }

  /** Starts it. */
  async launch(): Promise<void> {
    if (this.isRunning) throw new Error(`${this.name} runs already`);
    this.#said = this.log;
    const { place, command, args, env } = this.#options;
    this.#process = place.spawn(command, args, env && { env });
  }

  /** As a crash or a power cut does it. */
  async kill(): Promise<void> {
    this.process.signal('SIGKILL');
    await this.process.ended;
  }

  /** Asks it to end in order, and waits until it has. */
  async stop(): Promise<ProcessEnd> {
    await this.process.stop(STOP_TIMEOUT_MS);
    return this.process.ended;
  }

  freeze(): void {
    this.process.signal('SIGSTOP');
  }

  thaw(): void {
    this.process.signal('SIGCONT');
  }
}
