import { fieldValue } from '../core/routing/index.ts';
import {
  callbackLocation,
  issueCode,
  jwksDocument,
  type ManisCookies,
  mayOpen,
  PORTAL_COOKIE,
  type PortalClaims,
  readAuthorizeRequest,
  readManisCookies,
  renewedClaims,
  type SessionCrypto,
  type SigningKey,
  serialiseCookie,
} from '../core/session/index.ts';
import type { HttpRequest, HttpResponse } from '../io/http/message.ts';
import { answerJson, answerPage, answerRedirect, type PageAction } from './answers.ts';
import { applicationsFor } from './applications.ts';
import type { Authenticator, SignedIn } from './authenticate.ts';
import type { ControlCalls } from './control-calls.ts';
import type { ControlRelay } from './control-relay.ts';
import type { Counters } from './counters.ts';
import type { SecondStepPages } from './factors/second-step-pages.ts';
import type { SecurityPages } from './factors/security-pages.ts';
import { stepUpFor } from './factors/step-up.ts';
import { faultInFormOrigin } from './form-origin.ts';
import { INVITATION_PATH, type Invitations } from './invitations.ts';
import { applicationsPage, signedOutPage } from './pages/portal-pages.ts';
import { TEXTS } from './pages/texts.ts';
import type { PasswordReset } from './password-reset.ts';
import type { PortalForms } from './portal-forms.ts';
import type { AtPortal, PortalVisit } from './portal-visit.ts';
import type { Problem } from './problems.ts';
import { PROGRAM_PATH, type ProgramSignIn } from './program-sign-in.ts';
import { PROVIDERS_PATH, providersOfMember, reaches } from './providers/known-providers.ts';
import type { ProviderPortal } from './providers/provider-portal.ts';
import { refuseAtPortal } from './refuse-at-portal.ts';
import { JWKS_PATH } from './resource-endpoints.ts';
import { seesConsole } from './sees-console.ts';
import { SET_UP_PATH, type SetUpPages } from './set-up.ts';
import type { SignInDesk } from './sign-in/desk.ts';

export interface PortalParts {
  readonly authenticator: Authenticator;
  readonly crypto: SessionCrypto;
  readonly key: SigningKey;
  readonly counters: Counters;
  readonly forms: PortalForms;
  readonly setUp: SetUpPages;
  readonly invitations: Invitations;
  readonly providers: ProviderPortal;
  readonly reset: PasswordReset;
  readonly program: ProgramSignIn;
  readonly signIn: SignInDesk;
  readonly secondStep: SecondStepPages;
  readonly security: SecurityPages;
  readonly control: ControlCalls;
  readonly relay: ControlRelay;
}

/** Longer than any name. */
const SEARCH_MAX_CHARS = 128;

/** What control answers itself: the API, enrolment, the console that administrators use the API with, and the program. */
const RELAYED = /^\/(?:api|enrol|console|install)(?:\/|$)/;

/** Serves the portal's host: signing in and out, the list of applications, and the way to control. */
export class Portal {
  readonly #parts: PortalParts;

  constructor(parts: PortalParts) {
    this.#parts = parts;
  }

  request(at: AtPortal, request: HttpRequest, response: HttpResponse, expectsContinue: boolean): void {
    const { path } = at.context.target;
    if (RELAYED.test(path)) return void this.#parts.relay.request(at, request, response, expectsContinue);
    if (expectsContinue) response.writeContinue();
    if (path === JWKS_PATH)
      return void answerJson(request, response, 200, jwksDocument(at.view.assertionKeys()), 'public, max-age=300');
    const cookies = readManisCookies(fieldValue(request.rawHeaders, 'cookie', '; '));
    if (typeof cookies === 'string') return void this.#refuse({ at, request, response }, 'cookies-refused', cookies);
    this.#visit(at, request, response, cookies).catch((error: unknown) => {
      this.#parts.counters.add('problems', 'portal-failed');
      response.destroy(error instanceof Error ? error : undefined);
    });
  }

  async #visit(at: AtPortal, request: HttpRequest, response: HttpResponse, cookies: ManisCookies): Promise<void> {
    const signedIn = this.#signedIn(at, cookies);
    if (signedIn && cookies.portal !== undefined) await this.#renew(at, response, signedIn, cookies.portal);
    await this.#route({ at, request, response, cookies, signedIn });
  }

  /** A session that is used goes on: control signs the next token now and then. Without control the present one serves. */
  async #renew(
    { context, view }: AtPortal,
    response: HttpResponse,
    { claims }: SignedIn<PortalClaims>,
    token: string,
  ): Promise<void> {
    // What a PoP has judged ends by itself: then control may judge anew.
    if (claims.judgedBy !== undefined || !renewedClaims(claims, view.lifetimes, context.nowUnixMs)) return;
    const renewed = await this.#parts.control.renew(token, context.clientAddressText);
    if (!renewed || response.headersSent) return;
    response.appendHeader(
      'Set-Cookie',
      serialiseCookie(PORTAL_COOKIE, renewed.token, renewed.expiresUnixMs - context.nowUnixMs),
    );
  }

  async #route(visit: PortalVisit): Promise<void> {
    const { forms } = this.#parts;
    const { path } = visit.at.context.target;
    const isPost = visit.at.context.method === 'POST';
    const { at, request, response } = visit;
    const fault = isPost ? faultInFormOrigin(at.context, request) : undefined;
    if (fault) return this.#refuse({ at, request, response }, 'origin-refused', fault);
    if (path === '/sign-in' || path.startsWith('/sign-in/')) return this.#signIn(visit);
    if (path === '/second-step')
      return isPost ? this.#parts.secondStep.take(visit) : this.#parts.secondStep.show(visit);
    if (path === '/security' || path.startsWith('/security/'))
      return isPost ? this.#parts.security.take(visit) : this.#parts.security.show(visit);
    if (path.startsWith(INVITATION_PATH))
      return isPost ? this.#parts.invitations.take(visit) : this.#parts.invitations.show(visit);
    if (path === PROVIDERS_PATH || path.startsWith(`${PROVIDERS_PATH}/`)) return this.#parts.providers.visit(visit);
    if (path === PROGRAM_PATH) return this.#parts.program.visit(visit);
    if (path === '/reset' || path.startsWith('/reset/')) return this.#parts.reset.route(visit);
    if (path.startsWith(SET_UP_PATH)) return isPost ? this.#parts.setUp.take(visit) : this.#parts.setUp.show(visit);
    if (path === '/sign-out' && isPost) return forms.signOut(visit);
    if (path === '/sign-out') return forms.showSignOut(visit);
    if (isPost || !['GET', 'HEAD'].includes(at.context.method))
      return this.#refuse({ at, request, response }, 'method-refused', 'method-refused');
    if (path === '/') return this.#applications(visit);
    if (path === '/authorize') return this.#authorize(visit);
    if (path === '/signed-out')
      return answerPage(request, response, {
        status: 200,
        html: signedOutPage(at.view.installation.organisationName, '/'),
      });
    return this.#refuse({ at, request, response }, 'page-unknown', 'page-unknown');
  }

  #signIn(visit: PortalVisit): Promise<void> {
    const { at, request, response } = visit;
    if (at.context.method === 'POST') return this.#parts.signIn.take(visit);
    if (['GET', 'HEAD'].includes(at.context.method)) return this.#parts.signIn.show(visit);
    this.#refuse({ at, request, response }, 'method-refused', 'method-refused');
    return Promise.resolve();
  }

  /** The list of what the person may open, or the way to sign in. */
  #applications(visit: PortalVisit): void {
    const { at, request, response, signedIn } = visit;
    if (!signedIn) return void answerRedirect(request, response, '/sign-in');
    const html = applicationsPage({
      organisation: at.view.installation.organisationName,
      person: signedIn.user.record.name || signedIn.user.record.email,
      csrfToken: this.#parts.forms.signOutToken(visit, signedIn),
      hasConsole: seesConsole(signedIn.user.record),
      hasProviders: providersOfMember(at, signedIn.user.record).length > 0,
      applications: applicationsFor(at, signedIn.subject),
      search: new URLSearchParams(at.context.target.query).get('q')?.slice(0, SEARCH_MAX_CHARS) ?? '',
    });
    answerPage(request, response, { status: 200, html });
  }

  /** A resource's host sent the browser here: back with a code where the person is signed in, else to sign in first. */
  #authorize({ at, request, response, signedIn }: PortalVisit): void {
    const { context, view } = at;
    const asked = readAuthorizeRequest(context.target.query);
    if (typeof asked === 'string') return void this.#refuse({ at, request, response }, 'link-expired', asked);
    const resource = view.resourceToReturnTo(asked);
    if (!resource) return void this.#refuse({ at, request, response }, 'link-expired', 'resource-unknown');
    if (!signedIn) {
      const query = new URLSearchParams({ return: `/authorize${context.target.query}` });
      return void answerRedirect(request, response, `/sign-in?${query}`);
    }
    if (!view.users.isMember(signedIn.user.record, view.organisationOf(resource.record)))
      return void this.#refuse({ at, request, response }, 'not-a-member', 'not-a-member', signInAnew(at));
    if (!reaches(view, signedIn.claims.via?.providerId, view.organisationOf(resource.record)))
      return void this.#refuse({ at, request, response }, 'not-a-member', 'provider-of-another', signInAnew(at));
    const stepUp = stepUpFor(at, signedIn, asked, resource);
    if (stepUp !== undefined) return void answerRedirect(request, response, stepUp);
    const audience = { resourceId: resource.record.id, host: asked.host };
    if (!mayOpen(view, signedIn.claims, audience.resourceId))
      return void this.#refuse({ at, request, response }, 'link-expired', 'issuer-may-not');
    const code = issueCode(this.#parts.crypto, this.#parts.key, signedIn.claims, asked, audience, context.nowUnixMs);
    answerRedirect(request, response, callbackLocation(view.originOf(asked.host), code));
  }

  #signedIn(at: AtPortal, cookies: ManisCookies): SignedIn<PortalClaims> | undefined {
    if (cookies.portal === undefined) return undefined;
    const signedIn = this.#parts.authenticator.atPortal(cookies.portal, at.context.host, at.context.nowUnixMs);
    if (typeof signedIn !== 'string') return signedIn;
    this.#parts.counters.add('sessions', signedIn);
    return undefined;
  }

  #refuse(
    visit: Pick<PortalVisit, 'at' | 'request' | 'response'>,
    problem: Problem,
    reason: string,
    action?: PageAction,
  ): void {
    refuseAtPortal(this.#parts.counters, visit, problem, reason, action);
  }
}

/** For who has another account, or something else that opens the resource. */
function signInAnew({ context }: AtPortal): PageAction {
  const query = new URLSearchParams({ return: `/authorize${context.target.query}` });
  return { label: TEXTS.error.switchAccount, url: `/sign-in?${query}` };
}
