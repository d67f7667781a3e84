/** A mail server on loopback, with TLS from a CA of its own, that keeps what it is sent. */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import { issueLeaf, openLocalCa } from '../io/certificates.ts';
import type { MailSecurity } from '../io/mail/send-mail.ts';
import { createRandom } from '../io/random.ts';
import { patiently } from './eventually.ts';

export interface MailWorldOptions {
  readonly security?: MailSecurity;
  readonly credentials?: { readonly userName: string; readonly password: string };
  /** Has no STARTTLS, or somebody in between takes it away. */
  readonly withoutStartTls?: boolean;
}

export interface ReceivedMail extends ParsedMail {
  /** The envelope's recipients. */
  readonly recipients: readonly string[];
  /** The message as it came. */
  readonly raw: string;
  readonly isSecure: boolean;
}

export class MailWorld {
  readonly mails: ReceivedMail[] = [];
  /** Answers to the next recipients in place of 250: an SMTP status each. */
  readonly refusals: number[] = [];
  caPem = '';
  #server: SMTPServer | undefined;
  #port = 0;
  readonly #dataDir = mkdtempSync(join(tmpdir(), 'manis-mail-'));
  #waiting: (() => void)[] = [];

  static async start(options: MailWorldOptions = {}): Promise<MailWorld> {
    const world = new MailWorld();
    await world.#start(options);
    return world;
  }

  get port(): number {
    return this.#port;
  }

  async stop(): Promise<void> {
    await new Promise<void>((resolve) => this.#server?.close(() => resolve()) ?? resolve());
    rmSync(this.#dataDir, { recursive: true, force: true });
  }

  /** Takes the next mail to an address that was not taken yet, waiting for it if need be. */
  async next(to: string): Promise<ReceivedMail> {
    for (;;) {
      const index = this.mails.findIndex(({ recipients }) => recipients.includes(to));
      const [mail] = index < 0 ? [] : this.mails.splice(index, 1);
      if (mail) return mail;
      await patiently(new Promise<void>((resolve) => this.#waiting.push(resolve)), `a mail to ${to}`);
    }
  }

  /** The code in the next mail to an address. */
  async nextCode(to: string): Promise<string> {
    const code = /^ {4}(\d{6})$/m.exec((await this.next(to)).text ?? '')?.[1];
    if (code === undefined) throw new Error(`the mail to ${to} holds no code`);
    return code;
  }

  /** The first link in the next mail to an address. */
  async nextLink(to: string): Promise<URL> {
    const link = /^https:\S+$/m.exec((await this.next(to)).text ?? '')?.[0];
    if (link === undefined) throw new Error(`the mail to ${to} holds no link`);
    return new URL(link);
  }

  async #start({ security = 'starttls', credentials, withoutStartTls }: MailWorldOptions): Promise<void> {
    const random = createRandom();
    const ca = await openLocalCa(this.#dataDir, Date.now(), random);
    const leaf = issueLeaf(ca, { dns: ['localhost'], ip: ['127.0.0.1'] }, Date.now(), random);
    this.caPem = ca.certificatePem;
    const server = new SMTPServer({
      secure: security === 'tls',
      ...{ key: leaf.keyPem, cert: leaf.chainPem, logger: false },
      ...((withoutStartTls || security === 'none') && { disabledCommands: ['STARTTLS'] }),
      authOptional: credentials === undefined,
      onAuth: ({ username, password }, _session, done) => {
        const isRight = username === credentials?.userName && password === credentials?.password;
        done(isRight ? null : new Error('Invalid username or password'), { user: username });
      },
      onRcptTo: (_address, _session, done) => {
        const status = this.refusals.shift();
        done(status === undefined ? null : Object.assign(new Error('not now'), { responseCode: status }));
      },
      onData: (stream, session, done) => {
        const parts: Buffer[] = [];
        stream.on('data', (part: Buffer) => parts.push(part));
        stream.on('end', () => {
          const raw = Buffer.concat(parts);
          const recipients = session.envelope.rcptTo.map(({ address }) => address);
          simpleParser(raw).then((parsed) => {
            this.mails.push({ ...parsed, recipients, raw: raw.toString('latin1'), isSecure: session.secure });
            for (const wake of this.#waiting.splice(0)) wake();
            done();
          }, done);
        });
      },
    });
    server.on('error', () => undefined);
    this.#server = server;
    server.listen(0, '127.0.0.1');
    await once(server.server, 'listening');
    this.#port = (server.server.address() as AddressInfo).port;
  }
}
