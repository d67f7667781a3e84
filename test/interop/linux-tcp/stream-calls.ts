/** The calls that both ends answer: listen with a plan, connect with a plan, and what became of accepted streams. */
import type { Duplex } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { carryOut, type Outcome, type Plan } from './streams.ts';

const ARRIVAL_TRY_MS = 10;
const ARRIVAL_TRIES = 1_000;

export interface StreamSide {
  /** Resolves with the connected stream, rejects with the reason. */
  connect(to: string, port: number): Promise<Duplex>;
  listen(port: number, take: (stream: Duplex) => void): Promise<void>;
}

export class StreamCalls {
  readonly #side: StreamSide;
  readonly #served = new Map<number, Promise<Outcome>[]>();
  /** Streams kept open by `hold`. */
  readonly held = new Map<number, Duplex>();
  #lastHeld = 0;

  constructor(side: StreamSide) {
    this.#side = side;
  }

  /** Carries the plan out on every stream that comes to the port. */
  async listen(port: number, plan: Plan): Promise<void> {
    const outcomes: Promise<Outcome>[] = [];
    this.#served.set(port, outcomes);
    await this.#side.listen(port, (stream) => outcomes.push(carryOut(stream, plan)));
  }

  /**
   * What became of the streams that came to the port, in order, once all are over. Waits for `count` of them: a stream
   * that the other end reset at once may still be on its way to the program.
   */
  async served(port: number, count: number): Promise<Outcome[]> {
    const outcomes = this.#served.get(port) ?? [];
    for (let waited = 0; outcomes.length < count && waited < ARRIVAL_TRIES; waited++) await setTimeout(ARRIVAL_TRY_MS);
    return await Promise.all(outcomes);
  }

  /** Carries the plan out on a stream of our own. */
  async connect(to: string, port: number, plan: Plan): Promise<Outcome> {
    try {
      return await carryOut(await this.#side.connect(to, port), plan);
    } catch (error) {
      const nothing = { bytes: 0, sha256: '' };
      return { sent: nothing, received: nothing, error: (error as { code?: string }).code ?? String(error) };
    }
  }

  /** Opens a stream and keeps it, for tests of what happens on a silent one. */
  async hold(to: string, port: number): Promise<number> {
    const stream = await this.#side.connect(to, port);
    stream.on('error', () => undefined);
    stream.resume();
    this.held.set(++this.#lastHeld, stream);
    return this.#lastHeld;
  }

  /** Ends a stream that is held. */
  release(id: number): void {
    this.held.get(id)?.end();
    this.held.delete(id);
  }

  table(): Record<string, (...args: never[]) => unknown> {
    return {
      listen: (port: number, plan: Plan) => this.listen(port, plan),
      served: (port: number, count = 1) => this.served(port, count),
      connect: (to: string, port: number, plan: Plan) => this.connect(to, port, plan),
      hold: (to: string, port: number) => this.hold(to, port),
      release: (id: number) => this.release(id),
    };
  }
}
