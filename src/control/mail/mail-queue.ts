import type { Clock, Random } from '../../base/index.ts';
import { type Mail, MailFailure, type MailServer } from '../../io/mail/send-mail.ts';
import {
  deleteMail,
  insertMail,
  type MailsTable,
  nextMailUnixMs,
  putOffMail,
  type Queries,
  type Store,
  takeDueMails,
} from '../../io/store/index.ts';
import type { StoreSealing } from '../../io/store-sealing.ts';
import {
  MAIL_CLAIM_MS,
  MAIL_LOOK_MIN_MS,
  MAIL_POLL_MS,
  MAIL_RETRY_DELAYS_MS,
  MAILS_AT_ONCE,
  MAILS_QUEUED_MAX,
} from '../constants.ts';
import { newId } from '../ids.ts';
import { StoreQueue } from '../store-queue.ts';
import type { RenderedLetter } from './letter.ts';

/** What is to be mailed. */
export interface Outgoing {
  readonly organisationId: string;
  readonly purpose: 'code' | 'reset' | 'notice' | 'invitation';
  readonly to: string;
  readonly letter: RenderedLetter;
  /** After this time nobody wants it any more: a code is not sent when it is dead. */
  readonly livesMs: number;
}

export interface MailQueueOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly sealing: StoreSealing;
  /** How an organisation's mails leave; undefined where it has not said. */
  readonly serverOf: (organisationId: string) => Promise<MailServer | undefined>;
  readonly send: (server: MailServer, mail: Mail) => Promise<void>;
  /** A mail was given up. */
  readonly lost: (row: MailsTable, reason: string) => Promise<void>;
  readonly failed: (error: unknown) => void;
}

/**
 * Mails that wait in the store, so that no restart loses one: whichever control node gets to it first sends it, and tries
 * again when the server cannot or will not take it yet. A node that dies between the server's word and its own note
 * leaves a mail that is sent twice, under the same Message-ID.
 */
export class MailQueue {
  readonly #options: MailQueueOptions;
  readonly #queue: StoreQueue<MailsTable>;

  constructor(options: MailQueueOptions) {
    this.#options = options;
    const { clock, failed, store } = options;
    this.#queue = new StoreQueue({
      ...{ clock, failed, atOnce: MAILS_AT_ONCE, lookMinMs: MAIL_LOOK_MIN_MS, pollMs: MAIL_POLL_MS },
      takeDue: (nowUnixMs) => takeDueMails(store.database, nowUnixMs, nowUnixMs + MAIL_CLAIM_MS, MAILS_AT_ONCE),
      tryRow: (row) => this.#try(row),
      nextUnixMs: () => nextMailUnixMs(store.database),
    });
  }

  /**
   * Takes a mail, in whatever transaction it belongs to; call `wake` after the commit. False where too many wait already:
   * then the mail server has been away for long, or somebody makes us write mails.
   */
  add(queries: Queries, { organisationId, purpose, to, letter, livesMs }: Outgoing): Promise<boolean> {
    const { clock, random, sealing } = this.#options;
    const id = newId('mai', clock, random);
    const nowUnixMs = Math.round(clock.unixMs());
    const row: MailsTable = {
      ...{ id, organisation_id: organisationId, purpose, recipient: to },
      contents: sealing.seal(JSON.stringify(letter), id),
      ...{ created_unix_ms: nowUnixMs, next_unix_ms: nowUnixMs, expires_unix_ms: nowUnixMs + livesMs, tries: 0 },
    };
    return insertMail(queries, row, MAILS_QUEUED_MAX);
  }

  /** Begins to look after the queue, and does so until `stop`. */
  wake(): void {
    this.#queue.wake();
  }

  /** Waits for mails that are on their way out. */
  stop(): Promise<void> {
    return this.#queue.stop();
  }

  /** Sends what is due now. */
  work(): Promise<void> {
    return this.#queue.work();
  }

  async #try(row: MailsTable): Promise<void> {
    const { store, clock } = this.#options;
    const reason = await this.#send(row);
    const delayMs = MAIL_RETRY_DELAYS_MS[Math.min(row.tries, MAIL_RETRY_DELAYS_MS.length) - 1] ?? 0;
    const nextUnixMs = Math.round(clock.unixMs()) + delayMs;
    if (reason && !reason.isFinal && nextUnixMs < row.expires_unix_ms)
      return putOffMail(store.database, row.id, nextUnixMs);
    await deleteMail(store.database, row.id);
    if (reason) await this.#options.lost(row, reason.text);
  }

  /** Undefined: the server has it. */
  async #send(row: MailsTable): Promise<{ readonly isFinal: boolean; readonly text: string } | undefined> {
    const { clock, sealing, serverOf, send, failed } = this.#options;
    if (clock.unixMs() >= row.expires_unix_ms) return { isFinal: true, text: 'nobody waits for it any more' };
    const server = await serverOf(row.organisation_id);
    if (!server) return { isFinal: true, text: 'no mail server is set' };
    const contents = sealing.unseal(row.contents, row.id);
    if (contents === undefined) return { isFinal: true, text: 'it was sealed by another installation' };
    const letter = JSON.parse(contents) as RenderedLetter;
    const domain = server.from.address.slice(server.from.address.indexOf('@') + 1);
    try {
      await send(server, { messageId: `<${row.id}@${domain}>`, to: row.recipient, ...letter });
      return undefined;
    } catch (error) {
      if (!(error instanceof MailFailure)) failed(error);
      return error instanceof MailFailure
        ? { isFinal: error.isFinal, text: error.message }
        : { isFinal: true, text: 'an unexpected error; see the log' };
    }
  }
}
