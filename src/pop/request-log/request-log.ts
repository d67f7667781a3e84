import type { Clock } from '../../base/index.ts';
import {
  type AttachedConnector,
  MAX_REQUESTS_IN_MESSAGE,
  type PopToControl,
  type SentRequest,
} from '../../core/link/index.ts';
import type { HttpResponse, HttpUpgrade } from '../../io/http/message.ts';
import { LOGGED_MESSAGE_CHARS, MAXIMUM_LOGGED_REQUESTS, MAXIMUM_LOGGED_REQUESTS_OF_RESOURCE } from '../constants.ts';
import type { AtResource } from '../door.ts';
import { type EndedAtResource, lastedFor, sentRequestOf, TraceBudget } from './sent-request.ts';
import { Traffic } from './traffic.ts';

export type RequestsMessage = Extract<PopToControl, { type: 'requests' }>;

/** Who looks at every request to a resource that is over, logged or not. */
export interface EndObserver {
  ended(request: EndedAtResource): void;
  /** Whether it needs all of a request at its end, where that may be long after. */
  awaits(at: AtResource): boolean;
}

/** What happens at the end of what may become another protocol. */
interface Followed {
  over: () => void;
}

/** What is held on to of a request that became another protocol. */
interface Lasting {
  readonly resourceId: string;
  readonly startedMs: number;
  /** As of then; undefined where it is not logged. */
  readonly record: SentRequest | undefined;
}

/**
 * The request log on its way to control. A request that is over is counted, and where there is room it is kept until
 * the end of the second; only then is it written down and sent, off the way of requests. Nothing waits for control: what
 * there is no room for is lost, and how many those are is told.
 */
export class RequestLog {
  readonly #clock: Clock;
  readonly #observer: EndObserver | undefined;
  readonly #traffic = new Traffic();
  #ended: EndedAtResource[] = [];
  /** What was written down before it was over. */
  #written: SentRequest[] = [];
  #joinedBudget = new TraceBudget();
  /** How many of each resource are kept, so that one does not take the room of all. */
  #kept = new Map<string, number>();
  #lost = 0;
  /** Whether there was anything to write down, ever. */
  hasLogged = false;
  #connectors: ReadonlyMap<string, AttachedConnector> = new Map();

  constructor(clock: Clock, observer?: EndObserver) {
    this.#clock = clock;
    this.#observer = observer;
  }

  /** Follows a request to the end of its answer. */
  follow(at: AtResource, response: HttpResponse): void {
    response.once('close', () => this.#over(at, response.headersSent ? response.statusCode : 0));
  }

  /**
   * The same for what may become another protocol. That lasts as long as people like, so once it is spoken what is told
   * of the request is written down, and nothing of the request is held on to.
   */
  followUpgrade(at: AtResource, { protocol, stream }: HttpUpgrade): void {
    const { track } = at;
    track.upgrade = protocol;
    const followed: Followed = { over: () => this.#over(at, statusOf(at)) };
    track.joined = () => {
      track.joined = undefined;
      if (!this.#observer?.awaits(at)) followed.over = this.#lasting(at);
    };
    stream.on('close', endOf(followed));
  }

  /** How connectors are reached now. */
  adopt(connectors: readonly AttachedConnector[]): void {
    this.#connectors = new Map(connectors.map((connector) => [connector.connectorId, connector]));
  }

  /** Sends what the second was like; call each second. What cannot be sent is lost. */
  tick(send: ((message: RequestsMessage) => boolean) | undefined): void {
    const [ended, written, lost] = [this.#ended, this.#written, this.#lost];
    this.#ended = [];
    this.#written = [];
    this.#joinedBudget = new TraceBudget();
    this.#lost = 0;
    this.#kept = new Map();
    const traffic = this.#traffic.take();
    const isQuiet = ended.length === 0 && written.length === 0 && traffic.length === 0;
    if (!send || isQuiet) {
      // It is told with the next request.
      this.#lost = lost + ended.length + written.length;
      return;
    }
    const unixMs = Math.round(this.#clock.unixMs());
    this.hasLogged ||= ended.length + written.length > 0;
    const budget = new TraceBudget();
    const fromEnded = ended.flatMap((each) => sentRequestOf(each, this.#connectors, budget) ?? []);
    const records = [...fromEnded, ...written];
    const first = { unixMs, lost: lost + ended.length - fromEnded.length, traffic };
    for (const [i, batch] of batchesOf(records).entries()) {
      const isSent = send({
        type: 'requests',
        ...(i === 0 ? first : { unixMs, lost: 0, traffic: [] }),
        records: batch,
      });
      if (!isSent) this.#lost += batch.length + (i === 0 ? first.lost : 0);
    }
  }

  #over(at: AtResource, status: number): void {
    const { track } = at;
    if (track.outcome === undefined) return;
    const { id: resourceId, logs } = at.resource.record;
    const stages = at.context.course.stages();
    this.#observer?.ended({ at, status, stages });
    const isRefused = track.outcome === 'deny' || track.outcome === 'challenge';
    const isError = status >= 500 || track.outcome === 'error';
    const deniedFor = isRefused ? track.reason : undefined;
    this.#traffic.add({ resourceId, isError, deniedFor, totalMs: stages.total, bytesOut: track.bytesOut });
    if (isLogged(logs, track) && this.#takesRoom(resourceId)) this.#ended.push({ at, status, stages });
  }

  /** What is left to do when it is over. */
  #lasting(at: AtResource): () => void {
    const { track } = at;
    const { id: resourceId, logs } = at.resource.record;
    const { startedMs } = at.context.course;
    const ended = { at, status: statusOf(at), stages: at.context.course.stages() };
    const record = isLogged(logs, track) ? sentRequestOf(ended, this.#connectors, this.#joinedBudget) : undefined;
    return this.#lastingOver({ resourceId, startedMs, record });
  }

  /** On its own, so that it holds on to nothing else. */
  #lastingOver({ resourceId, startedMs, record }: Lasting): () => void {
    return () => {
      const totalMs = this.#clock.nowMs() - startedMs;
      this.#traffic.add({ resourceId, isError: false, deniedFor: undefined, totalMs, bytesOut: 0 });
      if (record && this.#takesRoom(resourceId)) this.#written.push(lastedFor(record, totalMs));
    };
  }

  /** Where there is none it is counted as lost. */
  #takesRoom(resourceId: string): boolean {
    const kept = this.#kept.get(resourceId) ?? 0;
    const isFull = this.#ended.length + this.#written.length >= MAXIMUM_LOGGED_REQUESTS;
    if (isFull || kept >= MAXIMUM_LOGGED_REQUESTS_OF_RESOURCE) {
      this.#lost++;
      return false;
    }
    this.#kept.set(resourceId, kept + 1);
    return true;
  }
}

function isLogged(logs: AtResource['resource']['record']['logs'], track: AtResource['track']): boolean {
  const { outcome, isCaptured, replayOf } = track;
  if (isCaptured || replayOf !== undefined) return true;
  return logs !== 'none' && (logs !== 'refused' || outcome !== 'allow');
}

/** What was asked for became another protocol if there was an answer to it. */
function statusOf({ context, track }: AtResource): number {
  return context.course.stages().backend === undefined ? track.status : 101;
}

/** On its own, so that it holds on to nothing else. */
function endOf(followed: Followed): () => void {
  return () => followed.over();
}

/** In messages that are not too long; at least one, for the traffic. */
function batchesOf(records: readonly SentRequest[]): SentRequest[][] {
  const batches: SentRequest[][] = [[]];
  let chars = 0;
  for (const record of records) {
    const length = JSON.stringify(record).length;
    let batch = batches.at(-1) as SentRequest[];
    if (batch.length >= MAX_REQUESTS_IN_MESSAGE || (batch.length > 0 && chars + length > LOGGED_MESSAGE_CHARS)) {
      batch = [];
      batches.push(batch);
      chars = 0;
    }
    batch.push(record);
    chars += length;
  }
  return batches;
}
