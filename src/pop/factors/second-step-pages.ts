import {
  PORTAL_COOKIE,
  REMEMBERED_COOKIE,
  removeCookie,
  SECOND_STEP_COOKIE,
  serialiseCookie,
} from '../../core/session/index.ts';
import { userHandleOf } from '../../io/factors/passkeys.ts';
import { answerPage, answerRedirect } from '../answers.ts';
import { readForm } from '../form.ts';
import { type EnrolOffer, enrolPage, factorElsewherePage, secondStepPage } from '../pages/factor-pages.ts';
import { FACTOR_TEXTS } from '../pages/factor-texts.ts';
import { mailedCodeSection } from '../pages/mailed-code-section.ts';
import { TEXTS } from '../pages/texts.ts';
import { portalReturn } from '../portal-return.ts';
import type { PortalVisit } from '../portal-visit.ts';
import { refuseAtPortal } from '../refuse-at-portal.ts';
import { formTargetsTo } from '../return-origin.ts';
import type { AskerFacts, SecondStepFacts } from './factor-calls.ts';
import { askerOf, type FactorParts, problemOf } from './factor-parts.ts';
import { isOwnForm, type PageForm, pageForm } from './page-form.ts';

const PURPOSE = 'second-step';
const DAY_MS = 86_400_000;

/** Why somebody with a session is asked once more; in the query of `/second-step`. */
export type StepUpWhy = 'mfa' | 'age' | 'method' | 'change';

/** Where a session is strengthened before it goes on to `returnTo`. */
export function stepUpLocation(why: StepUpWhy, returnTo: string, methods: readonly string[] = []): string {
  const query = new URLSearchParams({ why, return: returnTo });
  if (methods.length > 0) query.set('methods', methods.join(' '));
  return `/second-step?${query}`;
}

interface Again {
  readonly problem?: string;
  readonly status: number;
  /** The attempt of a code that was mailed. */
  readonly attempt?: string | undefined;
}

const MAILED = 'email-otp';

/** `/second-step`: the second step of a sign-in, and the one more proof that a session lacks. */
export class SecondStepPages {
  readonly #parts: FactorParts;

  constructor(parts: FactorParts) {
    this.#parts = parts;
  }

  async show(visit: PortalVisit): Promise<void> {
    const query = new URLSearchParams(visit.at.context.target.query);
    return this.#answer(visit, portalReturn(query.get('return') ?? '/'));
  }

  async take(visit: PortalVisit): Promise<void> {
    const { at, request, response } = visit;
    const { crypto, key, calls, counters } = this.#parts;
    const form = await readForm(request);
    if (typeof form === 'string') return refuseAtPortal(counters, visit, form, form);
    const returnTo = portalReturn(form.get('return') ?? '/');
    if (!isOwnForm(crypto, visit, PURPOSE, form.get('csrf') ?? ''))
      return this.#answer(visit, returnTo, { problem: FACTOR_TEXTS.problems.expired, status: 403 });
    const { browser } = pageForm(crypto, key, visit);
    const asker = askerOf(visit, browser, whyOf(visit) ? 'session' : 'step');
    if (!asker) return toSignIn(visit, returnTo);
    const method = form.get('method') ?? '';
    if (method === MAILED && !form.has('code')) return this.#mail(visit, asker, returnTo);
    const result = await calls.prove(asker, {
      method,
      code: form.get('code') ?? '',
      passkey: form.get('passkey') ?? '',
      challenge: form.get('challenge') ?? '',
      remember: form.get('remember') === 'yes',
    });
    counters.add('sessions', `second-step-${result.outcome}`);
    if (result.outcome === 'signed-in') {
      const { nowUnixMs } = at.context;
      const cookies = [
        serialiseCookie(PORTAL_COOKIE, result.token, result.expiresUnixMs - nowUnixMs),
        removeCookie(SECOND_STEP_COOKIE),
      ];
      const { remembered } = result;
      if (remembered)
        cookies.push(serialiseCookie(REMEMBERED_COOKIE, remembered.token, remembered.expiresUnixMs - nowUnixMs));
      return answerRedirect(request, response, returnTo, cookies);
    }
    if (result.outcome === 'refused' && ENDED.has(result.code)) return toSignIn(visit, returnTo);
    const attempt = method === MAILED ? form.get('challenge') : undefined;
    return this.#answer(visit, returnTo, { ...problemOf(result, wrongOf(method)), attempt });
  }

  /** Has a code mailed, and asks for it. */
  async #mail(visit: PortalVisit, asker: AskerFacts, returnTo: string): Promise<void> {
    const { calls, counters } = this.#parts;
    const told = await calls.mailCode(asker);
    counters.add('sessions', `second-step-mail-${told.outcome}`);
    if (told.outcome === 'told') return this.#answer(visit, returnTo, { status: 200, attempt: told.value.attempt });
    if (told.outcome === 'refused' && ENDED.has(told.code)) return toSignIn(visit, returnTo);
    return this.#answer(visit, returnTo, problemOf(told, FACTOR_TEXTS.problems.refused));
  }

  async #answer(visit: PortalVisit, returnTo: string, again?: Again): Promise<void> {
    const { request, response, at } = visit;
    const { crypto, key, calls, counters } = this.#parts;
    const form = pageForm(crypto, key, visit);
    const asker = askerOf(visit, form.browser, whyOf(visit) ? 'session' : 'step');
    if (!asker) return toSignIn(visit, returnTo);
    const told = await calls.readSecondStep(asker);
    if (told.outcome === 'refused') return toSignIn(visit, returnTo);
    if (told.outcome !== 'told') return refuseAtPortal(counters, visit, 'control-unreachable', told.outcome);
    const facts = told.value;
    if (facts.elsewhere && !isProvedByPassword(visit, facts)) {
      const organisation = at.view.installation.organisationName;
      const html = factorElsewherePage({ organisation, email: facts.email, returnTo, ...facts.elsewhere });
      return answerPage(request, response, { status: 403, html, setCookies: form.setCookies });
    }
    const offer = isProvedByPassword(visit, facts) ? undefined : enrolOffer(visit, facts);
    const html = offer
      ? enrolHtml(visit, form, returnTo, facts, again, offer)
      : proveHtml(visit, form, returnTo, facts, again);
    answerPage(request, response, {
      status: again?.status ?? 200,
      html,
      formTargets: formTargetsTo(at, returnTo),
      setCookies: form.setCookies,
    });
  }
}

function proveHtml(
  visit: PortalVisit,
  form: PageForm,
  returnTo: string,
  facts: SecondStepFacts,
  again: Again | undefined,
): string {
  const { installation } = visit.at.view;
  const challenge = form.challenge('second-step', facts.within);
  const asked = askedMethods(visit);
  const offers = facts.offered.filter(({ method }) => asked.length === 0 || asked.includes(method));
  const passkeys = offers.find(({ method }) => method === 'passkey')?.passkeys;
  const isOffered = (name: string): boolean => offers.some(({ method }) => method === name);
  const why = whyOf(visit);
  const view = {
    organisation: installation.organisationName,
    lead: leadOf(visit, facts),
    csrf: form.csrf(PURPOSE),
    returnTo,
    challenge: challenge.token,
    problem: again?.problem,
    passkey: passkeys && {
      challenge: challenge.nonce,
      rpId: installation.portalHost,
      allow: passkeys,
      verify: 'preferred' as const,
    },
    totp: isOffered('totp'),
    recovery: isOffered('recovery-code'),
    password:
      facts.hasPassword && isProvedByPassword(visit, facts) && (asked.length === 0 || asked.includes('password')),
    email: facts.email,
    rememberDays: why ? 0 : Math.floor(facts.rememberMs / DAY_MS),
    ...(why && { action: `/second-step${visit.at.context.target.query}` }),
  };
  const others = isOffered(MAILED) ? [mailedCodeSection({ ...view, attempt: again?.attempt })] : [];
  return secondStepPage({ ...view, others });
}

function enrolHtml(
  visit: PortalVisit,
  form: PageForm,
  returnTo: string,
  facts: SecondStepFacts,
  again: Again | undefined,
  offer: EnrolOffer,
): string {
  const { installation } = visit.at.view;
  const challenge = form.challenge('register', facts.within);
  return enrolPage({
    organisation: installation.organisationName,
    lead: enrolLead(visit, offer),
    offer,
    // The form goes to a page of "my security", which judges it.
    csrf: form.csrf('security'),
    returnTo,
    challenge: challenge.token,
    problem: again?.problem,
    order: {
      challenge: challenge.nonce,
      rp: { id: installation.portalHost, name: installation.organisationName },
      user: { id: userHandleOf(facts.userId), name: facts.email, displayName: facts.email },
      exclude: [],
    },
  });
}

/** Answers of control after which only a new sign-in helps. */
const ENDED: ReadonlySet<string> = new Set(['second-step-ended', 'session-ended']);

function toSignIn({ request, response }: PortalVisit, returnTo: string): void {
  answerRedirect(request, response, `/sign-in?${new URLSearchParams({ return: returnTo })}`, [
    removeCookie(SECOND_STEP_COOKIE),
  ]);
}

function whyOf({ at, signedIn }: PortalVisit): StepUpWhy | undefined {
  const why = new URLSearchParams(at.context.target.query).get('why');
  return signedIn && ['mfa', 'age', 'method', 'change'].includes(why ?? '') ? (why as StepUpWhy) : undefined;
}

/** For `method`: which ones would do. */
function askedMethods({ at }: PortalVisit): readonly string[] {
  return (new URLSearchParams(at.context.target.query).get('methods') ?? '').split(' ').filter(Boolean);
}

/** What somebody without a factor is to add; undefined where they have one, or what is asked for is none that can be added. */
function enrolOffer(visit: PortalVisit, { need }: SecondStepFacts): EnrolOffer | undefined {
  if (need !== 'enrol') return undefined;
  const asked = askedMethods(visit);
  const totp = asked.includes('totp');
  const passkey = asked.includes('passkey');
  if (asked.length === 0 || (totp && passkey)) return 'any';
  if (totp) return 'totp';
  return passkey ? 'passkey' : undefined;
}

function enrolLead(visit: PortalVisit, offer: EnrolOffer): string {
  const texts = FACTOR_TEXTS.enrol;
  if (whyOf(visit) === undefined) return texts.lead(visit.at.view.installation.organisationName);
  return { any: texts.leadStepUp, totp: texts.leadApp, passkey: texts.leadPasskey }[offer];
}

/** Whether a session that is merely too old is what is asked about: then the password does, where there is no factor. */
function isProvedByPassword(visit: PortalVisit, facts: SecondStepFacts): boolean {
  const why = whyOf(visit);
  if (why === 'age') return facts.hasPassword;
  if (why === 'method') return facts.hasPassword && askedMethods(visit).includes('password');
  return why === 'change' && facts.need === 'enrol' && facts.hasPassword;
}

function leadOf(visit: PortalVisit, { email }: SecondStepFacts): string {
  const texts = FACTOR_TEXTS.second;
  const why = whyOf(visit);
  if (why === undefined) return texts.lead(email);
  return why === 'change' ? texts.change : texts.stepUp;
}

function wrongOf(method: string): string {
  const texts = FACTOR_TEXTS.problems;
  if (method === 'password') return texts.wrongPassword;
  if (method === MAILED) return TEXTS.emailCode.wrong;
  return method === 'passkey' ? texts.passkey : texts.wrong;
}
