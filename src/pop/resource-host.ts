import type { Clock } from '../base/index.ts';
import { type Decision, evaluate, type Reason } from '../core/policy/index.ts';
import { fieldValue } from '../core/routing/index.ts';
import {
  beginSignIn,
  issueSessionToken,
  type ManisCookies,
  PROMPTS,
  type ResourceClaims,
  renewedClaims,
  SESSION_COOKIE,
  type SessionCrypto,
  type SigningKey,
  serialiseCookie,
  subjectId,
} from '../core/session/index.ts';
import type { HttpRequest, HttpResponse, HttpUpgrade } from '../io/http/message.ts';
import { answerProblem, answerRedirect } from './answers.ts';
import type { AuditRecorder } from './audit-recorder.ts';
import type { SignedIn } from './authenticate.ts';
import { certificateHolder } from './client-certificates.ts';
import type { Counters } from './counters.ts';
import { challengesFor } from './credentials/challenges.ts';
import type { Presented, PresentedReason } from './credentials/presented.ts';
import type { AtResource } from './door.ts';
import type { Forwarder } from './forward.ts';
import { TEXTS } from './pages/texts.ts';
import { PROBLEM_STATUS, type Problem, problemOfDecision, RETRY_AFTER_SECONDS } from './problems.ts';
import { isNavigation, readCookies } from './request-context.ts';
import { isManisPath, type ResourceEndpoints } from './resource-endpoints.ts';
import type { AdmittedRequest } from './serving.ts';
import type { SnapshotHolder } from './snapshot-holder.ts';
import { demandHttps } from './transport-security.ts';
import { isOwnOrigin, type WebSocketForwarder } from './web-socket.ts';
import type { WhoAsks } from './who-asks.ts';

export interface ResourceHostParts {
  readonly holder: SnapshotHolder;
  readonly who: WhoAsks;
  readonly crypto: SessionCrypto;
  readonly key: SigningKey;
  readonly clock: Clock;
  readonly counters: Counters;
  readonly audit: AuditRecorder;
  readonly forwarder: Forwarder;
  readonly webSockets: WebSocketForwarder;
  readonly endpoints: ResourceEndpoints;
}

interface Judged {
  readonly decision: Decision;
  readonly signedIn: SignedIn<ResourceClaims> | undefined;
  /** Whether it is by a session that they are. */
  readonly hasSession: boolean;
  readonly cookies: ManisCookies;
  /** The Cookie field for the backend. */
  readonly passedCookie: string | undefined;
  /** A credential that the request brought in its fields. */
  readonly presented: Presented | undefined;
  /** Why that one stands for nobody. */
  readonly fault: PresentedReason | undefined;
}

/** Serves the hosts of resources: who is asking, may they, and if so what the target says. */
export class ResourceHost {
  readonly #parts: ResourceHostParts;

  constructor(parts: ResourceHostParts) {
    this.#parts = parts;
  }

  request(at: AtResource, request: HttpRequest, response: HttpResponse, expectsContinue: boolean): void {
    if (isManisPath(at.context.target.path)) return void this.#parts.endpoints.request(at, request, response);
    const presented = this.#parts.who.presented(at, request);
    const serve = (): void => this.#serve(at, presented, request, response, expectsContinue);
    if (presented?.judging) void presented.judging.then(serve, (error: Error) => response.destroy(error));
    else serve();
  }

  #serve(
    at: AtResource,
    presented: Presented | undefined,
    request: HttpRequest,
    response: HttpResponse,
    expectsContinue: boolean,
  ): void {
    const judged = this.#judge(at, request, presented);
    if (judged === undefined) return void this.#refuse(at, response, 'cookies-refused', 'cookies-refused');
    if (judged.decision.outcome !== 'allow') return void this.#turnAway(at, judged, request, response);
    const { rawHeaders } = request;
    const hasBody =
      fieldValue(rawHeaders, 'transfer-encoding') !== undefined ||
      (fieldValue(rawHeaders, 'content-length') ?? '0') !== '0';
    const alone = hasBody && (expectsContinue || fieldValue(rawHeaders, 'trailer') !== undefined);
    this.#parts.forwarder.forward(
      this.#admit(at, judged, request),
      response,
      { hasBody, alone },
      (answer, problem, reason) => this.#refuse(at, answer, problem, reason, judged),
    );
  }

  upgrade(at: AtResource, upgrade: HttpUpgrade): void {
    const presented = isManisPath(at.context.target.path) ? undefined : this.#parts.who.presented(at, upgrade.request);
    const serve = (): void => this.#serveUpgrade(at, presented, upgrade);
    if (presented?.judging) void presented.judging.then(serve, (error: Error) => upgrade.stream.destroy(error));
    else serve();
  }

  #serveUpgrade(at: AtResource, presented: Presented | undefined, upgrade: HttpUpgrade): void {
    const { request } = upgrade;
    const isOurs = isManisPath(at.context.target.path);
    const judged = isOurs ? undefined : this.#judge(at, request, presented);
    const refuse = (problem: Problem, reason: string): void =>
      this.#refuse(at, upgrade.refuse(), problem, reason, judged);
    if (isOurs) return void refuse('method-refused', 'upgrade-refused');
    if (judged === undefined) return void refuse('cookies-refused', 'cookies-refused');
    const { outcome, reason } = judged.decision;
    if (outcome !== 'allow') return void refuse(problemOf(judged, outcome, reason), reason);
    const admitted = this.#admit(at, judged, request);
    if (!isOwnOrigin(admitted)) return void refuse('origin-refused', 'origin-differs');
    void this.#parts.webSockets.forward(admitted, upgrade, (answer, problem, why) =>
      this.#refuse(at, answer, problem, why, judged),
    );
  }

  /** Undefined where the cookies of Manis are not as Manis writes them. */
  #judge(at: AtResource, request: HttpRequest, presented: Presented | undefined): Judged | undefined {
    const { context } = at;
    const { manis: cookies, passed } = readCookies(context.connection, request.rawHeaders);
    if (typeof cookies === 'string') {
      this.#parts.counters.add('sessions', cookies);
      return undefined;
    }
    const who = this.#parts.who.of(at, cookies, presented);
    const signedIn = typeof who === 'string' ? undefined : who;
    const judged = this.#decide(at, signedIn);
    this.#parts.counters.add('decisions', judged.decision.reason);
    return {
      ...judged,
      cookies,
      passedCookie: passed,
      presented,
      fault: typeof who === 'string' ? who : undefined,
    };
  }

  /** By the session or the credential, if there is one; where that does not do, by the certificate that the client holds. */
  #decide(
    { context, resource: { record, policy } }: AtResource,
    signedIn: SignedIn<ResourceClaims> | undefined,
  ): Pick<Judged, 'decision' | 'signedIn' | 'hasSession'> {
    const decision = evaluate(policy, context, signedIn?.subject);
    const certificate = decision.outcome === 'allow' ? undefined : context.clientCertificate;
    const holder = certificate && certificateHolder(certificate, context, record.id);
    const second = holder && evaluate(policy, context, holder.subject);
    if (second?.outcome === 'allow') return { decision: second, signedIn: holder, hasSession: false };
    return { decision, signedIn, hasSession: signedIn !== undefined };
  }

  #admit(at: AtResource, judged: Judged, request: HttpRequest): AdmittedRequest {
    const { context, view, resource } = at;
    const { decision, signedIn, cookies, passedCookie, presented } = judged;
    this.#audit(at, decision.outcome, decision.reason, 0, judged);
    return {
      context,
      view,
      resource,
      decision,
      signedIn,
      request,
      cookie: passedCookie,
      targetMark: cookies.target,
      isOwnAuthorization: presented?.isOwn,
      setCookies: signedIn && judged.hasSession && !presented ? this.#renewal(at, signedIn) : [],
      stillAdmitted: () => this.#stillAdmitted(at, cookies, presented),
    };
  }

  /** A session that is used is renewed now and then; the browser gets the new token with the answer. */
  #renewal({ view, context, resource }: AtResource, { claims }: SignedIn<ResourceClaims>): string[] {
    const renewed = renewedClaims(claims, view.lifetimesAt(resource.record), context.nowUnixMs);
    if (!renewed) return [];
    const remainingMs = renewed.expiresAtUnixMs - context.nowUnixMs;
    return [serialiseCookie(SESSION_COOKIE, issueSessionToken(renewed, this.#parts.key), remainingMs)];
  }

  /** Judges anew a request that is under way, by the snapshot and the revocations of now. */
  #stillAdmitted(at: AtResource, cookies: ManisCookies, presented: Presented | undefined): boolean {
    const { context, resource } = at;
    const { view } = this.#parts.holder;
    const current = view?.resourceAt(context.host);
    if (!view || current?.record.id !== resource.record.id) return false;
    const nowUnixMs = this.#parts.clock.unixMs();
    const subject = this.#parts.who.subjectNow(at, view, cookies, presented, nowUnixMs);
    const now = context.later(nowUnixMs);
    if (evaluate(current.policy, now, subject).outcome === 'allow') return true;
    const certificate = context.clientCertificate;
    const holder = certificate && certificateHolder(certificate, now, current.record.id);
    return holder !== undefined && evaluate(current.policy, now, holder.subject).outcome === 'allow';
  }

  #turnAway(at: AtResource, judged: Judged, request: HttpRequest, response: HttpResponse): void {
    const { decision, cookies } = judged;
    const outcome = decision.outcome === 'challenge' ? 'challenge' : 'deny';
    if (outcome === 'challenge' && !judged.presented && isNavigation(request)) {
      const { path, query } = at.context.target;
      const prompt = PROMPTS.find((name) => name === decision.reason);
      const attempt = beginSignIn(this.#parts.crypto, {
        portalOrigin: at.view.portalOrigin,
        resourceId: at.resource.record.id,
        host: at.context.host,
        returnTo: path + query,
        cookies,
        ...(prompt && { prompt }),
      });
      this.#audit(at, outcome, decision.reason, 302, judged);
      demandHttps(at, response);
      answerRedirect(request, response, attempt.location, attempt.setCookies);
      return;
    }
    this.#refuse(at, response, problemOf(judged, outcome, decision.reason), decision.reason, judged);
  }

  #refuse(at: AtResource, response: HttpResponse, problem: Problem, reason: string, judged?: Judged): void {
    const { context, view } = at;
    this.#parts.counters.add('problems', problem);
    const outcome = judged?.decision.outcome ?? 'error';
    const shown = outcome === 'allow' ? 'error' : outcome;
    const requestId = this.#audit(at, shown, reason, PROBLEM_STATUS[problem], judged);
    const home = { label: TEXTS.error.home, url: `${view.portalOrigin}/` };
    const retry = { label: TEXTS.error.retry, url: context.target.path + context.target.query };
    const retryAfter = RETRY_AFTER_SECONDS[problem];
    const isPassing = PROBLEM_STATUS[problem] >= 500 && context.method === 'GET';
    demandHttps(at, response);
    answerProblem(context.request, response, {
      problem,
      reason,
      requestId,
      host: context.host,
      organisation: view.installation.organisationName,
      actions: isPassing ? [retry, home] : [home],
      ...(problem === 'sign-in-needed' && {
        headers: { 'WWW-Authenticate': challengesFor(at, judged?.fault, judged?.decision.ways?.credentials) },
      }),
      ...(retryAfter !== undefined && { headers: { 'Retry-After': String(retryAfter) } }),
    });
  }

  #audit(
    at: AtResource,
    outcome: 'allow' | 'deny' | 'challenge' | 'error',
    reason: string,
    status: number,
    judged: Judged | undefined,
  ): string {
    const { record } = at.resource;
    const ruleId = judged?.decision.ruleId;
    return this.#parts.audit.record(at.context, {
      outcome,
      reason,
      status,
      ruleId,
      ruleName: ruleId && at.resource.ruleName(ruleId),
      methods: judged?.signedIn?.claims.methods,
      isWhole: record.auditsAll,
      resourceId: record.id,
      userId: judged?.signedIn && subjectId(judged.signedIn.claims.subject),
      sessionId: judged?.signedIn?.claims.id,
    });
  }
}

/** What is wrong with a credential that was brought is told where it is nothing that the client could mend by signing in. */
function problemOf({ fault }: Judged, outcome: 'deny' | 'challenge', reason: Reason): Problem {
  return fault === 'too-many-tries' || fault === 'try-again' ? fault : problemOfDecision(outcome, reason);
}
