import type { Clock } from '../base/index.ts';
import type { ResourceRecord, TargetRecord } from '../core/link/index.ts';
import {
  type FailedTry,
  mayRetry,
  nextWay,
  type RankedWay,
  type TryFailure,
  type WayOutcome,
} from '../core/routing/index.ts';
import { type ExchangeFailure, WayLost } from '../io/http-exchange.ts';
import { TlsFailure } from '../io/secure-stream.ts';
import { HOLD_MAX_MS, UPSTREAM_CONNECT_TIMEOUT_MS, UPSTREAM_NEXT_WAY_TIMEOUT_MS } from './constants.ts';
import type { Counters } from './counters.ts';
import type { HeldRequests } from './held-requests.ts';
import type { Problem } from './problems.ts';
import type { ChosenTarget, JudgedRecord } from './published-resource.ts';
import { type Candidate, nodesOf, type TargetChoice, type TargetKnowledge, type WaySeeker } from './target-choice.ts';
import { problemOfDial, WebSocketsNotTaken } from './upstreams.ts';

export interface TriesParts {
  readonly choice: TargetChoice;
  readonly held: HeldRequests;
  readonly counters: Counters;
  readonly clock: Clock;
}

/** What is to be done for a request now. */
export type Step<Target extends ChosenTarget = TargetRecord> =
  | { readonly kind: 'try'; readonly candidate: Candidate<Target> }
  /** No way is left, and one may be back soon: it waits, and where that cannot be it fails with the problem. */
  | { readonly kind: 'hold'; readonly problem: Problem; readonly untilMs: number }
  | { readonly kind: 'fail'; readonly problem: Problem }
  /** Nobody waits for an answer any more. */
  | { readonly kind: 'gone' };

const GONE = { kind: 'gone' } as const;

/** A request, or a connection, that was admitted; of a connection nothing is sent before it is there, whatever the method. */
export type Trying<Record extends JudgedRecord> = WaySeeker<Record> & { readonly context: { readonly method: string } };

/**
 * The tries of one request: which way next, whether at all, and what each tells of its way. A way is tried once; only
 * where no other is left, and the connection broke (the target may have closed it while it was idle), once more.
 */
export class Tries<Record extends JudgedRecord = ResourceRecord> {
  readonly #parts: TriesParts;
  readonly #admitted: Trying<Record>;
  readonly #knowledge: TargetKnowledge;
  #untried: readonly RankedWay<Candidate<Record['targets'][number]>>[] = [];
  #current: Candidate<Record['targets'][number]> | undefined;
  #wasAgain = false;
  #reason: string | undefined;
  #count = 0;
  #startedMs = 0;
  #isRunning = false;
  /** It waits for a way until then, if it does; set when it first has none. */
  #holdUntilMs: number | undefined;

  constructor(parts: TriesParts, admitted: Trying<Record>) {
    this.#parts = parts;
    this.#admitted = admitted;
    this.#knowledge = parts.choice.knowledgeOf(admitted.resource);
    this.#knowledge.budget.earn(parts.clock.nowMs());
    this.#lookForWays();
  }

  get current(): Candidate<Record['targets'][number]> | undefined {
    return this.#current;
  }

  /** The named reason of the last failure, at least as fine as its problem. */
  get reason(): string | undefined {
    return this.#reason;
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

  /** Begins the first try. */
  first(): Step<Record['targets'][number]> {
    const first = this.#untried[0]?.way;
    if (first) return this.#try(first);
    const problem = this.#parts.choice.whyNone(this.#admitted);
    return this.#mayHold(false) ? this.#hold(problem) : { kind: 'fail', problem };
  }

  /** Begins anew with the ways of now, after it was held. */
  afterHold(isClientThere: boolean): Step<Record['targets'][number]> {
    if (!isClientThere) return GONE;
    this.#lookForWays();
    this.#count = 0;
    this.#wasAgain = false;
    const step = this.first();
    if (step.kind === 'fail') this.#parts.counters.add('exchanges', 'held-in-vain');
    return step;
  }

  /** A try failed: what to do next. */
  afterFailure(failure: ExchangeFailure, isClientThere: boolean): Step<Record['targets'][number]> {
    const problem = this.lastFailure(failure);
    if (!problem) return GONE;
    const { counters, clock } = this.#parts;
    const { tryFailure } = verdictOn(failure);
    const sent = failure.kind !== 'connect' && failure.kind !== 'unprocessed';
    const failed: FailedTry = {
      method: this.#admitted.context.method,
      bodyReplayable: failure.bodyReplayable,
      sent,
      responseStarted: failure.responseStarted,
      failure: tryFailure,
      tries: this.#count,
    };
    const fail: Step<Record['targets'][number]> = { kind: 'fail', problem };
    if (!isClientThere) return fail;
    const next = mayRetry(failed) === 'retry' ? this.#next(tryFailure) : undefined;
    // Where every way is lost, it does not matter how many of them were tried.
    const isHeld = !next && mayRetry({ ...failed, tries: 0 }) === 'retry' && this.#mayHold(isWayLost(failure));
    if (!next && !isHeld) return fail;
    // What no backend saw, or none will ever answer, is no work that a retry doubles.
    const isFree = !sent || failure.cause instanceof WayLost;
    if (!isFree && !this.#knowledge.budget.spend(clock.nowMs())) return fail;
    if (!next) return this.#hold(problem);
    counters.add('exchanges', 'retried');
    return this.#try(next);
  }

  /** A try failed that is not made again: what to tell the client, undefined where it is gone. */
  lastFailure(failure: ExchangeFailure): Problem | undefined {
    const { problem, tryFailure } = verdictOn(failure);
    const isGone = tryFailure === 'client-gone';
    // A connector that is lost says nothing of the target behind it, and one without WebSockets may do well otherwise.
    const isHarmless = isGone || isWayLost(failure) || failure.cause instanceof WebSocketsNotTaken;
    this.ended(isHarmless ? 'abandoned' : 'failed');
    if (isGone) return undefined;
    const { cause } = failure;
    this.#reason = cause instanceof TlsFailure ? cause.fault : problem;
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

  #next(failure: TryFailure): Candidate<Record['targets'][number]> | undefined {
    if (!this.#current) return undefined;
    const other = nextWay(this.#untried, this.#current, failure)?.way;
    if (other || failure !== 'closed' || this.#wasAgain) return other;
    this.#wasAgain = true;
    return this.#current;
  }

  #lookForWays(): void {
    const { choice, counters } = this.#parts;
    const { ways, warning } = choice.candidates(this.#admitted);
    if (warning) counters.add('choices', warning);
    this.#untried = ways;
  }

  /**
   * Whether it may wait for a way: where nothing leads to any target now, or what did was lost under it and may be back
   * already; where one led there a moment ago; and never longer in all than once for the whole time.
   */
  #mayHold(isWayLost: boolean): boolean {
    const { choice, held, clock } = this.#parts;
    if (this.#holdUntilMs !== undefined && clock.nowMs() >= this.#holdUntilMs) return false;
    if (!isWayLost && choice.hasWay(this.#admitted)) return false;
    return nodesOf(this.#admitted).some(({ overlayAddress }) => held.mayReturn(overlayAddress));
  }

  #hold(problem: Problem): Step<Record['targets'][number]> {
    this.#holdUntilMs ??= this.#parts.clock.nowMs() + HOLD_MAX_MS;
    return { kind: 'hold', problem, untilMs: this.#holdUntilMs };
  }

  #try(candidate: Candidate<Record['targets'][number]>): Step<Record['targets'][number]> {
    this.#current = candidate;
    this.#untried = this.#untried.filter(({ way }) => way !== candidate);
    this.#count++;
    this.#isRunning = true;
    this.#startedMs = this.#parts.clock.nowMs();
    this.#knowledge.pool.started(candidate, this.#startedMs);
    this.#parts.choice.connectors.started(candidate.connectorId, this.#startedMs);
    return { kind: 'try', candidate };
  }
}

/** Whether it was the way that failed, not the target. */
function isWayLost(failure: ExchangeFailure): boolean {
  return failure.cause instanceof WayLost || verdictOn(failure).tryFailure === 'no-path';
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
    case 'unprocessed':
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
