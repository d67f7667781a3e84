import { assertNever, type Random } from '../base/index.ts';
import { isIdempotent } from '../core/routing/index.ts';
import { subjectId } from '../core/session/index.ts';
import type { HttpResponse } from '../io/http/message.ts';
import type { ExchangeFailure, ExchangeObserver, OutgoingRequest, RelayHandle } from '../io/http-exchange.ts';
import { relayAlone } from '../io/http-upgrade.ts';
import { closeOverBody } from './answers.ts';
import {
  type AssertionSource,
  clientFields,
  interimFields,
  outgoingRequest,
  passedTrailers,
} from './backend-request.ts';
import {
  HELD_REQUEST_BYTES,
  HELD_STREAM_BYTES,
  MAXIMUM_INTERIM_ANSWERS,
  UPSTREAM_HEADERS_TIMEOUT_MS,
} from './constants.ts';
import { EventStreamAnswer } from './event-stream-answer.ts';
import { GrpcCall } from './grpc-call.ts';
import type { CutReason, LiveExchange, LiveExchanges } from './live-exchanges.ts';
import type { Problem } from './problems.ts';
import { ExchangeLimits } from './rules/exchange-limits.ts';
import type { AdmittedRequest, AnswerWatcher, FailureAnswer, RequestShape } from './serving.ts';
import { SmallBodies } from './small-bodies.ts';
import type { Candidate } from './target-choice.ts';
import { dialFailed, type Step, Tries, type TriesParts } from './tries.ts';
import type { Upstreams } from './upstreams.ts';

export interface ForwarderParts extends TriesParts {
  readonly upstreams: Upstreams;
  readonly assertions: AssertionSource;
  readonly live: LiveExchanges;
  readonly random: Random;
}

/** Sends an admitted request to the first candidate that takes it, and its answer back. */
export class Forwarder {
  readonly #parts: ForwarderParts;
  readonly #bodies = new SmallBodies();

  constructor(parts: ForwarderParts) {
    this.#parts = parts;
  }

  forward(admitted: AdmittedRequest, response: HttpResponse, shape: RequestShape, fail: FailureAnswer): void {
    new Exchange(this.#parts, this.#bodies, admitted, response, shape, fail).begin();
  }
}

/** One admitted request, over as many tries as it takes. */
class Exchange implements ExchangeObserver, LiveExchange {
  readonly resourceId: string;
  readonly subjectId: string | undefined;
  readonly #parts: ForwarderParts;
  readonly #bodies: SmallBodies;
  readonly #admitted: AdmittedRequest;
  readonly #response: HttpResponse;
  readonly #shape: RequestShape;
  readonly #fail: FailureAnswer;
  readonly #tries: Tries;
  #body: Uint8Array | undefined;
  /** Bytes that its body holds of `SmallBodies`. */
  #heldBytes = 0;
  #relay: RelayHandle | undefined;
  #events: EventStreamAnswer | undefined;
  readonly #limits: ExchangeLimits | undefined;
  readonly #call: GrpcCall | undefined;
  #interimAnswers = 0;
  #watcher: AnswerWatcher | undefined;

  constructor(
    parts: ForwarderParts,
    bodies: SmallBodies,
    admitted: AdmittedRequest,
    response: HttpResponse,
    shape: RequestShape,
    fail: FailureAnswer,
  ) {
    this.#parts = parts;
    this.#bodies = bodies;
    this.#admitted = admitted;
    this.#response = response;
    this.#shape = shape;
    this.#fail = fail;
    this.#tries = new Tries(parts, admitted);
    this.#limits = admitted.rules && new ExchangeLimits(admitted.rules);
    this.#call = GrpcCall.of(admitted.request);
    this.resourceId = admitted.resource.record.id;
    this.subjectId = admitted.signedIn && subjectId(admitted.signedIn.claims.subject);
    parts.live.add(this);
  }

  begin(): void {
    this.#call?.begin((problem) => this.#stop(problem));
    const { hasBody, alone } = this.#shape;
    const { request } = this.#admitted;
    const length = hasBody && !alone ? this.#bodies.lengthOf(request) : undefined;
    if (length === undefined) return void this.#take(this.#tries.first());
    this.#heldBytes = length;
    this.#bodies.read(
      request,
      length,
      (body) => {
        this.#admitted.rules?.passes?.(body);
        this.#body = body;
        this.#take(this.#tries.first());
      },
      () => this.#over('client-aborted'),
    );
  }

  sent(): void {
    this.#admitted.context.course.sent();
  }

  head(status: number, headers: string[]): string[] {
    this.#admitted.context.course.answered();
    this.#limits?.clear();
    this.#watcher = this.#admitted.rules?.answered(status, headers);
    this.#tries.ended(status === 502 || status === 503 || status === 504 ? 'failed' : 'succeeded');
    this.#events = EventStreamAnswer.of(headers, this.#response);
    const fields = this.#call?.answered(headers) ?? headers;
    const mark = this.#tries.current && this.#parts.choice.newMark(this.#admitted, this.#tries.current);
    return closeOverBody(this.#admitted.request, status, clientFields(fields, this.#admitted, mark));
  }

  data(chunk: Buffer): boolean {
    this.#admitted.track.bytesOut += chunk.length;
    this.#watcher?.take(chunk);
    return this.#events?.pass(chunk) ?? true;
  }

  trailers(trailers: string[]): string[] {
    return passedTrailers(trailers);
  }

  interim(_status: number, headers: string[]): string[] | undefined {
    return ++this.#interimAnswers > MAXIMUM_INTERIM_ANSWERS ? undefined : interimFields(headers);
  }

  truncated(): boolean {
    return this.#call?.truncated(this.#response) ?? false;
  }

  failed(failure: ExchangeFailure): void {
    const { destroyed } = this.#response;
    if (failure.body) this.#body = failure.body;
    const passed = destroyed ? undefined : this.#limits?.passed;
    if (passed) return void this.#refuse(passed, failure);
    const stopped = destroyed ? undefined : this.#call?.stopped;
    if (stopped) {
      this.#tries.lastFailure(failure);
      return void this.#answer(stopped);
    }
    this.#take(this.#tries.afterFailure(failure, !this.#response.destroyed));
  }

  ended(how: 'complete' | 'client-aborted' | 'target-aborted'): void {
    this.#watcher?.ended(how === 'complete');
    this.#over(how);
  }

  get through(): string | undefined {
    return this.#tries.current?.connector.overlayAddress;
  }

  stillAdmitted(): boolean {
    return this.#admitted.stillAdmitted();
  }

  cut(why: CutReason): void {
    this.#parts.counters.add('exchanges', 'cut');
    if (this.#call && this.#relay && !this.#response.destroyed) this.#call.stop(why);
    else this.#response.destroy();
  }

  /** Nothing else of HTTP can be ended early and be whole. */
  goAway(): void {
    this.#events?.end();
  }

  /**
   * What was not sent yet, or may be sent twice, does not wait for the path to come back, where there is another. The
   * rest does: its stream lives on as long as both its ends do.
   */
  connectorLost(overlayAddress: string): void {
    const { current, hasAnother } = this.#tries;
    if (current?.connector.overlayAddress !== overlayAddress || !hasAnother) return;
    const isReplayable = !this.#shape.hasBody || this.#body !== undefined;
    if (isReplayable && isIdempotent(this.#admitted.context.method)) this.#relay?.abandon();
    else this.#relay?.abandonUnsent();
  }

  /** Ends a call; its caller learns why. */
  #stop(problem: Problem): void {
    if (this.#relay) this.#relay.cancel();
    else if (!this.#response.destroyed) this.#answer(problem);
  }

  #take(step: Step): void {
    switch (step.kind) {
      case 'try':
        this.#send(step.candidate);
        break;
      case 'hold':
        this.#hold(step);
        break;
      case 'fail':
        this.#answer(step.problem, this.#tries.reason ?? step.problem);
        break;
      case 'gone':
        this.#over('client-aborted');
        break;
      default:
        assertNever(step);
    }
  }

  #hold({ problem, untilMs }: Step & { kind: 'hold' }): void {
    const { held, choice, counters } = this.#parts;
    const streamed = this.#shape.hasBody && this.#body === undefined ? HELD_STREAM_BYTES : 0;
    const isHeld = held.hold({
      resourceId: this.resourceId,
      organisationId: this.#admitted.resource.record.organisationId,
      bytes: HELD_REQUEST_BYTES + this.#heldBytes + streamed,
      untilMs,
      isOver: () => this.#response.destroyed,
      hasWay: () => choice.hasWay(this.#admitted),
      go: () => this.#goOn(),
    });
    counters.add('exchanges', isHeld ? 'held' : 'held-too-many');
    if (!isHeld) this.#answer(problem);
  }

  /** What was revoked while a request waited is not begun. */
  #goOn(): void {
    if (!this.#response.destroyed && !this.#admitted.stillAdmitted()) this.cut('denied');
    this.#take(this.#tries.afterHold(!this.#response.destroyed));
  }

  #send(candidate: Candidate): void {
    const { target, connector } = candidate;
    this.#admitted.track.sent(candidate);
    const outgoing = outgoingRequest(this.#admitted, target, this.#parts.assertions, {
      hasBody: this.#shape.hasBody,
      ...(this.#body && { body: this.#body }),
      ...this.#limits?.outgoing,
      // A call may send for as long as it likes before anything comes back; its deadline is the caller's.
      ...(this.#call && { headersTimeoutMs: 0 }),
    });
    this.#limits?.begin(this.#admitted.request, this.#shape.hasBody && !this.#body, () => this.#relay?.abandon());
    const isHttp2 = target.protocol === 'h2';
    if (this.#shape.alone && !isHttp2) this.#sendAlone(outgoing, candidate);
    else {
      const { upstreams } = this.#parts;
      // Connections of HTTP/2 say themselves that they are over.
      if (this.#tries.isAgain && !isHttp2) upstreams.renew(target, connector);
      const upstream = upstreams.get(target, connector);
      this.#relay = upstream.relay(outgoing, this.#response, this, this.#tries.connectTimeoutMs);
    }
  }

  #sendAlone(outgoing: OutgoingRequest, { target, connector }: Candidate): void {
    const headersTimeoutMs = this.#admitted.rules?.answerMs ?? UPSTREAM_HEADERS_TIMEOUT_MS;
    this.#parts.upstreams.open(target, connector, this.#tries.connectTimeoutMs).then(
      (stream) => {
        if (this.#response.destroyed) {
          stream.destroy();
          this.failed({ ...dialFailed(undefined), kind: 'client-aborted' });
        } else relayAlone({ stream, headersTimeoutMs }, outgoing, this.#response, this);
      },
      (cause) => this.failed(dialFailed(cause)),
    );
  }

  /** What is too large is the client's doing, what is too late the target's. */
  #refuse(problem: NonNullable<ExchangeLimits['passed']>, failure: ExchangeFailure): void {
    if (problem === 'body-too-large') this.#tries.ended('abandoned');
    else this.#tries.lastFailure({ ...failure, kind: 'timed-out' });
    this.#answer(problem);
  }

  #answer(problem: Problem, reason: string = problem): void {
    this.#over('unanswered');
    this.#fail(this.#response, problem, reason);
  }

  #over(how: string): void {
    this.#limits?.clear();
    this.#call?.over();
    this.#bodies.release(this.#heldBytes);
    this.#heldBytes = 0;
    this.#body = undefined;
    this.#parts.live.remove(this);
    this.#parts.counters.add('exchanges', how);
  }
}
