import { utf8 } from '../../base/index.ts';
import { evaluate, normaliseTarget, plainContext } from '../../core/policy/index.ts';
import {
  beginStandAlone,
  csrfToken,
  faultInCsrfToken,
  issueSessionToken,
  type ManisCookies,
  removeCookie,
  SESSION_COOKIE,
  type SessionCrypto,
  SHARE_COOKIE,
  type SigningKey,
  serialiseCookie,
  subjectId,
} from '../../core/session/index.ts';
import type { HttpRequest, HttpResponse } from '../../io/http/message.ts';
import { hashSecret } from '../../io/secrets.ts';
import { answerPage, answerRedirect } from '../answers.ts';
import type { AuditRecorder } from '../audit-recorder.ts';
import type { Authenticator } from '../authenticate.ts';
import type { AtResource } from '../door.ts';
import { readForm } from '../form.ts';
import { faultInFormOrigin } from '../form-origin.ts';
import { sharePage } from '../pages/share-page.ts';
import type { Problem } from '../problems.ts';
import { SHARE_BUTTON_MS } from './constants.ts';
import type { CredentialLedger } from './credential-ledger.ts';
import { holderGrant } from './holder-grant.ts';
import type { KnownCredential } from './known-credentials.ts';

export const SHARE_PATH = '/.manis/share';
const PURPOSE = 'share';

export interface ShareLinkParts {
  readonly authenticator: Authenticator;
  readonly crypto: SessionCrypto;
  readonly key: SigningKey;
  readonly ledger: CredentialLedger;
  readonly audit: AuditRecorder;
}

export interface ShareVisit {
  readonly at: AtResource;
  readonly request: HttpRequest;
  readonly response: HttpResponse;
  readonly cookies: ManisCookies;
  readonly refuse: (problem: Problem, reason: string) => void;
}

/**
 * Share links, on the host of the resource that they open.
 *
 *     GET /.manis/share/<secret>   leads on at once; where uses are limited, to
 *     GET /.manis/share            a page with a button, so that a preview of the link does not use it up, and
 *     POST /.manis/share           which does
 *
 * Either way the secret is out of the address bar before a page of the application is seen.
 */
export class ShareLinks {
  readonly #parts: ShareLinkParts;

  constructor(parts: ShareLinkParts) {
    this.#parts = parts;
  }

  async visit(visit: ShareVisit): Promise<void> {
    const { at, cookies, refuse } = visit;
    const { path } = at.context.target;
    const { method } = at.context;
    const isButton = path === SHARE_PATH;
    const secret = isButton ? (cookies.share ?? '') : path.slice(SHARE_PATH.length + 1);
    if (method !== 'GET' && method !== 'HEAD' && !(isButton && method === 'POST'))
      return refuse('method-refused', 'method-refused');
    const link = this.#linkOf(at, secret);
    if (!link) return refuse('share-link-invalid', 'share-link-unknown');
    if (this.#isIn(visit, link)) return this.#leadOn(visit, link, [removeCookie(SHARE_COOKIE)]);
    if (!this.#isAdmitted(at, link)) return refuse('share-link-not-admitted', 'share-link-not-admitted');
    if (link.record.maximumUses === undefined) {
      // A look at the head of the answer is no visit.
      if (method === 'HEAD') return this.#leadOn(visit, link, []);
      this.#parts.ledger.used(link.record.id, link.record.version);
      return this.#begin(visit, link);
    }
    if (!isButton) return this.#toButton(visit, secret);
    return method === 'POST' ? this.#use(visit, link, secret) : this.#showButton(visit, secret);
  }

  #linkOf({ view, resource, context }: AtResource, secret: string): KnownCredential | undefined {
    return view.credentials.ofSecretHash(hashSecret(secret), 'share-link', resource.record.id, context.nowUnixMs);
  }

  /** Whoever can open what the link leads to keeps the session there is: a link never takes one's place. */
  #isIn({ at, cookies }: ShareVisit, link: KnownCredential): boolean {
    const { context, resource } = at;
    if (cookies.session === undefined) return false;
    const { authenticator } = this.#parts;
    const known = authenticator.atResource(cookies.session, context.host, resource.record.id, context.nowUnixMs);
    if (typeof known === 'string') return false;
    const { pathPrefix } = known.claims;
    if (pathPrefix !== undefined && pathPrefix !== link.record.pathPrefix) return false;
    return evaluate(resource.policy, this.#there(at, link), known.subject).outcome === 'allow';
  }

  /** Whether the policy would let its holder in: no use is spent for a page that says no. */
  #isAdmitted(at: AtResource, link: KnownCredential): boolean {
    return this.#decision(at, link).outcome === 'allow';
  }

  #decision(at: AtResource, link: KnownCredential) {
    const { context, resource } = at;
    const audience = { resourceId: resource.record.id, host: context.host };
    const holder = this.#parts.authenticator.holderOf(link, audience, context.nowUnixMs);
    return evaluate(resource.policy, this.#there(at, link), holder.subject);
  }

  #there({ context }: AtResource, link: KnownCredential) {
    const target = normaliseTarget(destinationOf(link));
    if (typeof target === 'string') throw new Error('control publishes no prefix that is no path');
    const { clientAddress, nowUnixMs, place, device, certificate } = context;
    const header = (name: string): string | undefined => context.header(name);
    return plainContext({ clientAddress, nowUnixMs, place, device, certificate, header, target, method: 'GET' });
  }

  #toButton({ request, response }: ShareVisit, secret: string): void {
    answerRedirect(request, response, SHARE_PATH, [serialiseCookie(SHARE_COOKIE, secret, SHARE_BUTTON_MS)]);
  }

  #showButton({ at, request, response }: ShareVisit, secret: string): void {
    const { context, view, resource } = at;
    const binding = { browser: secret, purpose: PURPOSE };
    const html = sharePage({
      organisation: view.installation.organisationName,
      application: resource.record.name,
      action: SHARE_PATH,
      csrfToken: csrfToken(this.#parts.crypto, utf8(secret), binding, context.nowUnixMs),
    });
    answerPage(request, response, { status: 200, html });
  }

  async #use(visit: ShareVisit, link: KnownCredential, secret: string): Promise<void> {
    const { at, request, refuse } = visit;
    const { record } = link;
    const form = await readForm(request);
    if (typeof form === 'string') return refuse(form, form);
    const binding = { browser: secret, purpose: PURPOSE };
    const csrf = form.get('csrf') ?? '';
    const fault =
      faultInFormOrigin(at.context, request) ??
      faultInCsrfToken(this.#parts.crypto, utf8(secret), binding, csrf, at.context.nowUnixMs);
    if (fault !== undefined) return refuse('form-expired', fault);
    const { id: credentialId, version, maximumUses = 0, madeUnixMs } = record;
    const use = await this.#parts.ledger.use({ credentialId, version, maximumUses, madeUnixMs });
    if (use === 'given') return this.#begin(visit, link);
    refuse(use === 'used-up' ? 'share-link-used-up' : 'try-again', `share-link-${use}`);
  }

  #begin(visit: ShareVisit, link: KnownCredential): void {
    const { crypto, key, audit } = this.#parts;
    const { context, view, resource } = visit.at;
    const audience = { resourceId: resource.record.id, host: context.host };
    const grant = holderGrant(link.record, context.nowUnixMs);
    const claims = beginStandAlone(crypto, grant, audience, view.lifetimes, context.nowUnixMs);
    const lifeMs = claims.expiresAtUnixMs - context.nowUnixMs;
    const { ruleId } = this.#decision(visit.at, link);
    audit.record(context, {
      ...{ outcome: 'allow', reason: 'share-link-opened', status: 302, ruleId, methods: grant.methods },
      ...{ ruleName: ruleId && resource.ruleName(ruleId), isWhole: resource.record.auditsAll },
      ...{ resourceId: resource.record.id, userId: subjectId(claims.subject), sessionId: claims.id },
    });
    const session = serialiseCookie(SESSION_COOKIE, issueSessionToken(claims, key), lifeMs);
    this.#leadOn(visit, link, [session, removeCookie(SHARE_COOKIE)]);
  }

  #leadOn({ request, response }: ShareVisit, link: KnownCredential, setCookies: readonly string[]): void {
    answerRedirect(request, response, destinationOf(link), setCookies);
  }
}

function destinationOf({ record }: KnownCredential): string {
  return encodeURI(record.pathPrefix ?? '/');
}
