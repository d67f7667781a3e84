import type { Clock } from '../base/index.ts';
import type { CompiledHttp } from '../core/http-rules/index.ts';
import { fieldValue } from '../core/routing/index.ts';
import {
  ACCESS_PATH,
  beginSignIn,
  PROMPTS,
  type SessionCrypto,
  type SigningKey,
  subjectId,
} from '../core/session/index.ts';
import type { HttpRequest, HttpResponse, HttpUpgrade } from '../io/http/message.ts';
import type { AccessSignIn } from './access/access-sign-in.ts';
import { ACCESS_TUNNEL_PATH, type AccessTunnels } from './access/access-tunnels.ts';
import { answerRedirect } from './answers.ts';
import type { AuditRecorder } from './audit-recorder.ts';
import type { Captures } from './capture/captures.ts';
import type { Counters } from './counters.ts';
import { challengesFor } from './credentials/challenges.ts';
import type { Presented } from './credentials/presented.ts';
import type { AtResource } from './door.ts';
import type { Forwarder } from './forward.ts';
import { type Judged, judge, problemOf } from './judge.ts';
import type { Overload } from './overload.ts';
import { PROBLEM_STATUS, type Problem } from './problems.ts';
import { isNavigation } from './request-context.ts';
import type { RequestLog } from './request-log/request-log.ts';
import { isOwnPath, type ResourceEndpoints } from './resource-endpoints.ts';
import { preflightOf } from './rules/cors.ts';
import { shownProblem } from './rules/maintenance.ts';
import { answerRefusal } from './rules/refusal.ts';
import { Renewals } from './rules/renewals.ts';
import { answerByRoute, answerPreflight } from './rules/rule-answers.ts';
import { type Ending, RulesGate } from './rules/rules-gate.ts';
import type { AdmittedRequest } from './serving.ts';
import { renewalOf } from './session-renewal.ts';
import type { SnapshotHolder } from './snapshot-holder.ts';
import { lastingly, stillAdmitted } from './still-admitted.ts';
import type { Carried } from './streams/stream-judge.ts';
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
  readonly requests: RequestLog;
  readonly captures: Captures;
  readonly forwarder: Forwarder;
  readonly webSockets: WebSocketForwarder;
  readonly endpoints: ResourceEndpoints;
  readonly overload: Overload;
  readonly access: AccessSignIn;
  readonly tunnels: AccessTunnels;
}

/** Serves the hosts of resources: who is asking, may they, and if so what the target says. */
export class ResourceHost {
  readonly #parts: ResourceHostParts;
  readonly #rules: RulesGate;

  constructor(parts: ResourceHostParts) {
    this.#parts = parts;
    this.#rules = new RulesGate(parts.clock, parts.key.id, new Renewals(parts.forwarder, parts.counters));
  }

  request(at: AtResource, request: HttpRequest, response: HttpResponse, expectsContinue: boolean): void {
    this.#parts.requests.follow(at, response);
    if (isOwnPath(at, ACCESS_PATH)) return void this.#parts.endpoints.request(at, request, response);
    const { http } = at.resource;
    const early = http && this.#rules.before(at, http);
    if (early) return void this.#refuse(at, response, early.problem, early.reason, undefined, early.retryAfterMs);
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
    const { http } = at.resource;
    const judged = judge(this.#parts, at, request, presented);
    at.context.course.judged();
    if (judged === undefined) return void this.#refuse(at, response, 'cookies-refused', 'cookies-refused');
    if (this.#parts.overload.sheds(judged)) return void this.#refuse(at, response, 'overloaded', 'overloaded', judged);
    const { outcome } = judged.decision;
    const preflight = http && outcome !== 'deny' ? preflightOf(at, http) : undefined;
    if (http && preflight === 'answer') return void answerPreflight(at, http, response);
    if (outcome !== 'allow' && preflight !== 'pass') return void this.#turnAway(at, judged, request, response);
    if (at.resource.record.access)
      return void this.#parts.access.visit({ at, judged, request, response }, (problem, reason) =>
        this.#refuse(at, response, problem, reason, judged),
      );
    const admitted = outcome === 'allow' ? this.#admit(at, judged, request) : this.#passPreflight(at, judged, request);
    const ruled = http ? this.#ruled(http, at, admitted, judged, response, () => response) : admitted;
    if (!ruled) return;
    const { rawHeaders } = request;
    const hasBody =
      fieldValue(rawHeaders, 'transfer-encoding') !== undefined ||
      (fieldValue(rawHeaders, 'content-length') ?? '0') !== '0';
    const alone = hasBody && (expectsContinue || fieldValue(rawHeaders, 'trailer') !== undefined);
    const dressed = http ? this.#rules.dressed(http, ruled, response) : response;
    const onward = ruled.rules ? ruled.rules.answer(ruled, dressed) : dressed;
    if (!onward) return;
    const capture = this.#parts.captures.begin(at, response);
    const watched = capture ? { ...ruled, rules: capture.watching(ruled.rules) } : ruled;
    this.#parts.forwarder.forward(watched, onward, { hasBody, alone }, (answer, problem, reason) =>
      this.#refuse(at, answer, problem, reason, judged),
    );
  }

  upgrade(at: AtResource, upgrade: HttpUpgrade): void {
    this.#parts.requests.followUpgrade(at, upgrade);
    const { http } = at.resource;
    const early = http && this.#rules.before(at, http);
    if (early)
      return void this.#refuse(at, upgrade.refuse(), early.problem, early.reason, undefined, early.retryAfterMs);
    const presented = isOwnPath(at, ACCESS_TUNNEL_PATH) ? undefined : this.#parts.who.presented(at, upgrade.request);
    const serve = (): void => this.#serveUpgrade(at, presented, upgrade);
    if (presented?.judging) void presented.judging.then(serve, (error: Error) => upgrade.stream.destroy(error));
    else serve();
  }

  #serveUpgrade(at: AtResource, presented: Presented | undefined, upgrade: HttpUpgrade): void {
    const { request } = upgrade;
    const isOurs = isOwnPath(at, ACCESS_TUNNEL_PATH);
    const judged = isOurs ? undefined : judge(this.#parts, at, request, presented);
    at.context.course.judged();
    const refuse = (problem: Problem, reason: string): void =>
      this.#refuse(at, upgrade.refuse(), problem, reason, judged);
    if (isOurs) return void refuse('method-refused', 'upgrade-refused');
    if (judged === undefined) return void refuse('cookies-refused', 'cookies-refused');
    if (this.#parts.overload.sheds(judged)) return void refuse('overloaded', 'overloaded');
    const { outcome, reason } = judged.decision;
    if (outcome !== 'allow') return void refuse(problemOf(judged, outcome, reason), reason);
    const admitted = this.#admit(at, judged, request);
    if (!isOwnOrigin(admitted)) return void refuse('origin-refused', 'origin-differs');
    const { http } = at.resource;
    const ruled = http ? this.#ruled(http, at, admitted, judged, upgrade.stream, () => upgrade.refuse()) : admitted;
    if (!ruled) return;
    if (at.resource.record.access) return void this.#carry(at, judged, ruled, upgrade);
    void this.#parts.webSockets.forward(ruled, upgrade, (answer, problem, why) =>
      this.#refuse(at, answer, problem, why, judged),
    );
  }

  #carry(at: AtResource, judged: Judged, admitted: AdmittedRequest, upgrade: HttpUpgrade): void {
    const fail = (answer: HttpResponse, problem: Problem, reason: string): void =>
      this.#refuse(at, answer, problem, reason, judged);
    if (at.context.target.path !== ACCESS_TUNNEL_PATH) return void fail(upgrade.refuse(), 'access-only', 'access-only');
    void this.#parts.tunnels.carry(admitted, upgrade, fail, (carried) =>
      this.#audit(at, 'allow', 'stream-ended', 200, judged, carried),
    );
  }

  #admit(at: AtResource, judged: Judged, request: HttpRequest, because?: 'preflight'): AdmittedRequest {
    const { context, view, resource } = at;
    const { decision, signedIn, cookies, passedCookie, presented } = judged;
    this.#audit(at, because ? 'allow' : decision.outcome, because ?? decision.reason, 0, judged);
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
      rules: undefined,
      track: at.track,
      setCookies: signedIn && judged.hasSession && !presented ? renewalOf(at, signedIn, this.#parts.key) : [],
      stillAdmitted: () => stillAdmitted(this.#parts, { context, resourceId: resource.record.id, cookies, presented }),
      lasting: () =>
        lastingly(this.#parts, { context: context.kept(), resourceId: resource.record.id, cookies, presented }),
    };
  }

  /** What the settings make of an admitted request; undefined where they answered it. */
  #ruled(
    http: CompiledHttp,
    at: AtResource,
    admitted: AdmittedRequest,
    judged: Judged,
    ending: Ending,
    response: () => HttpResponse,
  ): AdmittedRequest | undefined {
    const verdict = this.#rules.after(http, admitted, ending);
    if (verdict.kind === 'forward') return { ...admitted, rules: verdict.rules };
    if (verdict.kind === 'refuse')
      this.#refuse(at, response(), verdict.problem, verdict.reason, judged, verdict.retryAfterMs);
    else answerByRoute(admitted, response(), verdict);
    return undefined;
  }

  /** A preflight goes to the target as nobody's, because the resource says so; browsers send no cookies with it. */
  #passPreflight(at: AtResource, judged: Judged, request: HttpRequest): AdmittedRequest {
    const nobody = { ...judged, signedIn: undefined, hasSession: false, presented: undefined };
    const isThere = (): boolean =>
      this.#parts.holder.view?.resourceAt(at.context.host)?.record.id === at.resource.record.id;
    // What Authorization says is no less Manis's own for not being asked about.
    const isOwnAuthorization = judged.presented?.isOwn;
    return {
      ...this.#admit(at, nobody, request, 'preflight'),
      isOwnAuthorization,
      stillAdmitted: isThere,
      lasting: () => isThere,
    };
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

  #refuse(
    at: AtResource,
    response: HttpResponse,
    found: Problem,
    reason: string,
    judged?: Judged,
    retryAfterMs?: number,
  ): void {
    const problem = shownProblem(at.resource.http, found);
    this.#parts.counters.add('problems', problem);
    const outcome = judged?.decision.outcome ?? 'error';
    const shown = outcome === 'allow' ? 'error' : outcome;
    const requestId = this.#audit(at, shown, reason, PROBLEM_STATUS[problem], judged);
    const isSignIn = problem === 'sign-in-needed';
    const challenges = isSignIn ? challengesFor(at, judged?.fault, judged?.decision.ways?.credentials) : undefined;
    answerRefusal(at, response, { problem, reason, requestId, challenges, retryAfterMs });
  }

  #audit(
    at: AtResource,
    outcome: 'allow' | 'deny' | 'challenge' | 'error',
    reason: string,
    status: number,
    judged: Judged | undefined,
    carried?: Carried,
  ): string {
    const { record } = at.resource;
    if (!carried) at.track.decided({ outcome, reason, status }, judged);
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
      carried,
    });
  }
}
