import { assertNever, toBase64Url, utf8 } from '../../base/index.ts';
import {
  browserOf,
  callbackLocation,
  csrfToken,
  FORM_COOKIE,
  faultInCsrfToken,
  issueCodeFor,
  issueKeyChallenge,
  PORTAL_COOKIE,
  readAuthorizeRequest,
  removeCookie,
  type SessionCrypto,
  type SigningKey,
  serialiseCookie,
} from '../../core/session/index.ts';
import { answerPage, answerRedirect } from '../answers.ts';
import type { Counters } from '../counters.ts';
import { readForm } from '../form.ts';
import type { Html } from '../pages/html.ts';
import { hiddenInputs, signInPage } from '../pages/sign-in-pages.ts';
import { TEXTS } from '../pages/texts.ts';
import { portalReturn } from '../portal-return.ts';
import type { AtPortal, PortalVisit } from '../portal-visit.ts';
import { refuseAtPortal } from '../refuse-at-portal.ts';
import type { SignInMethod, SignInOutcome, SignInVisit } from './sign-in-method.ts';
import { type AskedResource, waysTo } from './ways.ts';

export interface SignInDeskParts {
  readonly crypto: SessionCrypto;
  /** Signs the codes of guests and holders. */
  readonly key: SigningKey;
  readonly counters: Counters;
  readonly methods: readonly SignInMethod[];
}

const PURPOSE = 'sign-in';
/** 32 random bytes in base64url. */
const FORM_COOKIE_VALUE = /^[A-Za-z0-9_-]{43}$/;

type Again = SignInOutcome & { readonly kind: 'again' };

/**
 * The portal's sign-in page and its forms, whatever the method. A form's token is keyed with what only the browser's own
 * cookie holds, so any PoP can judge a form that another one showed.
 */
export class SignInDesk {
  readonly #parts: SignInDeskParts;

  constructor(parts: SignInDeskParts) {
    this.#parts = parts;
  }

  /** A GET of `/sign-in` or below. */
  async show(visit: PortalVisit): Promise<void> {
    const parameters = new URLSearchParams(visit.at.context.target.query);
    const returnTo = portalReturn(parameters.get('return') ?? '/');
    const name = methodNameOf(visit);
    if (name !== '') return this.#open(visit, name, returnTo);
    const isAuthorize = returnTo.startsWith('/authorize?');
    if (visit.signedIn && !isAuthorize) return answerRedirect(visit.request, visit.response, returnTo);
    const location = parameters.has('choose') ? undefined : this.#leading(visit, returnTo);
    if (location !== undefined) return answerRedirect(visit.request, visit.response, location);
    this.#answer(visit, returnTo);
  }

  /** A POST of `/sign-in/<method>`; without a method the password's. */
  async take(visit: PortalVisit): Promise<void> {
    const method = this.#method(methodNameOf(visit) || 'password');
    if (!method) return refuseAtPortal(this.#parts.counters, visit, 'page-unknown', 'method-unknown');
    const form = await readForm(visit.request);
    if (typeof form === 'string') return refuseAtPortal(this.#parts.counters, visit, form, form);
    const returnTo = portalReturn(form.get('return') ?? '/');
    if (this.#isForeign(visit, form.get('csrf') ?? '')) {
      const { formExpired } = TEXTS.signInProblems;
      const keep = Object.fromEntries([...form].filter(([name]) => name === 'email'));
      return this.#answer(visit, returnTo, method.name, { kind: 'again', problem: formExpired, status: 403, keep });
    }
    const full = this.#visit(visit, returnTo);
    this.#finish(full, method.name, await method.take(full, form));
  }

  async #open(visit: PortalVisit, name: string, returnTo: string): Promise<void> {
    const method = this.#method(name);
    if (!method?.open) return refuseAtPortal(this.#parts.counters, visit, 'page-unknown', 'method-unknown');
    const full = this.#visit(visit, returnTo);
    this.#finish(full, name, await method.open(full));
  }

  #method(name: string): SignInMethod | undefined {
    return this.#parts.methods.find((method) => method.name === name);
  }

  #isForeign({ at, cookies }: PortalVisit, token: string): boolean {
    const browser = cookies.form ?? '';
    if (browser === '') return true;
    const binding = { browser, purpose: PURPOSE };
    return faultInCsrfToken(this.#parts.crypto, utf8(browser), binding, token, at.context.nowUnixMs) !== undefined;
  }

  #finish(visit: SignInVisit, method: string, outcome: SignInOutcome): void {
    const { at, request, response } = visit;
    switch (outcome.kind) {
      case 'signed-in': {
        const { token, expiresUnixMs, returnTo = visit.returnTo, setCookies = [] } = outcome;
        const session = serialiseCookie(PORTAL_COOKIE, token, expiresUnixMs - at.context.nowUnixMs);
        return void answerRedirect(request, response, returnTo, [session, removeCookie(FORM_COOKIE), ...setCookies]);
      }
      case 'admitted':
        return void this.#admit(visit, outcome);
      case 'again':
        return void this.#answer(visit, outcome.returnTo ?? visit.returnTo, method, outcome);
      case 'page': {
        const { html, status, setCookies = [] } = outcome;
        return void answerPage(request, response, {
          status,
          html,
          formTargets: formTargetsOf(visit),
          setCookies: [...this.#formCookie(visit), ...setCookies],
        });
      }
      case 'redirect':
        return void answerRedirect(request, response, outcome.location, [
          ...this.#formCookie(visit),
          ...(outcome.setCookies ?? []),
        ]);
      case 'refused':
        return void refuseAtPortal(this.#parts.counters, visit, outcome.problem, outcome.reason);
      default:
        return void assertNever(outcome);
    }
  }

  /** Back to the resource with a code and no session here: what was proved is good for that resource alone. */
  #admit(visit: SignInVisit, { grant, setCookies }: SignInOutcome & { kind: 'admitted' }): void {
    const { at, asked, request, response } = visit;
    const { crypto, key, counters } = this.#parts;
    if (!asked) return void refuseAtPortal(counters, visit, 'link-expired', 'resource-unknown');
    const audience = { resourceId: asked.resource.record.id, host: asked.request.host };
    const code = issueCodeFor(crypto, key, grant, asked.request, audience, at.context.nowUnixMs);
    answerRedirect(request, response, callbackLocation(at.view.originOf(asked.request.host), code), setCookies);
  }

  #answer(visit: PortalVisit, returnTo: string, method = '', again?: Again): void {
    const base = this.#visit(visit, returnTo);
    const sections: Html[] = [];
    for (const each of this.#parts.methods) {
      const state = again && { method, keep: again.keep ?? {} };
      const focus = again ? each.name === method : sections.length === 0;
      const section = each.show({ ...base, again: state, focus });
      if (section) sections.push(section);
    }
    const html = signInPage({
      organisation: visit.at.view.installation.organisationName,
      accounts: base.ways.accounts,
      resets: visit.at.view.state.ofKind('mail').next().done === false,
      application: base.asked?.resource.record.name,
      problem: again?.problem,
      sections,
    });
    answerPage(visit.request, visit.response, {
      status: again?.status ?? 200,
      html,
      formTargets: formTargetsOf(base),
      setCookies: [...this.#formCookie(base), ...(again?.setCookies ?? [])],
    });
  }

  #leading(visit: PortalVisit, returnTo: string): string | undefined {
    const full = this.#visit(visit, returnTo);
    for (const method of this.#parts.methods) {
      const location = method.lead?.(full);
      if (location !== undefined) return location;
    }
    return undefined;
  }

  #visit(visit: PortalVisit, returnTo: string): SignInVisit {
    const { crypto } = this.#parts;
    const { at, cookies } = visit;
    const known = cookies.form !== undefined && FORM_COOKIE_VALUE.test(cookies.form) ? cookies.form : undefined;
    const browser = known ?? toBase64Url(crypto.bytes(32));
    const token = csrfToken(crypto, utf8(browser), { browser, purpose: PURPOSE }, at.context.nowUnixMs);
    const asked = askedOf(at, returnTo);
    const binding = { purpose: 'sign-in' as const, browser: browserOf(crypto, browser), within: '' };
    const challenge = issueKeyChallenge(crypto, this.#parts.key, binding, at.context.nowUnixMs);
    return {
      ...visit,
      returnTo,
      asked,
      ways: waysTo(at, asked),
      browser,
      hiddenInputs: hiddenInputs(token, returnTo, challenge),
      challenge,
      focus: true,
      again: undefined,
    };
  }

  #formCookie({ browser, cookies }: SignInVisit): string[] {
    return browser === cookies.form ? [] : [serialiseCookie(FORM_COOKIE, browser)];
  }
}

/** The part of the path after `/sign-in/`, up to the next slash. */
function methodNameOf({ at }: PortalVisit): string {
  return at.context.target.path.split('/', 3)[2] ?? '';
}

/** After the form the browser is led on to the resource, which form-action has to allow. */
function formTargetsOf({ at, asked }: SignInVisit): string[] {
  return asked ? [at.view.originOf(asked.request.host)] : [];
}

/** What the browser is on its way to, as the snapshot has it. */
function askedOf({ view }: AtPortal, returnTo: string): AskedResource | undefined {
  if (!returnTo.startsWith('/authorize?')) return undefined;
  const request = readAuthorizeRequest(returnTo.slice('/authorize'.length));
  const resource = typeof request === 'string' ? undefined : view.resourceToReturnTo(request);
  return typeof request === 'string' || !resource ? undefined : { request, resource };
}
