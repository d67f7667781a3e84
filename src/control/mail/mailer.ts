import type { Clock, Random } from '../../base/index.ts';
import type { Log } from '../../io/log.ts';
import { type MailServer, sendMail } from '../../io/mail/send-mail.ts';
import {
  findMailSettings,
  insertAuditEvents,
  type MailSettingsTable,
  type MailsTable,
  type Queries,
  type Store,
} from '../../io/store/index.ts';
import type { StoreSealing } from '../../io/store-sealing.ts';
import { newId } from '../ids.ts';
import type { RenderedLetter } from './letter.ts';
import { MailQueue, type Outgoing } from './mail-queue.ts';

export interface MailerOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly sealing: StoreSealing;
  /** The organisation whose mail server serves those that have none of their own. */
  readonly organisationId: string;
}

/** How control mails: whose server it goes through, and the queue in front of it. */
export class Mailer {
  readonly #options: MailerOptions;
  readonly #queue: MailQueue;

  constructor(options: MailerOptions) {
    this.#options = options;
    const { store, clock, random, log, sealing } = options;
    this.#queue = new MailQueue({
      ...{ store, clock, random, sealing, send: sendMail },
      serverOf: (organisationId) => this.serverOf(organisationId),
      lost: (row, reason) => this.#lost(row, reason),
      failed: (error) => log.error('mails cannot be sent', { error }),
    });
  }

  /** The settings by which an organisation mails: its own, else the first organisation's. */
  async settingsOf(queries: Queries, organisationId: string): Promise<MailSettingsTable | undefined> {
    const own = await findMailSettings(queries, organisationId);
    return own ?? findMailSettings(queries, this.#options.organisationId);
  }

  async serverOf(organisationId: string): Promise<MailServer | undefined> {
    const row = await this.settingsOf(this.#options.store.database, organisationId);
    return row && mailServerOf(row, this.#options.sealing);
  }

  /** Puts a mail into the queue, within a transaction; `wake` after it. Where the queue is full the mail is lost, which is logged. */
  async add(queries: Queries, outgoing: Outgoing): Promise<void> {
    if (!(await this.#queue.add(queries, outgoing)))
      this.#options.log.error('too many mails wait, so one is not sent', { purpose: outgoing.purpose });
  }

  wake(): void {
    this.#queue.wake();
  }

  /** Sends without the queue, for an administrator who wants to see what happens. Rejects with a MailFailure. */
  async sendNow(server: MailServer, to: string, letter: RenderedLetter): Promise<void> {
    const { clock, random } = this.#options;
    const domain = server.from.address.slice(server.from.address.indexOf('@') + 1);
    await sendMail(server, { messageId: `<${newId('mai', clock, random)}@${domain}>`, to, ...letter });
  }

  stop(): Promise<void> {
    return this.#queue.stop();
  }

  /** An administrator reads in the audit that a mail never arrived, and why. */
  async #lost(row: MailsTable, reason: string): Promise<void> {
    const { store, clock, random, log } = this.#options;
    log.warn('a mail was given up', { purpose: row.purpose, reason });
    await insertAuditEvents(store.database, [
      {
        ...{ id: newId('aud', clock, random), unix_ms: Math.round(clock.unixMs()), source: 'control' },
        ...{ actor: 'system', action: 'mail.lose', subject: row.recipient, outcome: 'failed', client_address: '' },
        detail: JSON.stringify({ purpose: row.purpose, tries: row.tries, reason }),
        organisation_id: null,
      },
    ]);
  }
}

/** The row opened. Undefined where its password is another installation's. */
export function mailServerOf(row: MailSettingsTable, sealing: StoreSealing): MailServer | undefined {
  const password = row.password === null ? null : sealing.unseal(row.password, passwordPlace(row.organisation_id));
  if (password === undefined) return undefined;
  return {
    host: row.host,
    port: row.port,
    security: row.security,
    ...(row.user_name !== null && password !== null && { credentials: { userName: row.user_name, password } }),
    ...(row.ca_pem !== null && { caPem: row.ca_pem }),
    from: { address: row.from_address, name: row.from_name },
  };
}

/** What a sealed password belongs to. */
export function passwordPlace(organisationId: string): string {
  return `mail password of ${organisationId}`;
}
