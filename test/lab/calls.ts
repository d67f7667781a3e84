/**
 * Calls between a test and a process that it started in a host, over Node's IPC channel: the test says
 * `process.call('download', 1000)`, the process answers from a table of methods. Plain JSON both ways.
 */
import type { ChildProcess } from 'node:child_process';

interface Request {
  readonly callId: number;
  readonly method: string;
  readonly args: readonly unknown[];
}

interface Answer {
  readonly callId: number;
  readonly result?: unknown;
  readonly error?: string;
}

export type CallTable = Readonly<Record<string, (...args: never[]) => unknown>>;

/** The test's end. */
export class Caller {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  #lastId = 0;
  #end: Error | undefined;

  /** `lastWords` gives what the process said before it ended. */
  constructor(child: ChildProcess, lastWords: () => string) {
    this.#child = child;
    child.on('message', (message) => this.#answered(message as Answer));
    child.on('close', (code, signal) => {
      this.#end = new Error(`the process ended (${signal ?? code}): ${lastWords()}`);
      for (const { reject } of this.#waiting.values()) reject(this.#end);
      this.#waiting.clear();
    });
  }

  /** Rejects with what the method threw, or when the process ends first. */
  call<Result = void>(method: string, ...args: readonly unknown[]): Promise<Result> {
    if (this.#end) return Promise.reject(this.#end);
    const callId = ++this.#lastId;
    return new Promise<Result>((resolve, reject) => {
      this.#waiting.set(callId, { resolve: resolve as (value: unknown) => void, reject });
      this.#child.send({ callId, method, args } satisfies Request, (error) => error && reject(error));
    });
  }

  #answered(answer: Answer): void {
    const waiting = this.#waiting.get(answer.callId);
    this.#waiting.delete(answer.callId);
    if (answer.error === undefined) waiting?.resolve(answer.result);
    else waiting?.reject(new Error(answer.error));
  }
}

/** The process's end. It ends when the test does. */
export function answerCalls(table: CallTable): void {
  process.on('disconnect', () => process.exit(0));
  // By itself, so that a profile or coverage that was asked for is written.
  process.on('SIGTERM', () => process.exit(0));
  process.on('message', async (message) => {
    const { callId, method, args } = message as Request;
    const send = (answer: Omit<Answer, 'callId'>): void => {
      process.send?.({ callId, ...answer });
    };
    try {
      const found = table[method];
      if (!found) throw new Error(`no method ${method}`);
      send({ result: await found(...(args as never[])) });
    } catch (error) {
      send({ error: String((error as Error).stack ?? error) });
    }
  });
}
