/** `/program`: signing in a program with the code that it shows (RFC 8628), in two steps: type it, then look and decide. */
import { returnTargetOrRoot, type SessionCrypto, type SigningKey } from '../core/session/index.ts';
import { answerPage, answerRedirect } from './answers.ts';
import { type ControlCalls, waitSeconds } from './control-calls.ts';
import type { Counters } from './counters.ts';
import { askerOf } from './factors/factor-parts.ts';
import { isOwnForm, pageForm } from './factors/page-form.ts';
import { stepUpLocation } from './factors/second-step-pages.ts';
import { readForm } from './form.ts';
import { codePage, decidedPage, decisionPage, type ShownProgram } from './pages/program-pages.ts';
import { TEXTS } from './pages/texts.ts';
import type { PortalVisit } from './portal-visit.ts';
import { refuseAtPortal } from './refuse-at-portal.ts';

export const PROGRAM_PATH = '/program';
const PURPOSE = 'program';
const CODE_CHARS_MAX = 64;

export interface ProgramSignInParts {
  readonly control: ControlCalls;
  readonly crypto: SessionCrypto;
  readonly key: SigningKey;
  readonly counters: Counters;
}

/** The code is never in a link: whoever sends somebody a link to this page has to have them type the code as well. */
export class ProgramSignIn {
  readonly #parts: ProgramSignInParts;

  constructor(parts: ProgramSignInParts) {
    this.#parts = parts;
  }

  async visit(visit: PortalVisit): Promise<void> {
    if (!visit.signedIn) return toSignIn(visit);
    if (visit.at.context.method === 'POST') return this.#take(visit);
    return this.#ask(visit, 200);
  }

  async #take(visit: PortalVisit): Promise<void> {
    const { crypto, counters } = this.#parts;
    const form = await readForm(visit.request);
    if (typeof form === 'string') return refuseAtPortal(counters, visit, form, form);
    if (!isOwnForm(crypto, visit, PURPOSE, form.get('csrf') ?? ''))
      return refuseAtPortal(counters, visit, 'form-expired', 'csrf-wrong');
    const code = (form.get('code') ?? '').slice(0, CODE_CHARS_MAX);
    const decision = form.get('decision');
    if (decision === 'approve' || decision === 'refuse') return this.#decide(visit, code, decision === 'approve');
    return this.#look(visit, code);
  }

  async #look(visit: PortalVisit, code: string): Promise<void> {
    const answer = await this.#call(visit, '/internal/v1/program-sign-ins/read', { code });
    if (answer?.status !== 200) return this.#refused(visit, answer);
    const { request, response, at, signedIn } = visit;
    const form = this.#form(visit);
    const html = decisionPage({
      organisation: at.view.installation.organisationName,
      account: signedIn?.user.record.email ?? '',
      csrf: form.csrf(PURPOSE),
      code,
      nowUnixMs: at.context.nowUnixMs,
      browserAddress: at.context.clientAddressText,
      shown: answer.body as ShownProgram,
    });
    answerPage(request, response, { status: 200, html, setCookies: form.setCookies });
  }

  async #decide(visit: PortalVisit, code: string, approved: boolean): Promise<void> {
    const answer = await this.#call(visit, '/internal/v1/program-sign-ins', { code, approved });
    if (answer?.status !== 204) return this.#refused(visit, answer);
    this.#parts.counters.add('sessions', approved ? 'program-approved' : 'program-refused');
    const { request, response, at } = visit;
    answerPage(request, response, {
      status: 200,
      html: decidedPage(at.view.installation.organisationName, approved),
    });
  }

  #call(visit: PortalVisit, path: string, more: Readonly<Record<string, unknown>>) {
    const asker = askerOf(visit, this.#form(visit).browser, 'session');
    const { clientAddressText } = visit.at.context;
    return this.#parts.control.call(path, { ...asker, ...more }, clientAddressText, 'unless-sent');
  }

  #refused(visit: PortalVisit, answer: Awaited<ReturnType<ControlCalls['call']>>): Promise<void> | void {
    const { request, response } = visit;
    if (!answer || answer.status >= 500)
      return refuseAtPortal(this.#parts.counters, visit, 'control-unreachable', 'control-unreachable');
    const { code } = (answer.body ?? {}) as { readonly code?: unknown };
    if (code === 'session-ended') return toSignIn(visit);
    if (code === 'step-up-required') return answerRedirect(request, response, stepUpLocation('change', PROGRAM_PATH));
    const texts = TEXTS.program.problems;
    if (answer.status === 429) return this.#ask(visit, 429, texts.limited(TEXTS.seconds(waitSeconds(answer))));
    return this.#ask(visit, 400, code === 'account-shared' ? texts.shared : texts.unknown);
  }

  async #ask(visit: PortalVisit, status: number, problem?: string): Promise<void> {
    const form = this.#form(visit);
    const { request, response, at } = visit;
    const html = codePage(at.view.installation.organisationName, form.csrf(PURPOSE), problem);
    answerPage(request, response, { status, html, setCookies: form.setCookies });
  }

  #form(visit: PortalVisit) {
    return pageForm(this.#parts.crypto, this.#parts.key, visit);
  }
}

function toSignIn({ request, response }: PortalVisit): void {
  answerRedirect(request, response, `/sign-in?${new URLSearchParams({ return: returnTargetOrRoot(PROGRAM_PATH) })}`);
}
