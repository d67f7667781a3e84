import { utf8 } from '../../base/index.ts';
import {
  ACCESS_PATH,
  attemptIdOf,
  challengeOf,
  csrfToken,
  faultInCsrfToken,
  issueCodeFor,
  issueSessionToken,
  redeemCode,
  type SessionCrypto,
  type SigningKey,
  subjectId,
} from '../../core/session/index.ts';
import type { HttpRequest, HttpResponse } from '../../io/http/message.ts';
import { answerJson, answerPage, answerRedirect } from '../answers.ts';
import type { AuditRecorder } from '../audit-recorder.ts';
import type { Counters } from '../counters.ts';
import type { AtResource } from '../door.ts';
import { readForm } from '../form.ts';
import { faultInFormOrigin } from '../form-origin.ts';
import type { Judged } from '../judge.ts';
import { accessPage } from '../pages/access-page.ts';
import type { Problem } from '../problems.ts';
import type { SnapshotHolder } from '../snapshot-holder.ts';
import { demandHttps } from '../transport-security.ts';
import { type AccessRequest, readAccessRequest } from './access-request.ts';

/** Where a program turns a code into a session. */
export const ACCESS_TOKEN_PATH = `${ACCESS_PATH}/token`;

export interface AccessSignInParts {
  readonly holder: SnapshotHolder;
  readonly crypto: SessionCrypto;
  readonly key: SigningKey;
  readonly counters: Counters;
  readonly audit: AuditRecorder;
}

interface Visit {
  readonly at: AtResource;
  readonly request: HttpRequest;
  readonly response: HttpResponse;
}

type Refuse = (problem: Problem, reason: string) => void;

/** A visit by somebody whom the policy lets in. */
export interface AdmittedVisit extends Visit {
  readonly judged: Judged;
}

/**
 * A session for a program at the computer where somebody sits before a browser (RFC 8252), on the resource's own host.
 *
 *     GET  /.manis/access?challenge&port&state   asks whether a program may have a session; the policy decided before
 *     POST /.manis/access                        the button: the code goes to the program's port on loopback
 *     POST /.manis/access/token                  the program turns it into a session, by the verifier that it kept
 *
 * The code is worth nothing without the verifier, and leads to loopback alone.
 */
export class AccessSignIn {
  readonly #parts: AccessSignInParts;

  constructor(parts: AccessSignInParts) {
    this.#parts = parts;
  }

  /** Whatever a browser asks for at the host of a resource that is no page. */
  visit(visit: AdmittedVisit, refuse: Refuse): void {
    this.#guarded(visit, this.#visit(visit, refuse));
  }

  /** The program's turn. No cookie counts here: it has a code, and the verifier to it. */
  redeem(visit: Visit, refuse: Refuse): void {
    this.#guarded(visit, this.#redeem(visit, refuse));
  }

  /** A mistake of ours met this request; the others go on. */
  #guarded({ response }: Visit, work: Promise<void>): void {
    work.catch((error: unknown) => {
      this.#parts.counters.add('problems', 'access-failed');
      response.destroy(error instanceof Error ? error : undefined);
    });
  }

  async #visit(visit: AdmittedVisit, refuse: Refuse): Promise<void> {
    const { at, judged, response } = visit;
    demandHttps(at, response);
    const { method, target } = at.context;
    if (target.path !== ACCESS_PATH) return refuse('access-only', 'access-only');
    const { session } = judged.cookies;
    // Who is let in without a session needs none: the program comes in as they did.
    if (!judged.signedIn || !judged.hasSession || session === undefined || judged.presented)
      return refuse('access-only', 'session-missing');
    if (method === 'POST') return this.#confirm(visit, session, refuse);
    if (method !== 'GET' && method !== 'HEAD') return refuse('method-refused', 'method-refused');
    const asked = readAccessRequest(new URLSearchParams(target.query));
    if (!asked) return refuse('request-malformed', 'access-request-malformed');
    this.#ask(visit, session, asked);
  }

  async #redeem({ at, request, response }: Visit, refuse: Refuse): Promise<void> {
    const { holder, crypto, key, counters } = this.#parts;
    const { context, view, resource } = at;
    if (context.method !== 'POST') return refuse('method-refused', 'method-refused');
    const form = await readForm(request);
    if (typeof form === 'string') return refuse(form, form);
    const verifier = form.get('verifier') ?? '';
    const attempts = new Map([[attemptIdOf(challengeOf(crypto, verifier)), verifier]]);
    const redeemed = redeemCode(
      crypto,
      form.get('code') ?? '',
      { attempts },
      { resourceId: resource.record.id, host: context.host },
      view.lifetimesAt(resource.record),
      { keys: view, revocations: holder.revocations },
      context.nowUnixMs,
    );
    if (typeof redeemed === 'string') {
      counters.add('sessions', redeemed);
      return refuse('link-expired', redeemed);
    }
    counters.add('sessions', 'begun');
    const { claims } = redeemed;
    const token = issueSessionToken(claims, key);
    answerJson(request, response, 200, JSON.stringify({ token, expiresUnixMs: claims.expiresAtUnixMs }));
  }

  #ask({ at, judged, request, response }: AdmittedVisit, session: string, asked: AccessRequest): void {
    const { context, view, resource } = at;
    const html = accessPage({
      organisation: view.installation.organisationName,
      application: resource.record.name,
      host: context.host,
      account: judged.signedIn?.identity.email ?? '',
      computer: asked.computer,
      action: ACCESS_PATH,
      asked,
      csrfToken: csrfToken(this.#parts.crypto, utf8(session), bindingOf(judged, asked), context.nowUnixMs),
    });
    answerPage(request, response, { status: 200, html, formTargets: [`http://127.0.0.1:${asked.port}`] });
  }

  async #confirm({ at, judged, request, response }: AdmittedVisit, session: string, refuse: Refuse): Promise<void> {
    const { crypto, key } = this.#parts;
    const { context, resource } = at;
    const form = await readForm(request);
    if (typeof form === 'string') return refuse(form, form);
    const asked = readAccessRequest(form);
    if (!asked) return refuse('form-malformed', 'access-request-malformed');
    const fault =
      faultInFormOrigin(context, request) ??
      faultInCsrfToken(crypto, utf8(session), bindingOf(judged, asked), form.get('csrf') ?? '', context.nowUnixMs);
    if (fault !== undefined || !judged.signedIn) return refuse('form-expired', fault ?? 'session-missing');
    const { claims } = judged.signedIn;
    const audience = { resourceId: resource.record.id, host: context.host };
    // Ends with the browser's sign-in, and whatever ends that one ends this one.
    const grant = { ...claims, parentExpiresAtUnixMs: claims.expiresAtUnixMs };
    const wanted = { challenge: asked.challenge, returnTo: '/' };
    const code = issueCodeFor(crypto, key, grant, wanted, audience, context.nowUnixMs);
    this.#audit(at, judged);
    const query = new URLSearchParams({ code });
    answerRedirect(request, response, `http://127.0.0.1:${asked.port}/${asked.state}?${query}`);
  }

  #audit(at: AtResource, { decision, signedIn }: Judged): void {
    const { ruleId } = decision;
    this.#parts.audit.record(at.context, {
      ...{ outcome: 'allow', reason: 'access-granted', status: 303, ruleId, isWhole: true },
      ...{ ruleName: ruleId && at.resource.ruleName(ruleId), methods: signedIn?.claims.methods },
      ...{ resourceId: at.resource.record.id, userId: signedIn && subjectId(signedIn.claims.subject) },
      sessionId: signedIn?.claims.id,
    });
  }
}

/** A button is good for the program that asked, and for the session that was asked. */
function bindingOf({ signedIn }: Judged, { challenge, port }: AccessRequest) {
  return { browser: `${signedIn?.claims.id} ${challenge} ${port}`, purpose: 'access' };
}
