import type { Clock } from '../base/index.ts';
import { CARRIER_PATH } from '../core/carrier/index.ts';
import { faultInRequestHead, fieldValue, normaliseHost } from '../core/routing/index.ts';
import type { HttpRequest } from '../io/http/message.ts';
import { clientFacts } from './client-facts.ts';
import { HOST_CACHE_SIZE, MAXIMUM_HEADER_COUNT } from './constants.ts';
import { type ClientSources, IncomingContext } from './incoming-context.ts';
import type { Problem } from './problems.ts';
import type { PublishedResource } from './published-resource.ts';
import { connectionFacts, type Refusal, type RequestContext, readTarget } from './request-context.ts';
import { RequestCourse } from './request-course.ts';
import { RequestTrack } from './request-log/request-track.ts';
import type { SnapshotHolder } from './snapshot-holder.ts';
import type { SnapshotView } from './snapshot-view.ts';

/** What a request that came through the door wants. */
export type Admitted =
  | { readonly kind: 'portal'; readonly context: RequestContext; readonly view: SnapshotView }
  | {
      readonly kind: 'resource';
      readonly context: RequestContext;
      readonly view: SnapshotView;
      readonly resource: PublishedResource;
      /** What is noted of it for the request log. */
      readonly track: RequestTrack;
    };

export type AtResource = Admitted & { readonly kind: 'resource' };

/** A request that is turned away before anything is looked up for it. */
export interface TurnedAway extends Refusal {
  readonly kind: 'refused';
  readonly requestId: string;
  readonly host: string | undefined;
}

interface KnownHost {
  readonly name: string;
  readonly authority: string;
}

/** TRACE would send cookies back to scripts; CONNECT is for proxies that clients choose. */
const REFUSED_METHODS: ReadonlySet<string> = new Set(['TRACE', 'TRACK', 'CONNECT']);

/** The strict part of the ingress: turns a request into a RequestContext, or away. */
export class Door {
  readonly #holder: SnapshotHolder;
  readonly #clock: Clock;
  readonly #nextRequestId: () => string;
  readonly #sources: ClientSources;
  /** Hosts by the spelling they were sent in. */
  readonly #hosts = new Map<string, KnownHost>();

  constructor(holder: SnapshotHolder, clock: Clock, nextRequestId: () => string, sources: ClientSources) {
    this.#holder = holder;
    this.#clock = clock;
    this.#nextRequestId = nextRequestId;
    this.#sources = sources;
  }

  open(request: HttpRequest): Admitted | TurnedAway {
    const requestId = this.#nextRequestId();
    const { rawHeaders } = request;
    const course = new RequestCourse(this.#clock, this.#sources.traces, rawHeaders);
    const turnAway = (problem: Problem, reason: string, host?: string): TurnedAway => ({
      kind: 'refused',
      problem,
      reason,
      requestId,
      host,
    });
    if (rawHeaders.length > 2 * MAXIMUM_HEADER_COUNT) return turnAway('headers-too-many', 'headers-too-many');
    const fault = faultInRequestHead(rawHeaders);
    if (fault !== undefined) return turnAway(problemOfHead(fault), fault);
    const encoding = fieldValue(rawHeaders, 'transfer-encoding');
    if (encoding !== undefined && encoding.toLowerCase() !== 'chunked')
      return turnAway('request-malformed', 'transfer-encoding-unknown');
    const host = this.#host(fieldValue(rawHeaders, 'host') ?? '');
    if (typeof host === 'string') return turnAway('host-malformed', host);
    const connection = clientFacts(connectionFacts(request.socket), rawHeaders, this.#sources.proxies);
    if (connection.serverName !== host.name && !this.#isCoalesced(request, connection.serverName, host.name))
      return turnAway(
        'name-mismatch',
        connection.serverName === undefined ? 'server-name-missing' : 'server-name-differs',
        host.name,
      );
    const method = request.method ?? '';
    if (REFUSED_METHODS.has(method)) return turnAway('method-refused', 'method-refused', host.name);
    const target = readTarget(request, (authority) => this.#sameHost(authority, host));
    if ('problem' in target) return turnAway(target.problem, target.reason, host.name);
    // What is a carrier was taken before this door; no resource may have its path, however it is spelled.
    if (target.path === CARRIER_PATH) return turnAway('method-refused', 'carrier-only', host.name);
    const nowUnixMs = this.#clock.unixMs();
    const { name, authority } = host;
    const read = {
      requestId,
      nowUnixMs,
      method,
      host: name,
      authority,
      target,
      connection,
      request,
      course,
    };
    const context = new IncomingContext(read, this.#sources);
    return this.#lookUp(context, turnAway);
  }

  #lookUp(
    context: RequestContext,
    turnAway: (problem: Problem, reason: string, host: string) => TurnedAway,
  ): Admitted | TurnedAway {
    const { host, nowUnixMs } = context;
    const unservable = this.#holder.unservable(nowUnixMs);
    if (unservable !== undefined) return turnAway(unservable, unservable, host);
    const view = this.#holder.view as SnapshotView;
    if (host === view.installation.portalHost) return { kind: 'portal', context, view };
    const resource = view.resourceAt(host);
    if (!resource) return turnAway('host-unknown', 'host-unknown', host);
    const track = new RequestTrack();
    const { replay } = context.connection;
    if (replay) {
      track.replayOf = replay.of;
      replay.requestId = context.requestId;
    }
    return { kind: 'resource', context, view, resource, track };
  }

  #host(text: string): KnownHost | string {
    const known = this.#hosts.get(text);
    if (known) return known;
    const host = normaliseHost(text);
    if (typeof host === 'string') return host;
    const made = { name: host.name, authority: host.port === undefined ? host.name : `${host.name}:${host.port}` };
    if (this.#hosts.size >= HOST_CACHE_SIZE) this.#hosts.clear();
    this.#hosts.set(text, made);
    return made;
  }

  #isCoalesced({ httpVersion }: HttpRequest, serverName: string | undefined, host: string): boolean {
    return httpVersion === '2.0' && serverName !== undefined && this.#sources.coalesces(serverName, host);
  }

  #sameHost(authority: string, host: KnownHost): boolean {
    const other = this.#host(authority);
    return typeof other !== 'string' && other.authority === host.authority;
  }
}

function problemOfHead(fault: string): Problem {
  if (fault === 'host-missing' || fault === 'host-duplicated') return fault;
  return 'request-malformed';
}
