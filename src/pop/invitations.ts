/** Accepting an invitation at the portal: with a new account, or with the one that has the invited address. */
import { PORTAL_COOKIE, removeCookie, serialiseCookie } from '../core/session/index.ts';
import { answerPage, answerRedirect } from './answers.ts';
import { MINIMUM_PASSWORD_CHARACTERS } from './constants.ts';
import { type ControlCalls, grantedSession } from './control-calls.ts';
import type { Counters } from './counters.ts';
import { readForm } from './form.ts';
import { joinPage, joinSignedInPage, signInToJoinPage } from './pages/invitation-pages.ts';
import { TEXTS } from './pages/texts.ts';
import { clientFacts, type PortalVisit } from './portal-visit.ts';
import type { Problem } from './problems.ts';
import { refuseAtPortal } from './refuse-at-portal.ts';
import type { SnapshotHolder } from './snapshot-holder.ts';
import { snapshotReached, versionIn } from './snapshot-reached.ts';

export const INVITATION_PATH = '/invitation/';

interface Invitation {
  readonly organisation: string;
  readonly email: string;
  readonly hasAccount: boolean;
}

/** The secret is in the path of the link, as nobody who is not invited knows it; so the forms need no token of their own. */
export class Invitations {
  readonly #control: ControlCalls;
  readonly #counters: Counters;
  readonly #holder: Pick<SnapshotHolder, 'view'>;

  constructor(control: ControlCalls, counters: Counters, holder: Pick<SnapshotHolder, 'view'>) {
    this.#control = control;
    this.#counters = counters;
    this.#holder = holder;
  }

  async show(visit: PortalVisit, name?: string, problem?: string): Promise<void> {
    const invitation = await this.#read(visit);
    if (!invitation) return;
    const { request, response, signedIn, at } = visit;
    const view = { ...invitation, action: at.context.target.path };
    const status = problem === undefined ? 200 : 400;
    const person = signedIn?.user.record.email;
    if (!invitation.hasAccount) answerPage(request, response, { status, html: joinPage(view, name, problem) });
    else if (person === invitation.email) answerPage(request, response, { status, html: joinSignedInPage(view) });
    else answerPage(request, response, { status, html: signInToJoinPage(view, person) });
  }

  async take(visit: PortalVisit): Promise<void> {
    const form = await readForm(visit.request);
    if (typeof form === 'string') return this.#refuse(visit, form);
    const invitation = await this.#read(visit);
    if (!invitation) return;
    if (invitation.hasAccount) return this.#join(visit, invitation);
    await this.#joinAsNew(visit, form);
  }

  async #join(visit: PortalVisit, { email }: Invitation): Promise<void> {
    const { signedIn, cookies, at, request, response } = visit;
    if (signedIn?.user.record.email !== email || cookies.portal === undefined) return this.show(visit);
    const { clientAddressText: clientAddress } = at.context;
    const body = { token: tokenOf(visit), session: cookies.portal, clientAddress };
    const answer = await this.#control.call('/internal/v1/invitations/accept', body, clientAddress, 'unless-sent');
    const { renewUrl } = (answer?.body ?? {}) as { renewUrl?: unknown };
    const isRenewed = answer?.status === 200 && typeof renewUrl === 'string';
    if (!isRenewed && answer?.status !== 204)
      return this.#refuse(visit, answer ? 'invitation-unknown' : 'control-unreachable');
    this.#counters.add('sessions', 'invitation-accepted');
    if (!isRenewed) return answerRedirect(request, response, '/');
    // Somebody else may have set what the account was proved with; all of that has ended, this session, too.
    answerRedirect(request, response, new URL(renewUrl).pathname, [removeCookie(PORTAL_COOKIE)]);
  }

  async #joinAsNew(visit: PortalVisit, form: ReadonlyMap<string, string>): Promise<void> {
    const { at, request, response } = visit;
    const name = (form.get('name') ?? '').trim();
    const password = form.get('password') ?? '';
    const texts = TEXTS.setUpProblems;
    if (name === '') return this.show(visit, name, TEXTS.invitation.nameMissing);
    if ([...password].length < MINIMUM_PASSWORD_CHARACTERS)
      return this.show(visit, name, texts.short(MINIMUM_PASSWORD_CHARACTERS));
    if (password !== form.get('repeat')) return this.show(visit, name, texts.different);
    const client = clientFacts(visit);
    const body = { token: tokenOf(visit), name, password, ...client };
    const answer = await this.#control.call('/internal/v1/invitations', body, client.clientAddress, 'unless-sent');
    if (!answer) return this.#refuse(visit, 'control-unreachable');
    const { code } = (answer.body ?? {}) as { code?: unknown };
    if (code === 'password-weak' || code === 'request-invalid') return this.show(visit, name, texts.refused);
    if (answer.status !== 200) return this.#refuse(visit, 'invitation-unknown');
    this.#counters.add('sessions', 'invitation-accepted');
    const session = grantedSession(answer.body);
    // Where a second factor is asked for, they sign in as everybody does.
    if (!session) return answerRedirect(request, response, '/sign-in');
    await snapshotReached(this.#holder, versionIn(answer.body));
    const cookie = serialiseCookie(PORTAL_COOKIE, session.token, session.expiresUnixMs - at.context.nowUnixMs);
    answerRedirect(request, response, '/', [cookie]);
  }

  /** Undefined where it was answered: control is away, or there is no such invitation. */
  async #read(visit: PortalVisit): Promise<Invitation | undefined> {
    const path = `/internal/v1/invitations/${encodeURIComponent(tokenOf(visit))}`;
    const answer = await this.#control.call(path, undefined, visit.at.context.clientAddressText);
    const { organisation, email, hasAccount } = (answer?.body ?? {}) as Partial<Invitation>;
    if (answer?.status === 200 && typeof organisation === 'string' && typeof email === 'string')
      return { organisation, email, hasAccount: hasAccount === true };
    this.#refuse(visit, !answer || answer.status >= 500 ? 'control-unreachable' : 'invitation-unknown');
    return undefined;
  }

  #refuse(visit: PortalVisit, problem: Problem): void {
    refuseAtPortal(this.#counters, visit, problem, problem);
  }
}

function tokenOf({ at }: PortalVisit): string {
  return at.context.target.plainPath.slice(INVITATION_PATH.length);
}
