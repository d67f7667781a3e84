import { utf8 } from '../base/index.ts';
import { fieldValue } from '../core/routing/index.ts';
import {
  csrfToken,
  faultInCsrfToken,
  issueSessionToken,
  jwksDocument,
  MANIS_PATH_PREFIX,
  readManisCookies,
  redeemCode,
  removeCookie,
  SESSION_COOKIE,
  type SessionCrypto,
  type SigningKey,
  serialiseCookie,
  signOut,
} from '../core/session/index.ts';
import type { HttpRequest, HttpResponse } from '../io/http/message.ts';
import { ACCESS_TOKEN_PATH, type AccessSignIn } from './access/access-sign-in.ts';
import { answerJson, answerPage, answerProblem, answerRedirect } from './answers.ts';
import type { Authenticator } from './authenticate.ts';
import type { ControlCalls } from './control-calls.ts';
import type { Counters } from './counters.ts';
import { SHARE_PATH, type ShareLinks } from './credentials/share-links.ts';
import type { AtResource } from './door.ts';
import { readForm } from './form.ts';
import { faultInFormOrigin } from './form-origin.ts';
import { signOutPage } from './pages/portal-pages.ts';
import type { Problem } from './problems.ts';
import { customPage } from './rules/custom-page.ts';
import type { SnapshotHolder } from './snapshot-holder.ts';
import { demandHttps } from './transport-security.ts';

/** Where backends find the keys that assertions are signed with; on every host. */
export const JWKS_PATH = '/.well-known/manis/jwks.json';
const CALLBACK_PATH = '/.manis/callback';
const SIGN_OUT_PATH = '/.manis/sign-out';

export interface ResourceEndpointParts {
  readonly holder: SnapshotHolder;
  readonly authenticator: Authenticator;
  readonly crypto: SessionCrypto;
  readonly key: SigningKey;
  readonly counters: Counters;
  readonly shareLinks: ShareLinks;
  readonly control: Pick<ControlCalls, 'signOut'>;
  readonly access: AccessSignIn;
}

/** Whether a path is Manis's own: no request to it reaches a backend, whatever its method. */
export function isManisPath(path: string): boolean {
  return path.startsWith('/.') && (path === JWKS_PATH || path.startsWith(MANIS_PATH_PREFIX));
}

/** Whether Manis itself has this path at a resource; of those that carry TCP all but one is judged like any other. */
export function isOwnPath({ context, resource }: AtResource, judgedPath: string): boolean {
  const { path } = context.target;
  return isManisPath(path) && !(resource.record.access && path === judgedPath);
}

/** What Manis itself answers on the hosts of resources, below `/.manis/` and `/.well-known/manis/`. */
export class ResourceEndpoints {
  readonly #parts: ResourceEndpointParts;

  constructor(parts: ResourceEndpointParts) {
    this.#parts = parts;
  }

  /** Answers a request to one of Manis's own paths. */
  request(at: AtResource, request: HttpRequest, response: HttpResponse): void {
    const { path } = at.context.target;
    demandHttps(at, response);
    if (path === JWKS_PATH)
      answerJson(request, response, 200, jwksDocument(at.view.assertionKeys()), 'public, max-age=300');
    else if (path === CALLBACK_PATH) this.#callback(at, request, response);
    else if (path === SHARE_PATH || path.startsWith(`${SHARE_PATH}/`)) this.#share(at, request, response);
    else if (path === ACCESS_TOKEN_PATH && at.resource.record.access) this.#token(at, request, response);
    else if (path === SIGN_OUT_PATH) void this.#signOut(at, request, response);
    else this.#refuse(at, request, response, 'page-unknown', 'page-unknown');
  }

  #token(at: AtResource, request: HttpRequest, response: HttpResponse): void {
    this.#parts.access.redeem({ at, request, response }, (problem, reason) =>
      this.#refuse(at, request, response, problem, reason),
    );
  }

  #share(at: AtResource, request: HttpRequest, response: HttpResponse): void {
    const refuse = (problem: Problem, reason: string): void => this.#refuse(at, request, response, problem, reason);
    const cookies = readManisCookies(fieldValue(request.rawHeaders, 'cookie', '; '));
    if (typeof cookies === 'string') return void refuse('cookies-refused', cookies);
    this.#parts.shareLinks.visit({ at, request, response, cookies, refuse }).catch((error: unknown) => {
      this.#parts.counters.add('problems', 'share-link-failed');
      response.destroy(error instanceof Error ? error : undefined);
    });
  }

  /** The browser comes back from the portal with a code: a session begins. */
  #callback(at: AtResource, request: HttpRequest, response: HttpResponse): void {
    const { holder, crypto, key, counters } = this.#parts;
    const { context, view, resource } = at;
    if (context.method !== 'GET') return void this.#refuse(at, request, response, 'method-refused', 'method-refused');
    const cookies = readManisCookies(fieldValue(request.rawHeaders, 'cookie', '; '));
    if (typeof cookies === 'string') return void this.#refuse(at, request, response, 'cookies-refused', cookies);
    const code = new URLSearchParams(context.target.query).getAll('code');
    const audience = { resourceId: resource.record.id, host: context.host };
    const circumstances = { keys: view, revocations: holder.revocations };
    const redeemed = redeemCode(
      crypto,
      code.length === 1 ? (code[0] ?? '') : '',
      cookies,
      audience,
      view.lifetimesAt(resource.record),
      circumstances,
      context.nowUnixMs,
    );
    if (typeof redeemed === 'string') {
      counters.add('sessions', redeemed);
      this.#refuse(at, request, response, 'link-expired', redeemed);
      return;
    }
    counters.add('sessions', 'begun');
    const { claims, returnTo, removeAttempt } = redeemed;
    const session = serialiseCookie(
      SESSION_COOKIE,
      issueSessionToken(claims, key),
      claims.expiresAtUnixMs - context.nowUnixMs,
    );
    answerRedirect(request, response, returnTo, [session, removeAttempt]);
  }

  /** GET asks, POST with the form's token signs out. Somebody who is signed in nowhere is signed out already. */
  async #signOut(at: AtResource, request: HttpRequest, response: HttpResponse): Promise<void> {
    const { authenticator, crypto, holder, control } = this.#parts;
    const { context, view, resource } = at;
    const cookies = readManisCookies(fieldValue(request.rawHeaders, 'cookie', '; '));
    const token = typeof cookies === 'string' ? undefined : cookies.session;
    const signedIn =
      token === undefined
        ? 'kind-wrong'
        : authenticator.atResource(token, context.host, resource.record.id, context.nowUnixMs);
    if (token === undefined || typeof signedIn === 'string')
      return answerRedirect(request, response, `${view.portalOrigin}/sign-out`, [removeCookie(SESSION_COOKIE)]);
    const { claims } = signedIn;
    const isStandAlone = claims.parentId === claims.id;
    const binding = { browser: claims.id, purpose: 'sign-out' };
    if (context.method !== 'POST') {
      const html = signOutPage({
        organisation: view.installation.organisationName,
        // Who came by the portal leaves it; guests and holders have but this.
        application: isStandAlone ? resource.record.name : undefined,
        action: SIGN_OUT_PATH,
        csrfToken: csrfToken(crypto, utf8(token), binding, context.nowUnixMs),
      });
      return answerPage(request, response, { status: 200, html, formTargets: [view.portalOrigin] });
    }
    const foreign = faultInFormOrigin(context, request);
    if (foreign) return this.#refuse(at, request, response, 'origin-refused', foreign);
    const form = await readForm(request);
    if (typeof form === 'string') return this.#refuse(at, request, response, form, form);
    const fault = faultInCsrfToken(crypto, utf8(token), binding, form.get('csrf') ?? '', context.nowUnixMs);
    if (fault !== undefined) return this.#refuse(at, request, response, 'form-expired', fault);
    // Here at once, the portal's session with it; the portal, where the browser goes next, tells control.
    for (const revocation of signOut(claims, 'everywhere', context.nowUnixMs)) holder.revoke(revocation);
    // Of guests and holders the portal knows nothing.
    if (isStandAlone)
      void control.signOut(token, context.clientAddressText, { id: resource.record.id, host: context.host });
    answerRedirect(request, response, `${view.portalOrigin}/sign-out`, [removeCookie(SESSION_COOKIE)]);
  }

  #refuse(at: AtResource, request: HttpRequest, response: HttpResponse, problem: Problem, reason: string): void {
    const { context, view } = at;
    this.#parts.counters.add('problems', problem);
    answerProblem(request, response, {
      problem,
      reason,
      requestId: context.requestId,
      host: context.host,
      organisation: view.installation.organisationName,
      actions: [{ label: at.resource.record.name, url: '/' }],
      page: customPage(at, { problem, reason, requestId: context.requestId }),
    });
  }
}
