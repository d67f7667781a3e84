/** The first administrator, by the link that the first start printed; from here the browser goes on to the console. */
import { PORTAL_COOKIE, type SessionCrypto, type SigningKey, serialiseCookie } from '../core/session/index.ts';
import { userHandleOf } from '../io/factors/passkeys.ts';
import { answerPage, answerRedirect } from './answers.ts';
import { MINIMUM_PASSWORD_CHARACTERS } from './constants.ts';
import type { ControlCalls, GrantedSession } from './control-calls.ts';
import type { Counters } from './counters.ts';
import { pageForm } from './factors/page-form.ts';
import { readForm } from './form.ts';
import { recoveryPage } from './pages/factor-pages.ts';
import { setUpPage } from './pages/set-up-page.ts';
import { TEXTS } from './pages/texts.ts';
import { clientFacts, type PortalVisit } from './portal-visit.ts';
import type { Problem } from './problems.ts';
import { refuseAtPortal } from './refuse-at-portal.ts';

export const SET_UP_PATH = '/set-up/';
/** Where the first steps are shown. */
const ONWARDS = '/console/start';

export interface SetUpParts {
  readonly crypto: SessionCrypto;
  readonly key: SigningKey;
  readonly control: ControlCalls;
  readonly counters: Counters;
}

/** The secret is in the path of the link, as nobody else knows it; so the forms need no token of their own. */
export class SetUpPages {
  readonly #parts: SetUpParts;

  constructor(parts: SetUpParts) {
    this.#parts = parts;
  }

  /** The forms, with whose account it is; a link that is used up gets none. */
  async show(visit: PortalVisit, problem?: string, status = 200): Promise<void> {
    const { crypto, key, control } = this.#parts;
    const { at, request, response } = visit;
    const link = await control.readSetUp(tokenOf(visit), at.context.clientAddressText);
    if (link.outcome !== 'known') return this.#refuse(visit, link.outcome);
    const { portalHost, organisationName: organisation } = at.view.installation;
    const { email, userId } = link;
    const form = pageForm(crypto, key, visit);
    // An older control does not say who it is; then there is the password alone.
    const challenge = userId === '' ? undefined : form.challenge('register', userId);
    const order = challenge && {
      token: challenge.token,
      order: {
        challenge: challenge.nonce,
        rp: { id: portalHost, name: organisation },
        user: { id: userHandleOf(userId), name: email, displayName: email },
        exclude: [],
      },
    };
    const html = setUpPage({ organisation, action: at.context.target.path, email, problem, passkey: order });
    answerPage(request, response, { status, html, setCookies: form.setCookies });
  }

  async take(visit: PortalVisit): Promise<void> {
    const form = await readForm(visit.request);
    if (typeof form === 'string') return refuseAtPortal(this.#parts.counters, visit, form, form);
    if (form.has('passkey')) return this.#byPasskey(visit, form);
    const password = form.get('password') ?? '';
    const texts = TEXTS.setUpProblems;
    if ([...password].length < MINIMUM_PASSWORD_CHARACTERS)
      return this.show(visit, texts.short(MINIMUM_PASSWORD_CHARACTERS), 400);
    if (password !== form.get('repeat')) return this.show(visit, texts.different, 400);
    const { control, counters } = this.#parts;
    const result = await control.setUp(tokenOf(visit), password, clientFacts(visit));
    counters.add('sessions', `set-up-${result.outcome}`);
    switch (result.outcome) {
      case 'signed-in':
        return answerRedirect(visit.request, visit.response, ONWARDS, [cookieOf(visit, result)]);
      case 'second-step':
        // The password is theirs now; with it they sign in as everybody does.
        return answerRedirect(visit.request, visit.response, toSignIn());
      case 'password-weak':
        return this.show(visit, texts.refused, 400);
      default:
        return this.#refuse(visit, result.outcome);
    }
  }

  /** The codes that stand in for the passkey are shown this once, before anything else. */
  async #byPasskey(visit: PortalVisit, form: ReadonlyMap<string, string>): Promise<void> {
    const { control, counters, crypto, key } = this.#parts;
    const { request, response, at } = visit;
    const made = { passkey: form.get('passkey') ?? '', challenge: form.get('challenge') ?? '' };
    const { browser } = pageForm(crypto, key, visit);
    const { result, recoveryCodes } = await control.setUpByPasskey(tokenOf(visit), made, clientFacts(visit), browser);
    counters.add('sessions', `set-up-${result.outcome}`);
    switch (result.outcome) {
      case 'signed-in':
      case 'second-step': {
        const { organisationName: organisation } = at.view.installation;
        const isIn = result.outcome === 'signed-in';
        const html = recoveryPage({ organisation, codes: recoveryCodes, returnTo: isIn ? ONWARDS : toSignIn() });
        return answerPage(request, response, { status: 200, html, setCookies: isIn ? [cookieOf(visit, result)] : [] });
      }
      case 'refused':
      case 'password-weak':
        return this.show(visit, TEXTS.setUpProblems.passkey, 400);
      default:
        return this.#refuse(visit, result.outcome);
    }
  }

  #refuse(visit: PortalVisit, outcome: 'set-up-unknown' | 'unreachable'): void {
    const problem: Problem = outcome === 'unreachable' ? 'control-unreachable' : outcome;
    refuseAtPortal(this.#parts.counters, visit, problem, problem);
  }
}

function cookieOf({ at }: PortalVisit, { token, expiresUnixMs }: GrantedSession): string {
  return serialiseCookie(PORTAL_COOKIE, token, expiresUnixMs - at.context.nowUnixMs);
}

function toSignIn(): string {
  return `/sign-in?${new URLSearchParams({ return: ONWARDS })}`;
}

function tokenOf({ at }: PortalVisit): string {
  return at.context.target.plainPath.slice(SET_UP_PATH.length);
}
