import { toBase64Url, utf8 } from '../base/index.ts';
import {
  type AuthorizeRequest,
  csrfToken,
  FORM_COOKIE,
  faultInCsrfToken,
  PORTAL_COOKIE,
  type PortalClaims,
  readAuthorizeRequest,
  removeCookie,
  returnTargetOrRoot,
  type SessionCrypto,
  serialiseCookie,
  signOut,
} from '../core/session/index.ts';
import { answerPage, answerRedirect } from './answers.ts';
import type { SignedIn } from './authenticate.ts';
import { MAXIMUM_USER_AGENT_LENGTH, MINIMUM_PASSWORD_CHARACTERS } from './constants.ts';
import type { ClientFacts, ControlCalls } from './control-calls.ts';
import type { Counters } from './counters.ts';
import { readForm } from './form.ts';
import { setUpPage, signInPage, signOutPage } from './pages/portal-pages.ts';
import { TEXTS } from './pages/texts.ts';
import type { PortalVisit } from './portal-visit.ts';
import type { Problem } from './problems.ts';
import { refuseAtPortal } from './refuse-at-portal.ts';
import type { SnapshotHolder } from './snapshot-holder.ts';

export interface PortalFormParts {
  readonly crypto: SessionCrypto;
  readonly holder: SnapshotHolder;
  readonly control: ControlCalls;
  readonly counters: Counters;
}

const SIGN_IN = 'sign-in';
const SIGN_OUT = 'sign-out';
/** 32 random bytes in base64url. */
const FORM_COOKIE_VALUE = /^[A-Za-z0-9_-]{43}$/;

interface SignInState {
  readonly returnTo: string;
  readonly email?: string;
  readonly problem?: string;
  readonly status?: number;
}

/**
 * The portal's forms. Their tokens are keyed with what only the browser's own cookie holds, so any PoP can judge a form
 * that another one showed. Passwords go to control and are kept nowhere.
 */
export class PortalForms {
  readonly #parts: PortalFormParts;

  constructor(parts: PortalFormParts) {
    this.#parts = parts;
  }

  showSignIn(visit: PortalVisit): void {
    const parameters = new URLSearchParams(visit.at.context.target.query);
    const returnTo = returnTargetOrRoot(parameters.get('return') ?? '/');
    const isAuthorize = returnTo.startsWith('/authorize?');
    if (visit.signedIn && !isAuthorize) return void answerRedirect(visit.request, visit.response, returnTo);
    this.#answerSignIn(visit, { returnTo });
  }

  async signIn(visit: PortalVisit): Promise<void> {
    const { at, request, response, cookies } = visit;
    const form = await readForm(request);
    if (typeof form === 'string') return this.#refuse(visit, form, form);
    const returnTo = returnTargetOrRoot(form.get('return') ?? '/');
    const email = (form.get('email') ?? '').trim();
    const password = form.get('password') ?? '';
    const browser = cookies.form ?? '';
    const fault = faultInCsrfToken(
      this.#parts.crypto,
      utf8(browser),
      { browser, purpose: SIGN_IN },
      form.get('csrf') ?? '',
      at.context.nowUnixMs,
    );
    const texts = TEXTS.signInProblems;
    if (browser === '' || fault !== undefined)
      return this.#answerSignIn(visit, { returnTo, email, problem: texts.formExpired, status: 403 });
    if (email === '' || password === '')
      return this.#answerSignIn(visit, { returnTo, email, problem: texts.incomplete, status: 400 });
    const result = await this.#parts.control.signIn(email, password, clientFacts(visit));
    this.#parts.counters.add('sessions', `sign-in-${result.outcome}`);
    switch (result.outcome) {
      case 'signed-in': {
        const cookie = serialiseCookie(PORTAL_COOKIE, result.token, result.expiresUnixMs - at.context.nowUnixMs);
        return answerRedirect(request, response, returnTo, [cookie, removeCookie(FORM_COOKIE)]);
      }
      case 'refused':
        return this.#answerSignIn(visit, { returnTo, email, problem: texts.wrong, status: 401 });
      case 'limited':
        return this.#answerSignIn(visit, {
          returnTo,
          email,
          problem: texts.limited(TEXTS.seconds(result.retryAfterSeconds)),
          status: 429,
        });
      case 'unreachable':
        return this.#answerSignIn(visit, { returnTo, email, problem: texts.unreachable, status: 503 });
    }
  }

  /** The token of the sign-out forms. */
  signOutToken({ at, cookies }: PortalVisit, { claims }: SignedIn<PortalClaims>): string {
    const binding = { browser: claims.id, purpose: SIGN_OUT };
    return csrfToken(this.#parts.crypto, utf8(cookies.portal ?? ''), binding, at.context.nowUnixMs);
  }

  /** Asks; a plain link must not sign anybody out. Whoever signed out on a resource's host is signed out already. */
  showSignOut(visit: PortalVisit): void {
    const { at, request, response, cookies, signedIn } = visit;
    if (!signedIn) {
      // A session that this PoP knows as revoked may be one that control does not know of yet.
      if (cookies.portal !== undefined) void this.#parts.control.signOut(cookies.portal, at.context.clientAddressText);
      return void answerRedirect(request, response, '/signed-out', [removeCookie(PORTAL_COOKIE)]);
    }
    const { organisationName } = at.view.installation;
    const html = signOutPage({
      organisation: organisationName,
      application: organisationName,
      action: '/sign-out',
      csrfToken: this.signOutToken(visit, signedIn),
    });
    answerPage(request, response, { status: 200, html });
  }

  async signOut(visit: PortalVisit): Promise<void> {
    const { at, request, response, cookies, signedIn } = visit;
    if (!signedIn || cookies.portal === undefined)
      return answerRedirect(request, response, '/signed-out', [removeCookie(PORTAL_COOKIE)]);
    const form = await readForm(request);
    if (typeof form === 'string') return this.#refuse(visit, form, form);
    const { claims } = signedIn;
    const binding = { browser: claims.id, purpose: SIGN_OUT };
    const fault = faultInCsrfToken(
      this.#parts.crypto,
      utf8(cookies.portal),
      binding,
      form.get('csrf') ?? '',
      at.context.nowUnixMs,
    );
    if (fault !== undefined) return this.#refuse(visit, 'form-expired', fault);
    for (const revocation of signOut(claims, 'everywhere', at.context.nowUnixMs)) this.#parts.holder.revoke(revocation);
    this.#parts.counters.add('sessions', 'sign-out');
    void this.#parts.control.signOut(cookies.portal, at.context.clientAddressText);
    answerRedirect(request, response, '/signed-out', [removeCookie(PORTAL_COOKIE)]);
  }

  /** The form, with whose password it is; a link that is used up gets no form. */
  async showSetUp(visit: PortalVisit, problem?: string, status = 200): Promise<void> {
    const { at, request, response } = visit;
    const link = await this.#parts.control.readSetUp(setUpToken(visit), at.context.clientAddressText);
    if (link.outcome !== 'known') return this.#refuseSetUp(visit, link.outcome);
    const organisation = at.view.installation.organisationName;
    const { email } = link;
    const html = setUpPage({ organisation, action: at.context.target.path, email, problem });
    answerPage(request, response, { status, html });
  }

  async setUp(visit: PortalVisit): Promise<void> {
    const { at, request, response } = visit;
    const form = await readForm(request);
    if (typeof form === 'string') return this.#refuse(visit, form, form);
    const password = form.get('password') ?? '';
    const texts = TEXTS.setUpProblems;
    if ([...password].length < MINIMUM_PASSWORD_CHARACTERS)
      return this.showSetUp(visit, texts.short(MINIMUM_PASSWORD_CHARACTERS), 400);
    if (password !== form.get('repeat')) return this.showSetUp(visit, texts.different, 400);
    const result = await this.#parts.control.setUp(setUpToken(visit), password, clientFacts(visit));
    this.#parts.counters.add('sessions', `set-up-${result.outcome}`);
    switch (result.outcome) {
      case 'signed-in': {
        const cookie = serialiseCookie(PORTAL_COOKIE, result.token, result.expiresUnixMs - at.context.nowUnixMs);
        return answerRedirect(request, response, '/', [cookie]);
      }
      case 'password-weak':
        return this.showSetUp(visit, texts.refused, 400);
      default:
        return this.#refuseSetUp(visit, result.outcome);
    }
  }

  #refuseSetUp(visit: PortalVisit, outcome: 'set-up-unknown' | 'unreachable'): void {
    const problem = outcome === 'unreachable' ? 'control-unreachable' : outcome;
    this.#refuse(visit, problem, problem);
  }

  #answerSignIn({ at, request, response, cookies }: PortalVisit, state: SignInState): void {
    const { crypto } = this.#parts;
    const { context, view } = at;
    const isKnown = cookies.form !== undefined && FORM_COOKIE_VALUE.test(cookies.form);
    const browser = isKnown ? (cookies.form ?? '') : toBase64Url(crypto.bytes(32));
    const asked = askedOf(state.returnTo);
    const resource = asked && view.resourceToReturnTo(asked);
    const html = signInPage({
      organisation: view.installation.organisationName,
      application: resource?.record.name,
      returnTo: state.returnTo,
      csrfToken: csrfToken(crypto, utf8(browser), { browser, purpose: SIGN_IN }, context.nowUnixMs),
      email: state.email,
      problem: state.problem,
    });
    answerPage(request, response, {
      status: state.status ?? 200,
      html,
      // After the form the browser is led on to the resource, which form-action has to allow.
      formTargets: asked && resource ? [view.originOf(asked.host)] : [],
      setCookies: isKnown ? [] : [serialiseCookie(FORM_COOKIE, browser)],
    });
  }

  #refuse(visit: PortalVisit, problem: Problem, reason: string): void {
    refuseAtPortal(this.#parts.counters, visit, problem, reason);
  }
}

function setUpToken({ at }: PortalVisit): string {
  return at.context.target.plainPath.slice('/set-up/'.length);
}

function clientFacts({ at, request }: PortalVisit): ClientFacts {
  const userAgent = request.headers['user-agent']?.slice(0, MAXIMUM_USER_AGENT_LENGTH) ?? '';
  return { clientAddress: at.context.clientAddressText, userAgent };
}

/** What the browser is on its way to. */
function askedOf(returnTo: string): AuthorizeRequest | undefined {
  if (!returnTo.startsWith('/authorize?')) return undefined;
  const asked = readAuthorizeRequest(returnTo.slice('/authorize'.length));
  return typeof asked === 'string' ? undefined : asked;
}
