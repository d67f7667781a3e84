import type { Clock } from '../base/index.ts';
import { mayRetry, nextWay, type RankedWay, type TryFailure, type WayOutcome } from '../core/routing/index.ts';
import { type ExchangeFailure, WayLost } from '../io/http-exchange.ts';
import { UPSTREAM_CONNECT_TIMEOUT_MS, UPSTREAM_NEXT_WAY_TIMEOUT_MS } from './constants.ts';
import type { Counters } from './counters.ts';
import type { Problem } from './problems.ts';
import type { AdmittedRequest } from './serving.ts';
import type { Candidate, TargetChoice, TargetKnowledge } from './target-choice.ts';
import { problemOfDial } from './upstreams.ts';

export interface TriesParts {
  readonly choice: TargetChoice;
  readonly counters: Counters;
  readonly clock: Clock;
}

/**
 * The tries of one request: which way next, whether at all, and what each tells of its way. A way is tried once; only
 * where no other is left, and the connection broke (the target may have closed it while it was idle), once more.
 */
export class Tries {
  readonly #parts: TriesParts;
  readonly #admitted: AdmittedRequest;
  readonly #knowledge: TargetKnowledge;
  #untried: readonly RankedWay<Candidate>[];
  #current: Candidate | undefined;
  #wasAgain = false;
  #count = 0;
  #startedMs = 0;
  #isRunning = false;

  constructor(parts: TriesParts, admitted: AdmittedRequest) {
    this.#parts = parts;
    this.#admitted = admitted;
    this.#knowledge = parts.choice.knowledgeOf(admitted.resource);
    this.#knowledge.budget.earn(parts.clock.nowMs());
    const { ways, warning } = parts.choice.candidates(admitted);
    if (warning) parts.counters.add('choices', warning);
    this.#untried = ways;
  }

  get current(): Candidate | undefined {
    return this.#current;
  }

  /** Whether the current try takes the way of the one before, whose connection broke. */
  get isAgain(): boolean {
    return this.#wasAgain;
  }

  /** How long the stream of the current try may take to open: not long where there is another way. */
  get connectTimeoutMs(): number {
    return this.#untried.length > 0 ? UPSTREAM_NEXT_WAY_TIMEOUT_MS : UPSTREAM_CONNECT_TIMEOUT_MS;
  }

  get hasAnother(): boolean {
    return this.#untried.length > 0;
  }

  /** Begins the first try; undefined where there is no way at all. */
  first(): Candidate | undefined {
    return this.#begin(this.#untried[0]?.way);
  }

  /** A try failed: the way of the next one, or what to tell the client. `undefined`: nobody waits for it any more. */
  afterFailure(failure: ExchangeFailure, isClientThere: boolean): Candidate | Problem | undefined {
    const problem = this.lastFailure(failure);
    if (!problem) return undefined;
    const { counters, clock } = this.#parts;
    const { tryFailure } = verdictOn(failure);
    const sent = failure.kind !== 'connect';
    const verdict = mayRetry({
      method: this.#admitted.context.method,
      bodyReplayable: failure.bodyReplayable,
      sent,
      responseStarted: failure.responseStarted,
      failure: tryFailure,
      tries: this.#count,
    });
    const next = verdict === 'retry' && isClientThere ? this.#next(tryFailure) : undefined;
    if (!next) return problem;
    // What no backend saw, or none will ever answer, is no work that a retry doubles.
    const isFree = !sent || failure.cause instanceof WayLost;
    if (!isFree && !this.#knowledge.budget.spend(clock.nowMs())) return problem;
    counters.add('exchanges', 'retried');
    return this.#begin(next);
  }

  /** A try failed that is not made again: what to tell the client, undefined where it is gone. */
  lastFailure(failure: ExchangeFailure): Problem | undefined {
    const { problem, tryFailure } = verdictOn(failure);
    const isGone = tryFailure === 'client-gone';
    // A connector that is lost says nothing of the target behind it.
    const isLost = failure.cause instanceof WayLost || tryFailure === 'no-path';
    this.ended(isGone || isLost ? 'abandoned' : 'failed');
    if (isGone) return undefined;
    this.#parts.counters.add('exchanges', `failed-${tryFailure}`);
    return problem;
  }

  /** What became of the current try: told once. */
  ended(outcome: WayOutcome): void {
    if (!this.#isRunning || !this.#current) return;
    this.#isRunning = false;
    const { choice, clock } = this.#parts;
    const nowMs = clock.nowMs();
    const latencyMs = nowMs - this.#startedMs;
    this.#knowledge.pool.ended(this.#current, latencyMs, outcome, nowMs, Math.round(clock.unixMs()));
    choice.connectors.ended(this.#current.connectorId, latencyMs, outcome !== 'failed', nowMs);
  }

  #next(failure: TryFailure): Candidate | undefined {
    if (!this.#current) return undefined;
    const other = nextWay(this.#untried, this.#current, failure)?.way;
    if (other || failure !== 'closed' || this.#wasAgain) return other;
    this.#wasAgain = true;
    return this.#current;
  }

  #begin(candidate: Candidate | undefined): Candidate | undefined {
    if (!candidate) return undefined;
    this.#current = candidate;
    this.#untried = this.#untried.filter(({ way }) => way !== candidate);
    this.#count++;
    this.#isRunning = true;
    this.#startedMs = this.#parts.clock.nowMs();
    this.#knowledge.pool.started(candidate, this.#startedMs);
    this.#parts.choice.connectors.started(candidate.connectorId, this.#startedMs);
    return candidate;
  }
}

/** What a failure means for people, and for the question whether to try again. */
function verdictOn(failure: ExchangeFailure): { problem: Problem; tryFailure: TryFailure } {
  switch (failure.kind) {
    case 'connect': {
      const { problem, failure: tryFailure } = problemOfDial(failure.cause);
      return { problem, tryFailure };
    }
    case 'timed-out':
      return { problem: 'target-timed-out', tryFailure: 'response-timed-out' };
    case 'aborted':
      return { problem: 'target-aborted', tryFailure: 'closed' };
    case 'malformed':
      return { problem: 'target-malformed', tryFailure: 'response-malformed' };
    case 'client-aborted':
      return { problem: 'target-aborted', tryFailure: 'client-gone' };
  }
}

/** The failure of a stream that could not be opened: nothing was sent. */
export function dialFailed(cause: unknown): ExchangeFailure {
  return { kind: 'connect', bodyReplayable: true, responseStarted: false, cause };
}
