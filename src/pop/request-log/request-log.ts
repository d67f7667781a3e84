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
import { type EndedAtResource, sentRequestOf, TraceBudget } from './sent-request.ts';
import { Traffic } from './traffic.ts';

export type RequestsMessage = Extract<PopToControl, { type: 'requests' }>;

/**
 * The request log on its way to control. A request that is over is counted, and where there is room it is kept until
 * the end of the second; only then is it written down and sent, off the way of requests. Nothing waits for control: what
 * there is no room for is lost, and how many those are is told.
 */
export class RequestLog {
  readonly #clock: Clock;
  readonly #told: (request: EndedAtResource) => void;
  readonly #traffic = new Traffic();
  #ended: EndedAtResource[] = [];
  /** How many of each resource are kept, so that one does not take the room of all. */
  #kept = new Map<string, number>();
  #lost = 0;
  /** Whether there was anything to write down, ever. */
  hasLogged = false;
  #connectors: ReadonlyMap<string, AttachedConnector> = new Map();

  /** @param ended hears of every request to a resource that is over, logged or not. */
  constructor(clock: Clock, ended: (request: EndedAtResource) => void = () => undefined) {
    this.#clock = clock;
    this.#told = ended;
  }

  /** Follows a request to the end of its answer. */
  follow(at: AtResource, response: HttpResponse): void {
    response.once('close', () => this.#over(at, response.headersSent ? response.statusCode : 0));
  }

  /** The same for what may become another protocol. */
  followUpgrade(at: AtResource, upgrade: HttpUpgrade): void {
    at.track.upgrade = upgrade.protocol;
    upgrade.stream.once('close', () =>
      this.#over(at, at.context.course.stages().backend === undefined ? at.track.status : 101),
    );
  }

  /** How connectors are reached now. */
  adopt(connectors: readonly AttachedConnector[]): void {
    this.#connectors = new Map(connectors.map((connector) => [connector.connectorId, connector]));
  }

  /** Sends what the second was like; call each second. What cannot be sent is lost. */
  tick(send: ((message: RequestsMessage) => boolean) | undefined): void {
    const [ended, lost] = [this.#ended, this.#lost];
    this.#ended = [];
    this.#lost = 0;
    this.#kept = new Map();
    const traffic = this.#traffic.take();
    if (ended.length === 0 && traffic.length === 0) return;
    const unixMs = Math.round(this.#clock.unixMs());
    if (!send) {
      this.#lost = lost + ended.length;
      return;
    }
    this.hasLogged ||= ended.length > 0;
    const budget = new TraceBudget();
    const records = ended.flatMap((each) => sentRequestOf(each, this.#connectors, budget) ?? []);
    const first = { unixMs, lost: lost + ended.length - records.length, traffic };
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
    this.#told({ at, status, stages });
    const isRefused = track.outcome === 'deny' || track.outcome === 'challenge';
    const isError = status >= 500 || track.outcome === 'error';
    const deniedFor = isRefused ? track.reason : undefined;
    this.#traffic.add({ resourceId, isError, deniedFor, totalMs: stages.total, bytesOut: track.bytesOut });
    const isWanted = track.isCaptured || track.replayOf !== undefined;
    if (!isWanted && (logs === 'none' || (logs === 'refused' && track.outcome === 'allow'))) return;
    const kept = this.#kept.get(resourceId) ?? 0;
    if (this.#ended.length >= MAXIMUM_LOGGED_REQUESTS || kept >= MAXIMUM_LOGGED_REQUESTS_OF_RESOURCE) this.#lost++;
    else {
      this.#kept.set(resourceId, kept + 1);
      this.#ended.push({ at, status, stages });
    }
  }
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
