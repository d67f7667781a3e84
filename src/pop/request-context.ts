import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type IpAddress, parseIpAddress, unmapIpv4 } from '../base/index.ts';
import {
  type AddressPlace,
  type DeviceHints,
  type NormalisedTarget,
  normaliseTarget,
  type PolicyContext,
} from '../core/policy/index.ts';
import { fieldValue } from '../core/routing/index.ts';
import {
  type CookieDropReason,
  type ManisCookies,
  readManisCookies,
  stripManisCookies,
} from '../core/session/index.ts';
import type { HttpRequest } from '../io/http/message.ts';
import type { AcceptedCertificate } from './client-authorities.ts';
import type { Problem } from './problems.ts';
import type { RequestCourse } from './request-course.ts';

/** What a request is judged by, now and while what came of it lasts. */
export interface JudgedContext extends PolicyContext {
  /** Normalised host, without port. */
  readonly host: string;
  /** The certificate that the client proved to hold and that counts here, as of now. */
  readonly clientCertificate: AcceptedCertificate | undefined;
  /** The same request as it would be judged later. */
  later(nowUnixMs: number): JudgedContext;
}

/** One request as everything after the ingress sees it. Made once and never changed. */
export interface RequestContext extends JudgedContext {
  /** Unique over all PoPs and restarts; shown to people and sent to the backend. */
  readonly requestId: string;
  /** Normalised host, with the port where the client gave one. */
  readonly authority: string;
  /** Canonical text of the address; `unknown` where there is none. */
  readonly clientAddressText: string;
  readonly connection: ConnectionFacts;
  readonly request: HttpRequest;
  /** How far it came, and the trace that it belongs to. */
  readonly course: RequestCourse;
  /** What is held on to of it by what lasts: no more than policies ask for. */
  kept(): JudgedContext;
  /** A GET of the same address that Manis makes by itself: it has no client, and says so of itself. */
  ofNobody(request: HttpRequest, course: RequestCourse): RequestContext;
}

/** What is the same for all requests of a connection, worked out once. */
export interface ConnectionFacts {
  readonly address: IpAddress | undefined;
  /** The client first, then the trusted proxies that it came through; empty where nobody knows. */
  readonly chain: readonly IpAddress[];
  readonly addressText: string;
  /** SNI, lower case. */
  readonly serverName: string | undefined;
  /** The Cookie field that came last, read: browsers send the same one again and again. */
  cookies: ReadCookies | undefined;
  /** Where the address is; undefined while nobody asked, or where it was not known then. */
  place: AddressPlace | undefined;
  /** What the client said that it is, by the User-Agent that came last. */
  device: { readonly agent: string | undefined; readonly hints: DeviceHints } | undefined;
  /** Somebody wants a captured request sent once more, and this is it. Left out: a client did. */
  readonly replay?: ReplayFacts;
  /** Forwarding fields for the backend, by the authority they were last made for. */
  forwarding: { readonly authority: string; readonly fields: readonly string[] } | undefined;
}

/** The request that is sent once more, and what it is known as then. */
export interface ReplayFacts {
  /** Id of the captured request in the log. */
  readonly of: string;
  requestId: string | undefined;
}

const FACTS = Symbol('facts of the connection');
type KnownSocket = Socket & { [FACTS]?: ConnectionFacts; servername?: string | false };

export function connectionFacts(socket: Socket): ConnectionFacts {
  const known = socket as KnownSocket;
  known[FACTS] ??= readFacts(known);
  return known[FACTS];
}

function readFacts(socket: KnownSocket): ConnectionFacts {
  const parsed = parseIpAddress((socket.remoteAddress ?? '').replace(/%.*$/, ''));
  const serverName = socket.servername ? socket.servername.toLowerCase() : undefined;
  return factsOf(parsed ? [unmapIpv4(parsed)] : [], serverName);
}

/** What is known of a client that is no connection: control says where it is. */
export function innerFacts(address: IpAddress | undefined, serverName: string, replay: ReplayFacts): ConnectionFacts {
  return { ...factsOf(address ? [unmapIpv4(address)] : [], serverName), replay };
}

/** Before anything is read from the connection. */
export function setFacts(connection: Duplex, facts: ConnectionFacts): void {
  (connection as unknown as KnownSocket)[FACTS] = facts;
}

/** The facts of another client whose requests come over the same connection, through a proxy. */
export function factsBehind({ serverName }: ConnectionFacts, chain: readonly IpAddress[]): ConnectionFacts {
  return factsOf(chain, serverName);
}

/** The facts of a request that no client sent. */
export function nobodysFacts({ serverName }: ConnectionFacts): ConnectionFacts {
  return factsOf([], serverName);
}

function factsOf(chain: readonly IpAddress[], serverName: string | undefined): ConnectionFacts {
  const [address] = chain;
  return {
    address,
    chain,
    addressText: address?.text ?? 'unknown',
    serverName,
    cookies: undefined,
    place: undefined,
    device: undefined,
    forwarding: undefined,
  };
}

export interface ReadCookies {
  readonly field: string;
  readonly manis: ManisCookies | CookieDropReason;
  /** The field as the backend gets it. */
  readonly passed: string | undefined;
}

const NO_COOKIES: ReadCookies = { field: '', manis: { attempts: new Map() }, passed: undefined };

/** The cookies of a request: those of Manis, and the field without them. */
export function readCookies(connection: ConnectionFacts, rawHeaders: readonly string[]): ReadCookies {
  const field = fieldValue(rawHeaders, 'cookie', '; ');
  if (field === undefined) return NO_COOKIES;
  if (connection.cookies?.field === field) return connection.cookies;
  const read = { field, manis: readManisCookies(field), passed: stripManisCookies(field) };
  connection.cookies = read;
  return read;
}

/** A refusal at the door: the problem and the finer reason that is logged and counted. */
export interface Refusal {
  readonly problem: Problem;
  readonly reason: string;
}

const ABSOLUTE_FORM = /^https?:\/\/([^/?#]*)(.*)$/i;

/**
 * The request target, normalised. The absolute form (RFC 9112 section 3.2.2) is taken apart; its authority must say
 * what Host says, because of the two a backend might believe the other one.
 */
export function readTarget(request: HttpRequest, sameHost: (authority: string) => boolean): NormalisedTarget | Refusal {
  let raw = request.url ?? '';
  if (raw.charCodeAt(0) !== 0x2f) {
    const absolute = ABSOLUTE_FORM.exec(raw);
    if (!absolute) return { problem: 'path-refused', reason: 'target-not-origin-form' };
    if (!sameHost(absolute[1] ?? '')) return { problem: 'host-differs', reason: 'target-host-differs' };
    const rest = absolute[2] ?? '';
    raw = rest.startsWith('/') ? rest : `/${rest}`;
  }
  const target = normaliseTarget(raw);
  return typeof target === 'string' ? { problem: 'path-refused', reason: target } : target;
}

/**
 * Whether the answer is for a person to look at: a browser that navigates. Scripts, images and API clients get a
 * problem document in place of a page or redirect.
 */
export function isNavigation(request: HttpRequest): boolean {
  if (request.method !== 'GET' && request.method !== 'HEAD') return false;
  return wantsPage(request);
}

/** Whether a page is understood, whatever the method (a form that is sent, too). */
export function wantsPage(request: HttpRequest): boolean {
  const mode = request.headers['sec-fetch-mode'];
  if (mode !== undefined && mode !== 'navigate') return false;
  return request.headers.accept?.includes('text/html') ?? false;
}
