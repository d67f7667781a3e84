import { toBase64Url, utf8 } from '../base/index.ts';
import {
  csrfToken,
  FORM_COOKIE,
  faultInCsrfToken,
  type SessionCrypto,
  serialiseCookie,
} from '../core/session/index.ts';
import { answerPage } from './answers.ts';
import { MINIMUM_PASSWORD_CHARACTERS } from './constants.ts';
import type { Counters } from './counters.ts';
import { readForm } from './form.ts';
import type { MailCalls, ResetFault } from './mail-calls.ts';
import { resetAskedPage, resetAskPage, resetDonePage, resetPage } from './pages/reset-pages.ts';
import { TEXTS } from './pages/texts.ts';
import { clientFacts, type PortalVisit } from './portal-visit.ts';
import { refuseAtPortal } from './refuse-at-portal.ts';

const PURPOSE = 'reset';
const FORM_COOKIE_VALUE = /^[A-Za-z0-9_-]{43}$/;

export interface PasswordResetParts {
  readonly crypto: SessionCrypto;
  readonly mail: MailCalls;
  readonly counters: Counters;
}

/**
 * `/reset` asks for a link by mail, `/reset/<secret>` takes a new password. The secret stays in the path of this one page,
 * which loads nothing and leads nowhere else, and no referrer with it leaves the portal; it is spent by the form.
 */
export class PasswordReset {
  readonly #parts: PasswordResetParts;

  constructor(parts: PasswordResetParts) {
    this.#parts = parts;
  }

  async route(visit: PortalVisit): Promise<void> {
    const isPost = visit.at.context.method === 'POST';
    const token = visit.at.context.target.plainPath.slice('/reset/'.length);
    // A link may come of joining an organisation, too, where nothing is mailed.
    if (token === '' && !this.#isOffered(visit))
      return refuseAtPortal(this.#parts.counters, visit, 'page-unknown', 'mail-not-set');
    if (token === '') return isPost ? this.#ask(visit) : this.#showAsk(visit);
    return isPost ? this.#finish(visit, token) : this.#showForm(visit, token);
  }

  #isOffered({ at }: PortalVisit): boolean {
    return [...at.view.state.ofKind('mail')].length > 0;
  }

  #showAsk(visit: PortalVisit, email = '', problem?: string, status = 200): void {
    const { at, request, response, cookies } = visit;
    const { crypto } = this.#parts;
    const known = cookies.form !== undefined && FORM_COOKIE_VALUE.test(cookies.form) ? cookies.form : undefined;
    const browser = known ?? toBase64Url(crypto.bytes(32));
    const token = csrfToken(crypto, utf8(browser), { browser, purpose: PURPOSE }, at.context.nowUnixMs);
    const organisation = at.view.installation.organisationName;
    const html = resetAskPage({ organisation, csrfToken: token, email, problem });
    answerPage(request, response, {
      ...{ status, html, setCookies: known === undefined ? [serialiseCookie(FORM_COOKIE, browser)] : [] },
    });
  }

  async #ask(visit: PortalVisit): Promise<void> {
    const { at, request, response, cookies } = visit;
    const { crypto, mail, counters } = this.#parts;
    const form = await readForm(request);
    if (typeof form === 'string') return refuseAtPortal(counters, visit, form, form);
    const browser = cookies.form ?? '';
    const email = (form.get('email') ?? '').trim().slice(0, 254);
    const binding = { browser, purpose: PURPOSE };
    const fault = faultInCsrfToken(crypto, utf8(browser), binding, form.get('csrf') ?? '', at.context.nowUnixMs);
    const texts = TEXTS.signInProblems;
    if (browser === '' || fault !== undefined) return this.#showAsk(visit, email, texts.formExpired, 403);
    if (!email.includes('@')) return this.#showAsk(visit, email, TEXTS.emailCode.incomplete, 400);
    const asked = await mail.askReset(email, clientFacts(visit));
    counters.add('sessions', `reset-${asked.outcome}`);
    if (asked.outcome === 'limited')
      return this.#showAsk(visit, email, texts.limited(TEXTS.seconds(asked.retryAfterSeconds)), 429);
    if (asked.outcome === 'unreachable') return this.#showAsk(visit, email, texts.unreachable, 503);
    answerPage(request, response, { status: 200, html: resetAskedPage(at.view.installation.organisationName) });
  }

  async #showForm(visit: PortalVisit, token: string, problem?: string, status = 200): Promise<void> {
    const { at, request, response } = visit;
    const link = await this.#parts.mail.readReset(token, clientFacts(visit));
    if (link.outcome !== 'known') return this.#refuse(visit, link.outcome);
    const organisation = at.view.installation.organisationName;
    const html = resetPage({ organisation, action: at.context.target.path, email: link.email, problem });
    answerPage(request, response, { status, html });
  }

  async #finish(visit: PortalVisit, token: string): Promise<void> {
    const { at, request, response } = visit;
    const { mail, counters } = this.#parts;
    const form = await readForm(request);
    if (typeof form === 'string') return refuseAtPortal(counters, visit, form, form);
    const password = form.get('password') ?? '';
    const texts = TEXTS.setUpProblems;
    if ([...password].length < MINIMUM_PASSWORD_CHARACTERS)
      return this.#showForm(visit, token, texts.short(MINIMUM_PASSWORD_CHARACTERS), 400);
    if (password !== form.get('repeat')) return this.#showForm(visit, token, texts.different, 400);
    const { outcome } = await mail.finishReset(token, password, clientFacts(visit));
    counters.add('sessions', `reset-${outcome}`);
    if (outcome === 'password-weak') return this.#showForm(visit, token, texts.refused, 400);
    if (outcome !== 'changed') return this.#refuse(visit, outcome);
    answerPage(request, response, { status: 200, html: resetDonePage(at.view.installation.organisationName) });
  }

  #refuse(visit: PortalVisit, outcome: ResetFault): void {
    const problem = outcome === 'unreachable' ? 'control-unreachable' : outcome;
    refuseAtPortal(this.#parts.counters, visit, problem, problem);
  }
}
