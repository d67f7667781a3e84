import { toBase64Url } from '../../base/index.ts';
import { emailMayEnter, type Policy } from '../../core/policy/index.ts';
import { addressGroup } from '../../io/address-group.ts';
import { isMailAddress } from '../../io/mail/mail-address.ts';
import { sameSecret } from '../../io/secrets.ts';
import {
  type EmailCodesTable,
  findEmailCode,
  findUser,
  findUserByEmail,
  firstOrganisation,
  publishedResource,
  putEmailCode,
  type Queries,
  spendEmailCode,
  type UsersTable,
} from '../../io/store/index.ts';
import { audit, change } from '../change.ts';
import {
  EMAIL_CODE_LIFE_MS,
  EMAIL_CODE_TRIES,
  MAIL_DAY_MS,
  MAILS_PER_ADDRESS,
  MAILS_PER_ADDRESS_A_DAY,
  MAILS_PER_CLIENT,
  MAILS_PER_WINDOW,
  SIGN_IN_TRIES_PER_ADDRESS,
} from '../constants.ts';
import type { AuditNote, Control } from '../control.ts';
import { ControlFailure } from '../problems.ts';
import { renderLetter } from './letter.ts';
import { codeLetter } from './texts.ts';

/** Who asks for a code, or types one. */
export interface CodeVisitor {
  readonly popId: string;
  /** Hash of what only this browser holds. */
  readonly browser: string;
  readonly clientAddress: string;
}

/** What a right code proved. */
export type ProvedAddress =
  | { readonly kind: 'user'; readonly user: UsersTable }
  | { readonly kind: 'guest'; readonly email: string; readonly resourceId: string };

interface Recipient {
  readonly email: string;
  readonly purpose: string;
  readonly userId: string | null;
  readonly resourceId: string | null;
  /** What the code is for, in the mail. */
  readonly application: string | undefined;
}

const ATTEMPT_BYTES = 16;

/**
 * Codes that are mailed to be typed. Whoever asks is told nothing: the same answer at once for every address, and whether
 * there is anybody to mail to is found out after it. A code is good for the attempt and the browser that it was asked in,
 * for ten minutes and five tries, which are counted here, once for all PoPs.
 */
export class EmailCodes {
  readonly #control: Control;

  constructor(control: Control) {
    this.#control = control;
  }

  /** Failure `sign-in-rate-limited`. Gives the attempt that the code will belong to, if one is sent. */
  async ask(visitor: CodeVisitor, email: string, resourceId: string | undefined): Promise<{ attempt: string }> {
    await refuseTooMany(this.#control, visitor.clientAddress, email);
    const attempt = toBase64Url(this.#control.random.bytes(ATTEMPT_BYTES));
    this.#control.afterwards.do(async () => {
      const recipient = await this.#recipientOf(email.toLowerCase(), resourceId);
      if (recipient) await this.#send(attempt, visitor, recipient);
    });
    return { attempt };
  }

  /** The same for a user who is known already, as a second factor. */
  async askAgain(visitor: CodeVisitor, user: UsersTable): Promise<{ attempt: string }> {
    await refuseTooMany(this.#control, visitor.clientAddress, user.email);
    const attempt = toBase64Url(this.#control.random.bytes(ATTEMPT_BYTES));
    const { id: userId, email } = user;
    const recipient = { email, purpose: 'second-factor', userId, resourceId: null, application: undefined };
    this.#control.afterwards.do(() => this.#send(attempt, visitor, recipient));
    return { attempt };
  }

  /** Failure `sign-in-refused`, the same for a wrong code, one that has ended, and one that never was. */
  async check(visitor: CodeVisitor, attempt: string, code: string): Promise<ProvedAddress> {
    const row = await this.#spend(visitor, attempt, code, (purpose) => purpose !== 'second-factor');
    const proved = row && (await this.#provedBy(row));
    if (!proved) throw refusedCode();
    return proved;
  }

  /** Whether the code is the one that was mailed to the user as a second factor. */
  async checkAgain(visitor: CodeVisitor, userId: string, attempt: string, code: string): Promise<boolean> {
    const row = await this.#spend(visitor, attempt, code, (purpose) => purpose === 'second-factor');
    return row?.user_id === userId;
  }

  /** Whoever may sign in with a code: a user, where that is allowed, else a guest whose address the resource's rules list. */
  async #recipientOf(email: string, resourceId: string | undefined): Promise<Recipient | undefined> {
    const { store, mailer, organisationId } = this.#control;
    if (!isMailAddress(email)) return undefined;
    const settings = await mailer.settingsOf(store.database, organisationId);
    if (!settings) return undefined;
    const resource = resourceId === undefined ? undefined : await publishedResource(store.database, resourceId);
    const user = await findUserByEmail(store.database, email);
    if (user?.disabled === 1) return undefined;
    const application = resource?.name;
    if (user && settings.code_sign_in === 1)
      return { email, purpose: 'sign-in', userId: user.id, resourceId: resource?.id ?? null, application };
    const isListed = resource?.enabled === 1 && emailMayEnter(JSON.parse(resource.policy) as Policy, email);
    if (!isListed) return undefined;
    return { email, purpose: `guest:${resource.id}`, userId: null, resourceId: resource.id, application };
  }

  async #send(attempt: string, visitor: CodeVisitor, recipient: Recipient): Promise<void> {
    const { clock, random, keys, limits, log, mailer, organisationId } = this.#control;
    const limit = await limits.count('mail:all', MAILS_PER_WINDOW);
    if (limit?.isFirst) log.error('too many mails are asked for, so no more are sent for a while', {});
    if (limit) return;
    const code = sixDigits(random);
    const { email, purpose, userId, resourceId, application } = recipient;
    const row: EmailCodesTable = {
      ...{ id: attempt, organisation_id: organisationId, purpose, email, user_id: userId, resource_id: resourceId },
      browser_hash: visitor.browser,
      code_mac: keys.sealing.mac(code, `email code ${attempt}`),
      expires_unix_ms: Math.round(clock.unixMs()) + EMAIL_CODE_LIFE_MS,
    };
    await change(this.#control, actorOf(visitor), async (transaction) => {
      const organisation = await firstOrganisation(transaction);
      const letter = renderLetter(codeLetter(organisation?.name ?? 'Manis', code, application));
      await putEmailCode(transaction, row);
      await mailer.add(transaction, {
        organisationId,
        purpose: 'code',
        to: email,
        letter,
        livesMs: EMAIL_CODE_LIFE_MS,
      });
      const detail = { purpose, ...(userId !== null && { userId }), ...(resourceId !== null && { resourceId }) };
      return { value: undefined, note: { action: 'email-code.send', subject: email, detail } };
    });
    mailer.wake();
  }

  /** The row of a right code, which is gone with this; undefined where it is not right. Every try counts. */
  async #spend(
    visitor: CodeVisitor,
    attempt: string,
    code: string,
    isFor: (purpose: string) => boolean,
  ): Promise<EmailCodesTable | undefined> {
    const { store, clock, keys, limits } = this.#control;
    const client = `address:${addressGroup(visitor.clientAddress)}`;
    const limit = await limits.count(client, SIGN_IN_TRIES_PER_ADDRESS);
    if (limit) throw tooMany(limit.waitMs);
    const isUsedUp = await limits.count(`email-code:${attempt}`, EMAIL_CODE_TRIES, EMAIL_CODE_LIFE_MS);
    const row = await findEmailCode(store.database, attempt);
    const mac = keys.sealing.mac(code, `email code ${attempt}`);
    const isRight =
      sameSecret(row?.code_mac ?? '', mac) &&
      sameSecret(row?.browser_hash ?? '', visitor.browser) &&
      clock.unixMs() < (row?.expires_unix_ms ?? 0);
    if (row && isRight && !isUsedUp && isFor(row.purpose) && (await spendEmailCode(store.database, attempt))) {
      await limits.giveBack(client);
      return row;
    }
    const note = { action: 'sign-in.refuse', subject: row?.email ?? null, outcome: 'code-refused' };
    await this.#note(store.database, visitor, note);
    return undefined;
  }

  /** Asked again: the user may have been disabled, and the address taken off the list, since the mail went out. */
  async #provedBy(row: EmailCodesTable): Promise<ProvedAddress | undefined> {
    const now = await this.#recipientOf(row.email, row.resource_id ?? undefined);
    if (now?.purpose !== row.purpose) return undefined;
    if (row.user_id === null)
      return row.resource_id === null ? undefined : { kind: 'guest', email: row.email, resourceId: row.resource_id };
    const user = await findUser(this.#control.store.database, row.user_id);
    return user && { kind: 'user', user };
  }

  #note(queries: Queries, visitor: CodeVisitor, note: AuditNote): Promise<void> {
    return audit(this.#control, queries, actorOf(visitor), { ...note, detail: { popId: visitor.popId } });
  }
}

/** Counts a mail before anybody knows whether there is one to send. Failure `sign-in-rate-limited`. */
export async function refuseTooMany({ limits }: Control, clientAddress: string, email: string): Promise<void> {
  const to = email.toLowerCase();
  const limit =
    (await limits.count(`mail:from:${addressGroup(clientAddress)}`, MAILS_PER_CLIENT)) ??
    (await limits.count(`mail:to:${to}`, MAILS_PER_ADDRESS)) ??
    (await limits.count(`mail:day:${to}`, MAILS_PER_ADDRESS_A_DAY, MAIL_DAY_MS));
  if (limit) throw tooMany(limit.waitMs);
}

function actorOf({ popId, clientAddress }: CodeVisitor) {
  return { name: `pop:${popId}`, clientAddress };
}

/** Six digits, each number as likely as the others. */
function sixDigits(random: Control['random']): string {
  for (;;) {
    const value = new DataView(random.bytes(4).slice().buffer).getUint32(0);
    if (value < 4_294_000_000) return String(value % 1_000_000).padStart(6, '0');
  }
}

function tooMany(waitMs: number): ControlFailure {
  const retryAfterMs = Math.ceil(waitMs);
  return new ControlFailure('sign-in-rate-limited', 'too many codes or tries; try again later', { retryAfterMs });
}

export function refusedCode(): ControlFailure {
  return new ControlFailure('sign-in-refused', 'the code is not right, or it has ended');
}
