/** What the portal has of identity providers beside signing in: connected accounts, and signing out, there and from there. */

import type { IdentityProviderRecord } from '../../core/link/index.ts';
import { HINT_COOKIE, type ManisCookies, type Revocation, removeCookie } from '../../core/session/index.ts';
import { type IdentityProviders, ProviderFailure } from '../../io/identity-provider/index.ts';
import { answerJson, answerPage, answerRedirect } from '../answers.ts';
import type { AuditRecorder } from '../audit-recorder.ts';
import type { Counters } from '../counters.ts';
import { readForm } from '../form.ts';
import { providersPage, signingOutPage } from '../pages/provider-pages.ts';
import type { PortalVisit } from '../portal-visit.ts';
import { refuseAtPortal } from '../refuse-at-portal.ts';
import { startLocation } from '../sign-in/provider.ts';
import type { SnapshotHolder } from '../snapshot-holder.ts';
import type { SnapshotView } from '../snapshot-view.ts';
import {
  clientSettings,
  PROVIDERS_PATH,
  providerNamed,
  providerOf,
  providersOfMember,
  userByIdentity,
} from './known-providers.ts';
import type { ProviderCalls } from './provider-calls.ts';

export interface ProviderPortalParts {
  readonly holder: SnapshotHolder;
  readonly counters: Counters;
  readonly calls: ProviderCalls;
  readonly providers: IdentityProviders;
  readonly audit: Pick<AuditRecorder, 'recordSignOut'>;
}

/** Where somebody who has signed out goes: to the end, or on to sign out at the provider that they came through. */
export function signedOutLocation(view: SnapshotView, cookies: ManisCookies): string {
  const provider = hintOf(view, cookies)?.provider;
  return provider ? `${PROVIDERS_PATH}/${provider.name}/signing-out` : '/signed-out';
}

/** The provider that the browser came through, and what that one wants to see at sign-out. */
function hintOf(view: SnapshotView, { hint }: ManisCookies) {
  const at = hint?.indexOf('.') ?? -1;
  const provider = hint === undefined || at < 0 ? undefined : providerOf(view, hint.slice(0, at));
  if (!provider?.settings.signOut) return undefined;
  const token = hint?.slice(at + 1) ?? '';
  return { provider, token: token === '' ? undefined : token };
}

export class ProviderPortal {
  readonly #parts: ProviderPortalParts;

  constructor(parts: ProviderPortalParts) {
    this.#parts = parts;
  }

  async visit(visit: PortalVisit): Promise<void> {
    const { at } = visit;
    const [, , name, action] = at.context.target.path.split('/');
    const isPost = at.context.method === 'POST';
    if (name === undefined && !isPost) return this.#list(visit);
    const provider = name === undefined ? undefined : providerNamed(at.view, name);
    if (!provider) return refuseAtPortal(this.#parts.counters, visit, 'page-unknown', 'provider-unknown');
    if (action === 'back-channel-logout' && isPost) return this.#told(visit, provider);
    if (action === 'signing-out' && !isPost) return this.#signingOut(visit, provider);
    if (action === 'sign-out' && !isPost) return this.#signOut(visit);
    return refuseAtPortal(this.#parts.counters, visit, 'page-unknown', 'page-unknown');
  }

  /** Accounts that are connected with the one that is signed in, and that may be. */
  #list({ at, request, response, signedIn }: PortalVisit): void {
    const here = encodeURIComponent(PROVIDERS_PATH);
    if (!signedIn) return void answerRedirect(request, response, `/sign-in?return=${here}`);
    const { record } = signedIn.user;
    const providers = providersOfMember(at, record).map(({ id, name, settings }) => ({
      label: settings.label,
      url: startLocation(name, PROVIDERS_PATH, 'connect'),
      isConnected: record.identities?.some(({ providerId }) => providerId === id) ?? false,
    }));
    const organisation = at.view.installation.organisationName;
    const html = providersPage({ organisation, person: record.email, providers });
    answerPage(request, response, { status: 200, html });
  }

  /** A page in between: a form may lead to this host alone (form-action), and signing out begins with a form. */
  #signingOut({ at, request, response }: PortalVisit, { name, settings }: IdentityProviderRecord): void {
    const organisation = at.view.installation.organisationName;
    const html = signingOutPage({ organisation, label: settings.label, url: `${PROVIDERS_PATH}/${name}/sign-out` });
    answerPage(request, response, { status: 200, html });
  }

  async #signOut({ at, request, response, cookies, signedIn }: PortalVisit): Promise<void> {
    const gone = [removeCookie(HINT_COOKIE)];
    const hint = hintOf(at.view, cookies);
    // A link to this page from elsewhere ends nothing: who is signed in here has not signed out.
    if (!hint || signedIn) return answerRedirect(request, response, '/signed-out', gone);
    const provider = this.#parts.providers.of(clientSettings(hint.provider));
    const back = `${at.view.portalOrigin}/signed-out`;
    const url = await provider.endSessionUrl(hint.token, back).catch((error: unknown) => {
      if (error instanceof ProviderFailure) return undefined;
      throw error;
    });
    answerRedirect(request, response, url?.href ?? '/signed-out', gone);
  }

  /**
   * The provider tells that somebody signed out there. Control tells every PoP; while it is away this PoP ends what it can, and says
   * that it was not all, so that the provider tells again; control hears of it by the audit in any case, when it is back.
   */
  async #told(visit: PortalVisit, provider: IdentityProviderRecord): Promise<void> {
    const { at, request, response } = visit;
    const form = await readForm(request);
    const token = typeof form === 'string' ? undefined : form.get('logout_token');
    if (token === undefined || token === '') return answerLogout(visit, 400, 'invalid_request');
    const result = await this.#parts.calls.signOut(provider.id, token, at.context.clientAddressText);
    this.#parts.counters.add('sessions', `provider-sign-out-${result}`);
    if (result === 'done') return answerJson(request, response, 200, '{}');
    if (result === 'refused') return answerLogout(visit, 400, 'invalid_request');
    try {
      const said = await this.#parts.providers.of(clientSettings(provider)).readSignOut(token);
      const user = said.subject === undefined ? undefined : userByIdentity(at.view, provider.id, said.subject);
      if (said.sid !== undefined || user)
        this.#parts.holder.revoke(revocation(provider.id, said.sid, user?.id, at.context.nowUnixMs));
      const { sid, subject } = said;
      const who = { ...(sid !== undefined && { sid }), ...(subject !== undefined && { subject }) };
      this.#parts.audit.recordSignOut(at.context, { providerId: provider.id, ...who }, user?.id);
    } catch (error) {
      if (!(error instanceof ProviderFailure)) throw error;
      return answerLogout(visit, error.code === 'provider-token-wrong' ? 400 : 503, 'invalid_request');
    }
    return answerLogout(visit, 503, 'temporarily_unavailable');
  }
}

function revocation(
  providerId: string,
  sid: string | undefined,
  userId: string | undefined,
  nowUnixMs: number,
): Revocation {
  return {
    kind: 'provider',
    providerId,
    ...(sid !== undefined && { sid }),
    ...(userId !== undefined && { userId }),
    atUnixMs: Math.round(nowUnixMs),
  };
}

/** Back-Channel Logout 1.0 section 2.8. */
function answerLogout({ request, response }: PortalVisit, status: number, error: string): void {
  answerJson(request, response, status, JSON.stringify({ error }));
}
