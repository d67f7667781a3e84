import { utf8 } from '../../base/index.ts';
import { browserOf, csrfToken, faultInCsrfToken, type SessionCrypto } from '../../core/session/index.ts';
import type { Counters } from '../counters.ts';
import type { CheckedCode, MailCalls, PutOff } from '../mail-calls.ts';
import { emailCodePage, emailCodeSection } from '../pages/email-code-pages.ts';
import { TEXTS } from '../pages/texts.ts';
import { clientFacts } from '../portal-visit.ts';
import { secondStepOutcome } from './second-step-outcome.ts';
import { formAction, type SignInMethod, type SignInOutcome, type SignInVisit } from './sign-in-method.ts';

const NAME = 'email-code';
const CODE = /^\d{6}$/;

export interface EmailCodeParts {
  readonly crypto: SessionCrypto;
  readonly mail: MailCalls;
  readonly counters: Counters;
}

/**
 * A code by mail, for users where their organisation allows it and for guests on a resource's list. The page is the same
 * for every address. The attempt that the code belongs to comes back with a proof that this browser was given it, and
 * control, which counts, knows the browser too.
 */
export function emailCodeMethod(parts: EmailCodeParts): SignInMethod {
  const { crypto, mail, counters } = parts;
  const purposeOf = (attempt: string, email: string): string => `${NAME} ${attempt} ${hash(crypto, email)}`;

  const ask = async (visit: SignInVisit, email: string): Promise<SignInOutcome> => {
    if (!email.includes('@')) return again(TEXTS.emailCode.incomplete, 400, email);
    const resourceId = visit.asked?.resource.record.id;
    const asked = await mail.askCode(email, resourceId, browserOf(crypto, visit.browser), clientFacts(visit));
    counters.add('sessions', `email-code-${asked.outcome}`);
    if (asked.outcome !== 'asked') return again(...putOffTexts(asked), email);
    return page(visit, asked.attempt, email);
  };

  const page = (visit: SignInVisit, attempt: string, email: string, problem?: string, status = 200): SignInOutcome => {
    const { at, browser, hiddenInputs } = visit;
    const binding = { browser, purpose: purposeOf(attempt, email) };
    const proof = csrfToken(crypto, utf8(browser), binding, at.context.nowUnixMs);
    const organisation = at.view.installation.organisationName;
    const html = emailCodePage({
      ...{ organisation, action: formAction(NAME), hiddenInputs, attempt, proof, email, problem },
    });
    return { kind: 'page', html, status };
  };

  const check = async (visit: SignInVisit, email: string, attempt: string, form: Form): Promise<SignInOutcome> => {
    const { at, browser } = visit;
    const binding = { browser, purpose: purposeOf(attempt, email) };
    const proof = form.get('proof') ?? '';
    const fault = faultInCsrfToken(crypto, utf8(browser), binding, proof, at.context.nowUnixMs);
    if (fault !== undefined) return again(TEXTS.signInProblems.formExpired, 403, email);
    const code = (form.get('code') ?? '').replace(/[\s-]/g, '');
    if (!CODE.test(code)) return page(visit, attempt, email, TEXTS.emailCode.notSix, 400);
    const checked = await mail.checkCode(attempt, code, browserOf(crypto, browser), clientFacts(visit));
    counters.add('sessions', `email-code-${checked.outcome}`);
    return finish(visit, checked, (problem, status) => page(visit, attempt, email, problem, status));
  };

  return {
    name: NAME,
    show(visit) {
      if (!isOffered(visit)) return undefined;
      const email = visit.again?.method === NAME ? visit.again.keep['email'] : undefined;
      const { hiddenInputs, focus } = visit;
      return emailCodeSection({ action: formAction(NAME), hiddenInputs, email, focus });
    },
    async take(visit, form) {
      if (!isOffered(visit)) return { kind: 'refused', problem: 'page-unknown', reason: 'method-unknown' };
      const email = (form.get('email') ?? '').trim().slice(0, 254);
      const attempt = form.get('attempt');
      return attempt === undefined || form.has('again') ? ask(visit, email) : check(visit, email, attempt, form);
    },
  };
}

type Form = ReadonlyMap<string, string>;

function finish(
  visit: SignInVisit,
  checked: CheckedCode,
  onceMore: (problem: string, status: number) => SignInOutcome,
): SignInOutcome {
  const { at, asked } = visit;
  switch (checked.outcome) {
    case 'signed-in':
      return { kind: 'signed-in', token: checked.token, expiresUnixMs: checked.expiresUnixMs };
    case 'second-step':
      return secondStepOutcome(visit, checked);
    case 'guest': {
      // What was proved is good for the resource that the code was asked for.
      if (asked?.resource.record.id !== checked.resourceId) return onceMore(TEXTS.emailCode.wrong, 401);
      const { email, epoch } = checked;
      const { nowUnixMs } = at.context;
      const parentExpiresAtUnixMs = nowUnixMs + at.view.lifetimes.absoluteMs;
      const proof = { methods: ['email-otp'], authenticatedAtUnixMs: nowUnixMs, parentExpiresAtUnixMs };
      return { kind: 'admitted', grant: { subject: { kind: 'guest', email }, epoch, ...proof } };
    }
    case 'refused':
      return onceMore(TEXTS.emailCode.wrong, 401);
    default:
      return onceMore(...putOffTexts(checked));
  }
}

/** For whom there are codes: users that may sign in so, and guests. */
function isOffered({ at, ways }: SignInVisit): boolean {
  for (const { codeSignIn } of at.view.state.ofKind('mail')) {
    const isForUsers = codeSignIn && ways.accounts && (ways.methods?.includes('email-otp') ?? true);
    if (isForUsers || ways.guests) return true;
  }
  return false;
}

function again(problem: string, status: number, email: string): SignInOutcome {
  return { kind: 'again', problem, status, keep: { email } };
}

function putOffTexts(putOff: PutOff): [problem: string, status: number] {
  if (putOff.outcome === 'unreachable') return [TEXTS.signInProblems.unreachable, 503];
  return [TEXTS.signInProblems.limited(TEXTS.seconds(putOff.retryAfterSeconds)), 429];
}

/** Short and plain, as purposes of forms are. */
function hash(crypto: SessionCrypto, email: string): string {
  return Array.from(crypto.sha256(utf8(email)).subarray(0, 8), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
