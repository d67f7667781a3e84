import { utf8 } from '../base/index.ts';
import {
  csrfToken,
  faultInCsrfToken,
  PORTAL_COOKIE,
  type PortalClaims,
  removeCookie,
  type SessionCrypto,
  signOut,
} from '../core/session/index.ts';
import { answerPage, answerRedirect } from './answers.ts';
import type { SignedIn } from './authenticate.ts';
import type { ControlCalls } from './control-calls.ts';
import type { Counters } from './counters.ts';
import { readForm } from './form.ts';
import { signOutPage } from './pages/portal-pages.ts';
import type { PortalVisit } from './portal-visit.ts';
import type { Problem } from './problems.ts';
import { signedOutLocation } from './providers/provider-portal.ts';
import { refuseAtPortal } from './refuse-at-portal.ts';
import type { SnapshotHolder } from './snapshot-holder.ts';

export interface PortalFormParts {
  readonly crypto: SessionCrypto;
  readonly holder: SnapshotHolder;
  readonly control: ControlCalls;
  readonly counters: Counters;
}

const SIGN_OUT = 'sign-out';
/**
 * Signing out at the portal. The tokens of its forms are keyed with what only the browser's own cookie holds, so any PoP can
 * judge a form that another one showed.
 */
export class PortalForms {
  readonly #parts: PortalFormParts;

  constructor(parts: PortalFormParts) {
    this.#parts = parts;
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
      return void answerRedirect(request, response, signedOutLocation(at.view, cookies), [removeCookie(PORTAL_COOKIE)]);
    }
    const { organisationName } = at.view.installation;
    const html = signOutPage({
      organisation: organisationName,
      application: undefined,
      action: '/sign-out',
      csrfToken: this.signOutToken(visit, signedIn),
    });
    answerPage(request, response, { status: 200, html });
  }

  async signOut(visit: PortalVisit): Promise<void> {
    const { at, request, response, cookies, signedIn } = visit;
    if (!signedIn || cookies.portal === undefined)
      return answerRedirect(request, response, signedOutLocation(at.view, cookies), [removeCookie(PORTAL_COOKIE)]);
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
    answerRedirect(request, response, signedOutLocation(at.view, cookies), [removeCookie(PORTAL_COOKIE)]);
  }

  #refuse(visit: PortalVisit, problem: Problem, reason: string): void {
    refuseAtPortal(this.#parts.counters, visit, problem, reason);
  }
}
