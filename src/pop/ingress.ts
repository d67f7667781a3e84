import type { Clock } from '../base/index.ts';
import { fieldValue, normaliseHost } from '../core/routing/index.ts';
import type { HttpRequest, HttpResponse, HttpUpgrade } from '../io/http/message.ts';
import type { CarrierDoor, HttpHandlers, MalformedReason } from '../io/https-server.ts';
import { answerChallenge } from './acme/answer-challenge.ts';
import { answerJson, answerProblem, answerRedirect } from './answers.ts';
import type { Counters } from './counters.ts';
import type { Admitted, Door, TurnedAway } from './door.ts';
import type { Portal } from './portal.ts';
import { refuseAtPortal } from './refuse-at-portal.ts';
import { readTarget } from './request-context.ts';
import type { ResourceHost } from './resource-host.ts';
import type { SnapshotHolder } from './snapshot-holder.ts';
import { demandHttps } from './transport-security.ts';

/** Liveness: 200 while requests are served, 503 with the reason otherwise. */
const HEALTH_PATH = '/.manis/health';

export interface IngressParts {
  readonly door: Door;
  readonly portal: Portal;
  readonly resources: ResourceHost;
  readonly counters: Counters;
  readonly holder: SnapshotHolder;
  readonly clock: Clock;
  readonly carrier: CarrierDoor | undefined;
  /** A mistake of ours met this request; the others go on. */
  readonly failed: (error: unknown, request: LineFields) => void;
}

/** Takes requests from the HTTPS listeners: through the door, then to the portal or to a resource. */
export class Ingress implements HttpHandlers {
  readonly carrier: CarrierDoor | undefined;
  readonly #door: Door;
  readonly #portal: Portal;
  readonly #resources: ResourceHost;
  readonly #counters: Counters;
  readonly #holder: SnapshotHolder;
  readonly #clock: Clock;
  readonly #failed: IngressParts['failed'];

  constructor(parts: IngressParts) {
    const { door, portal, resources, counters, holder, clock, failed } = parts;
    this.carrier = parts.carrier;
    this.#failed = failed;
    this.#holder = holder;
    this.#clock = clock;
    this.#door = door;
    this.#portal = portal;
    this.#resources = resources;
    this.#counters = counters;
  }

  request(request: HttpRequest, response: HttpResponse, expectsContinue: boolean): void {
    if (request.url === HEALTH_PATH)
      return void answerHealth(request, response, this.#holder.unservable(this.#clock.unixMs()));
    let admitted: Admitted | TurnedAway | undefined;
    try {
      admitted = this.#door.open(request);
      this.#serve(admitted, request, response, expectsContinue);
    } catch (error) {
      this.#failed(error, lineFields(admitted));
      response.destroy();
    }
  }

  #serve(
    admitted: Admitted | TurnedAway,
    request: HttpRequest,
    response: HttpResponse,
    expectsContinue: boolean,
  ): void {
    this.#counters.add('requests', admitted.kind);
    switch (admitted.kind) {
      case 'portal':
        demandHttps(admitted, response);
        return void this.#portal.request(admitted, request, response, expectsContinue);
      case 'resource':
        return void this.#resources.request(admitted, request, response, expectsContinue);
      case 'refused':
        return void this.#refuse(admitted, request, response);
    }
  }

  upgrade(upgrade: HttpUpgrade): void {
    upgrade.stream.on('error', () => undefined);
    let admitted: Admitted | TurnedAway | undefined;
    try {
      admitted = this.#door.open(upgrade.request);
      this.#serveUpgrade(admitted, upgrade);
    } catch (error) {
      this.#failed(error, lineFields(admitted));
      upgrade.stream.destroy();
    }
  }

  #serveUpgrade(admitted: Admitted | TurnedAway, upgrade: HttpUpgrade): void {
    const { request } = upgrade;
    this.#counters.add('requests', 'upgrade');
    switch (admitted.kind) {
      case 'resource':
        return void this.#resources.upgrade(admitted, upgrade);
      case 'portal':
        return void refuseAtPortal(
          this.#counters,
          { at: admitted, request, response: upgrade.refuse() },
          'method-refused',
          'upgrade-refused',
        );
      case 'refused':
        return void this.#refuse(admitted, request, upgrade.refuse());
    }
  }

  malformed(reason: MalformedReason): void {
    this.#counters.add('problems', reason);
  }

  #refuse({ problem, reason, requestId, host }: TurnedAway, request: HttpRequest, response: HttpResponse): void {
    this.#counters.add('problems', reason);
    // What is malformed may be the first half of a smuggled request: nothing more is read from this connection.
    response.shouldKeepAlive = problem === 'host-unknown' || problem.startsWith('snapshot');
    answerProblem(request, response, { problem, reason, requestId, host });
  }
}

type LineFields = Readonly<Record<string, string | undefined>>;

/** By which lines of the log about a request are found. */
function lineFields(admitted: Admitted | TurnedAway | undefined): LineFields {
  if (!admitted) return {};
  if (admitted.kind === 'refused') return { requestId: admitted.requestId };
  const { requestId, course } = admitted.context;
  const resourceId = admitted.kind === 'resource' ? admitted.resource.record.id : undefined;
  return { requestId, traceId: course.trace.traceId, resourceId };
}

/** For whoever watches this PoP, on HTTPS and HTTP: no host is looked at and nothing else is told. */
function answerHealth(request: HttpRequest, response: HttpResponse, unservable: string | undefined): void {
  answerJson(request, response, unservable ? 503 : 200, JSON.stringify({ status: unservable ?? 'ok' }));
}

export interface RedirectParts {
  readonly holder: SnapshotHolder;
  readonly counters: Counters;
  readonly clock: Clock;
  readonly nextRequestId: () => string;
}

function hostOf(request: HttpRequest): string | undefined {
  const host = normaliseHost(fieldValue(request.rawHeaders, 'host') ?? '');
  return typeof host === 'string' ? undefined : host.name;
}

/** The plain HTTP listener: sends browsers to HTTPS and passes nothing on. */
export class RedirectIngress implements HttpHandlers {
  readonly #holder: SnapshotHolder;
  readonly #counters: Counters;
  readonly #clock: Clock;
  readonly #nextRequestId: () => string;

  constructor({ holder, counters, clock, nextRequestId }: RedirectParts) {
    this.#holder = holder;
    this.#counters = counters;
    this.#clock = clock;
    this.#nextRequestId = nextRequestId;
  }

  request(request: HttpRequest, response: HttpResponse): void {
    if (request.url === HEALTH_PATH)
      return void answerHealth(request, response, this.#holder.unservable(this.#clock.unixMs()));
    const view = this.#holder.view;
    const host = hostOf(request);
    if (view && host !== undefined && answerChallenge(view.acme, host, request, response))
      return void this.#counters.add('requests', 'acme-challenge');
    const target = readTarget(request, () => false);
    const requestId = this.#nextRequestId();
    const refuse = (problem: 'host-unknown' | 'plain-http' | 'request-malformed' | 'snapshot-missing'): void => {
      this.#counters.add('problems', problem);
      response.shouldKeepAlive = false;
      answerProblem(request, response, { problem, reason: problem, requestId, host });
    };
    if (host === undefined || 'problem' in target) return void refuse('request-malformed');
    if (!view) return void refuse('snapshot-missing');
    if (request.method !== 'GET' && request.method !== 'HEAD') return void refuse('plain-http');
    // Only hosts that are served here: an answer with another's name in Location would be an open redirect.
    if (host !== view.installation.portalHost && !view.resourceAt(host)) return void refuse('host-unknown');
    this.#counters.add('requests', 'redirected');
    answerRedirect(request, response, `${view.originOf(host)}${target.path}${target.query}`, [], 308);
  }

  upgrade(upgrade: HttpUpgrade): void {
    upgrade.stream.on('error', () => undefined);
    this.request(upgrade.request, upgrade.refuse());
  }

  malformed(reason: MalformedReason): void {
    this.#counters.add('problems', reason);
  }
}
