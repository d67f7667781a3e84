import { PORTAL_COOKIE, removeCookie, SECOND_STEP_COOKIE, serialiseCookie } from '../../core/session/index.ts';
import { userHandleOf } from '../../io/factors/passkeys.ts';
import { answerPage, answerRedirect } from '../answers.ts';
import { MINIMUM_PASSWORD_CHARACTERS } from '../constants.ts';
import { readForm } from '../form.ts';
import { authenticatorPage, recoveryPage } from '../pages/factor-pages.ts';
import { FACTOR_TEXTS } from '../pages/factor-texts.ts';
import type { Html } from '../pages/html.ts';
import { securityPage } from '../pages/security-page.ts';
import { TEXTS } from '../pages/texts.ts';
import { portalReturn } from '../portal-return.ts';
import type { PortalVisit } from '../portal-visit.ts';
import { refuseAtPortal } from '../refuse-at-portal.ts';
import { formTargetsTo } from '../return-origin.ts';
import { seesConsole } from '../sees-console.ts';
import type { ChangeFacts, Refused } from './factor-calls.ts';
import { askerOf, type FactorParts, problemOf } from './factor-parts.ts';
import { isOwnForm, pageForm } from './page-form.ts';
import { stepUpLocation } from './second-step-pages.ts';

const PURPOSE = 'security';
const HOME = '/security';

type Form = ReadonlyMap<string, string>;
type Change = Readonly<Record<string, unknown>>;

/** A section that somebody else adds to the page; undefined: there is nothing to show. */
export type SecuritySection = (visit: PortalVisit, csrf: string) => Html | undefined;

/** What each form of the page asks of control, by the last part of its path. */
const CHANGES: Readonly<Record<string, (form: Form) => Change | { readonly problem: string }>> = {
  'remove-authenticator': (form) => ({ kind: 'totp-remove', id: form.get('id') }),
  passkey: (form) => ({
    kind: 'passkey-add',
    passkey: form.get('passkey') ?? '',
    challenge: form.get('challenge') ?? '',
    ...named(form),
  }),
  'rename-passkey': (form) => ({ kind: 'passkey-rename', id: form.get('id'), name: form.get('name') }),
  'remove-passkey': (form) => ({ kind: 'passkey-remove', id: form.get('id') }),
  'recovery-codes': () => ({ kind: 'recovery-codes' }),
  'forget-browser': (form) => ({ kind: 'forget-browsers', id: form.get('id') }),
  'forget-browsers': () => ({ kind: 'forget-browsers' }),
  'end-session': (form) => ({ kind: 'end-session', id: form.get('id') }),
  'end-other-sessions': () => ({ kind: 'end-other-sessions' }),
  device: (form) => ({
    kind: 'device-add',
    publicKey: form.get('key') ?? '',
    signature: form.get('signature') ?? '',
    challenge: form.get('challenge') ?? '',
    ...named(form),
  }),
  'remove-device': (form) => ({ kind: 'device-remove', id: form.get('id') }),
  password: (form) => {
    const [next = '', repeat = ''] = [form.get('next'), form.get('repeat')];
    if (next !== repeat) return { problem: FACTOR_TEXTS.problems.different };
    if ([...next].length < MINIMUM_PASSWORD_CHARACTERS)
      return { problem: TEXTS.setUpProblems.short(MINIMUM_PASSWORD_CHARACTERS) };
    return { kind: 'password', current: form.get('current') ?? '', next };
  },
};

function named(form: Form): { readonly name?: string } {
  const name = (form.get('name') ?? '').trim();
  return name === '' ? {} : { name };
}

/** `/security` and below: what a person signs in with and where, and changing it. */
export class SecurityPages {
  readonly #parts: FactorParts;
  readonly #sections: readonly SecuritySection[];

  constructor(parts: FactorParts, sections: readonly SecuritySection[]) {
    this.#parts = parts;
    this.#sections = sections;
  }

  async show(visit: PortalVisit): Promise<void> {
    const { path, query } = visit.at.context.target;
    if (path === `${HOME}/authenticator`)
      return this.#authenticator(visit, portalReturn(new URLSearchParams(query).get('return') ?? HOME));
    if (path !== HOME) return refuseAtPortal(this.#parts.counters, visit, 'page-unknown', 'page-unknown');
    const asked = new URLSearchParams(query);
    return this.#page(visit, asked.has('saved'), undefined, portalReturn(asked.get('return') ?? HOME));
  }

  async take(visit: PortalVisit): Promise<void> {
    const { crypto, key, calls, counters } = this.#parts;
    const form = await readForm(visit.request);
    if (typeof form === 'string') return refuseAtPortal(counters, visit, form, form);
    const name = visit.at.context.target.path.slice(HOME.length + 1);
    const returnTo = portalReturn(form.get('return') ?? HOME);
    if (!isOwnForm(crypto, visit, PURPOSE, form.get('csrf') ?? ''))
      return refuseAtPortal(counters, visit, 'form-expired', 'csrf-wrong');
    if (name === 'authenticator') return this.#confirm(visit, form, returnTo);
    const change = CHANGES[name]?.(form);
    if (!change) return refuseAtPortal(counters, visit, 'page-unknown', 'page-unknown');
    if ('problem' in change) return this.#page(visit, false, { problem: String(change['problem']), status: 400 });
    const asker = askerOf(visit, pageForm(crypto, key, visit).browser, 'session');
    if (!asker) return toSignIn(visit);
    const told = await calls.change(asker, change);
    if (told.outcome === 'told') return this.#done(visit, told.value, returnTo);
    const wrong = name === 'password' ? FACTOR_TEXTS.problems.wrongPassword : FACTOR_TEXTS.problems.passkey;
    return this.#refused(visit, told, returnTo, wrong);
  }

  /** @param returnTo where a new passkey leads, and who is done here. */
  async #page(
    visit: PortalVisit,
    saved: boolean,
    again?: { problem: string; status: number },
    returnTo: string = HOME,
  ): Promise<void> {
    const { crypto, key, calls, counters } = this.#parts;
    const { at, request, response, signedIn } = visit;
    const form = pageForm(crypto, key, visit);
    const asker = signedIn && askerOf(visit, form.browser, 'session');
    if (!asker) return toSignIn(visit);
    const told = await calls.readSecurity(asker);
    if (told.outcome === 'refused') return toSignIn(visit);
    if (told.outcome !== 'told') return refuseAtPortal(counters, visit, 'control-unreachable', told.outcome);
    const { installation } = at.view;
    const challenge = form.challenge('register', signedIn.claims.id);
    const facts = told.value;
    const html = securityPage({
      organisation: installation.organisationName,
      hasConsole: seesConsole(signedIn.user.record),
      facts,
      csrf: form.csrf(PURPOSE),
      returnTo,
      challenge: challenge.token,
      deviceNonce: challenge.nonce,
      order: {
        challenge: challenge.nonce,
        rp: { id: installation.portalHost, name: installation.organisationName },
        user: { id: userHandleOf(signedIn.user.record.id), name: facts.email, displayName: facts.email },
        exclude: facts.passkeys.map(({ credentialId }) => credentialId),
      },
      problem: again?.problem,
      saved,
      others: this.#sections.map((section) => section(visit, form.csrf(PURPOSE))).filter((one) => one !== undefined),
    });
    answerPage(request, response, { status: again?.status ?? 200, html, setCookies: form.setCookies });
  }

  /** The QR code. Asked for again it shows the same one, for a while. */
  async #authenticator(
    visit: PortalVisit,
    returnTo: string,
    again?: { readonly problem: string; readonly status: number },
  ): Promise<void> {
    const { crypto, key, calls } = this.#parts;
    const { at, request, response } = visit;
    const form = pageForm(crypto, key, visit);
    const asker = askerOf(visit, form.browser, 'session');
    if (!asker) return toSignIn(visit);
    const told = await calls.change(asker, { kind: 'totp-begin' });
    if (told.outcome !== 'told' || !told.value.totp)
      return this.#refused(
        visit,
        told.outcome === 'told' ? { outcome: 'unreachable' } : told,
        `${HOME}/authenticator?${new URLSearchParams({ return: returnTo })}`,
        '',
      );
    const { organisationName: organisation } = at.view.installation;
    const html = authenticatorPage({
      organisation,
      csrf: form.csrf(PURPOSE),
      returnTo,
      ...told.value.totp,
      problem: again?.problem,
    });
    answerPage(request, response, { status: again?.status ?? 200, html, setCookies: form.setCookies });
  }

  async #confirm(visit: PortalVisit, form: Form, returnTo: string): Promise<void> {
    const { crypto, key, calls } = this.#parts;
    const asker = askerOf(visit, pageForm(crypto, key, visit).browser, 'session');
    if (!asker) return toSignIn(visit);
    const change = { kind: 'totp-confirm', code: form.get('code') ?? '', ...named(form) };
    const told = await calls.change(asker, change);
    if (told.outcome === 'told') return this.#done(visit, told.value, returnTo);
    if (told.outcome === 'refused' && told.code !== 'factor-refused') return this.#refused(visit, told, returnTo, '');
    return this.#authenticator(visit, returnTo, problemOf(told, FACTOR_TEXTS.problems.wrong));
  }

  /** Codes that are shown once, or back with a word that it is done. */
  #done(visit: PortalVisit, { recoveryCodes = [], session }: ChangeFacts, returnTo: string): void {
    const { at, request, response } = visit;
    this.#parts.counters.add('sessions', 'own-change');
    const setCookies = session
      ? [
          serialiseCookie(PORTAL_COOKIE, session.token, session.expiresUnixMs - at.context.nowUnixMs),
          removeCookie(SECOND_STEP_COOKIE),
        ]
      : [];
    const onwards = returnTo === HOME ? `${HOME}?saved` : returnTo;
    if (recoveryCodes.length === 0) return void answerRedirect(request, response, onwards, setCookies);
    const { organisationName: organisation } = at.view.installation;
    const html = recoveryPage({ organisation, codes: recoveryCodes, returnTo });
    answerPage(request, response, { status: 200, html, setCookies, formTargets: formTargetsTo(at, returnTo) });
  }

  #refused(visit: PortalVisit, refused: Refused, returnTo: string, wrong: string): Promise<void> | void {
    const { request, response } = visit;
    if (refused.outcome === 'refused') {
      const { code } = refused;
      if (code === 'session-ended' || code === 'second-step-ended') return toSignIn(visit);
      if (code === 'step-up-required') return answerRedirect(request, response, stepUpLocation('change', returnTo));
    }
    if (!visit.signedIn) {
      const { problem } = problemOf(refused, wrong);
      return refuseAtPortal(this.#parts.counters, visit, 'form-expired', problem);
    }
    return this.#page(visit, false, problemOf(refused, wrong));
  }
}

function toSignIn({ request, response }: PortalVisit): void {
  answerRedirect(request, response, `/sign-in?${new URLSearchParams({ return: HOME })}`);
}
