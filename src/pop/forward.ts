import type { ServerResponse } from 'node:http';
import type { Clock } from '../base/index.ts';
import { mayRetry, type TryFailure } from '../core/routing/index.ts';
import type { ExchangeFailure, ExchangeObserver, OutgoingRequest } from '../io/http-client.ts';
import { relayAlone } from '../io/http-upgrade.ts';
import { closeOverBody } from './answers.ts';
import { type AssertionSource, backendFields, clientFields, passedTrailers } from './backend-request.ts';
import { UPSTREAM_HEADERS_TIMEOUT_MS } from './constants.ts';
import type { Counters } from './counters.ts';
import type { LiveExchange, LiveExchanges } from './live-exchanges.ts';
import type { Problem } from './problems.ts';
import type { AdmittedRequest, FailureAnswer } from './serving.ts';
import type { Candidate, TargetChoice, TargetKnowledge } from './target-choice.ts';
import { problemOfDial, type Upstreams } from './upstreams.ts';

export interface ForwarderParts {
  readonly choice: TargetChoice;
  readonly upstreams: Upstreams;
  readonly assertions: AssertionSource;
  readonly live: LiveExchanges;
  readonly counters: Counters;
  readonly clock: Clock;
}

/** How the body of a request and its head ask to be treated. */
export interface RequestShape {
  readonly hasBody: boolean;
  /** The request waits for `100 Continue`, or announces trailers: it needs a connection of its own. */
  readonly alone: boolean;
}

/** Sends an admitted request to the first candidate that takes it, and its answer back. */
export class Forwarder {
  readonly #parts: ForwarderParts;

  constructor(parts: ForwarderParts) {
    this.#parts = parts;
  }

  forward(admitted: AdmittedRequest, response: ServerResponse, shape: RequestShape, fail: FailureAnswer): void {
    const { choice, clock } = this.#parts;
    const knowledge = choice.knowledgeOf(admitted.resource);
    knowledge.budget.earn(clock.nowMs());
    const candidates = choice.candidates(admitted.resource, admitted.view);
    new Exchange(this.#parts, admitted, response, shape, knowledge, candidates, fail).tryNext();
  }
}

/** One admitted request, over as many tries as it takes. */
class Exchange implements ExchangeObserver, LiveExchange {
  readonly #parts: ForwarderParts;
  readonly #admitted: AdmittedRequest;
  readonly #response: ServerResponse;
  readonly #shape: RequestShape;
  readonly #knowledge: TargetKnowledge;
  readonly #candidates: readonly Candidate[];
  readonly #fail: FailureAnswer;
  #tries = 0;
  #startedMs = 0;
  #candidate: Candidate | undefined;
  /** Ends the try under way, as long as nothing of an answer has come. */
  #abandon: ((cause: Error) => void) | undefined;

  constructor(
    parts: ForwarderParts,
    admitted: AdmittedRequest,
    response: ServerResponse,
    shape: RequestShape,
    knowledge: TargetKnowledge,
    candidates: readonly Candidate[],
    fail: FailureAnswer,
  ) {
    this.#parts = parts;
    this.#admitted = admitted;
    this.#response = response;
    this.#shape = shape;
    this.#knowledge = knowledge;
    this.#candidates = candidates;
    this.#fail = fail;
    parts.live.add(this);
  }

  tryNext(): void {
    const candidate = this.#candidates[this.#tries++ % this.#candidates.length];
    if (!candidate) {
      this.#answer('no-healthy-target', 'no-healthy-target');
      return;
    }
    const { context, request } = this.#admitted;
    const { target, connector } = candidate;
    this.#candidate = candidate;
    this.#startedMs = this.#parts.clock.nowMs();
    this.#knowledge.pool.started(target.id, this.#startedMs);
    this.#parts.choice.connectors.started(connector.id, this.#startedMs);
    const outgoing: OutgoingRequest = {
      method: context.method,
      path: context.target.path + context.target.query,
      headers: backendFields(this.#admitted, target, this.#parts.assertions),
      incoming: request,
      hasBody: this.#shape.hasBody,
      trailers: passedTrailers,
    };
    if (this.#shape.alone) this.#sendAlone(outgoing, candidate);
    else this.#abandon = this.#parts.upstreams.get(target, connector).relay(outgoing, this.#response, this);
  }

  #sendAlone(outgoing: OutgoingRequest, { target, connector }: Candidate): void {
    this.#parts.upstreams.open(target, connector).then(
      (stream) => {
        if (this.#response.destroyed) {
          stream.destroy();
          this.failed({ kind: 'client-aborted', bodyUntouched: true, cause: undefined });
        } else {
          this.#abandon = (cause) => stream.destroy(cause);
          relayAlone({ stream, headersTimeoutMs: UPSTREAM_HEADERS_TIMEOUT_MS }, outgoing, this.#response, this);
        }
      },
      (cause) => this.failed({ kind: 'connect', bodyUntouched: true, cause }),
    );
  }

  head(status: number, headers: string[]): string[] {
    this.#abandon = undefined;
    this.#targetEnded(status !== 502 && status !== 503 && status !== 504);
    return closeOverBody(this.#admitted.request, status, clientFields(headers, this.#admitted));
  }

  trailers(trailers: string[]): string[] {
    return passedTrailers(trailers);
  }

  failed(failure: ExchangeFailure): void {
    const { problem, tryFailure } = verdictOn(failure);
    // A connector that is lost says nothing of the target behind it.
    const isLost = failure.cause instanceof ConnectorLost || tryFailure === 'no-path';
    this.#abandon = undefined;
    this.#targetEnded(tryFailure === 'client-gone' || isLost);
    if (tryFailure === 'client-gone') {
      this.#over('client-aborted');
      return;
    }
    const verdict = mayRetry({
      method: this.#admitted.context.method,
      bodyReplayable: failure.bodyUntouched,
      bytesSent: failure.kind === 'connect' ? 0 : 1,
      responseStarted: failure.kind === 'malformed',
      failure: tryFailure,
      tries: this.#tries,
    });
    this.#parts.counters.add('exchanges', `failed-${tryFailure}`);
    const hasAnother = this.#candidates.length > 1 || tryFailure === 'closed';
    if (
      verdict === 'retry' &&
      hasAnother &&
      !this.#response.destroyed &&
      // The budget spares backends that fail; load that a lost connector leaves behind has to go somewhere.
      (isLost || this.#knowledge.budget.spend(this.#parts.clock.nowMs()))
    ) {
      this.#parts.counters.add('exchanges', 'retried');
      this.tryNext();
    } else this.#answer(problem, problem);
  }

  ended(how: 'complete' | 'client-aborted' | 'target-aborted'): void {
    this.#over(how);
  }

  stillAdmitted(): boolean {
    return this.#admitted.stillAdmitted();
  }

  connectorLost(overlayAddress: string): void {
    if (this.#candidate?.connector.overlayAddress === overlayAddress) this.#abandon?.(new ConnectorLost());
  }

  cut(): void {
    this.#parts.counters.add('exchanges', 'cut');
    this.#response.destroy();
  }

  #targetEnded(succeeded: boolean): void {
    const nowMs = this.#parts.clock.nowMs();
    const latencyMs = nowMs - this.#startedMs;
    if (!this.#candidate) return;
    const { target, connector } = this.#candidate;
    this.#knowledge.pool.ended(target.id, latencyMs, succeeded, nowMs);
    this.#parts.choice.connectors.ended(connector.id, latencyMs, succeeded, nowMs);
  }

  #answer(problem: Problem, reason: string): void {
    this.#over('unanswered');
    this.#fail(this.#response, problem, reason);
  }

  #over(how: string): void {
    this.#parts.live.remove(this);
    this.#parts.counters.add('exchanges', how);
  }
}

/** Every path to the connector of a try is down. */
class ConnectorLost extends Error {
  override readonly name = 'ConnectorLost';

  constructor() {
    super('no path leads to the connector any more');
  }
}

/** What a failure means for people, and for the question whether to try again. */
export function verdictOn(failure: ExchangeFailure): { problem: Problem; tryFailure: TryFailure } {
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
