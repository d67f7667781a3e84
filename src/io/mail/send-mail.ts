import { createTransport } from 'nodemailer';
import { Failure } from '../../base/index.ts';
import {
  MAIL_ANSWER_MAX_CHARS,
  MAIL_CONNECT_TIMEOUT_MS,
  MAIL_SEND_TIMEOUT_MS,
  MAIL_SILENCE_TIMEOUT_MS,
  MAIL_SUBJECT_MAX_CHARS,
} from './constants.ts';
import { isHeaderText, isMailAddress } from './mail-address.ts';

/** `none` is for a mail server on the same machine: it is spelled out, and takes no credentials. */
export type MailSecurity = 'starttls' | 'tls' | 'none';

/** How mails leave: one mail server that takes them for everybody (RFC 6409). */
export interface MailServer {
  readonly host: string;
  readonly port: number;
  readonly security: MailSecurity;
  readonly credentials?: { readonly userName: string; readonly password: string };
  /** PEM of an authority to trust in place of the system's. */
  readonly caPem?: string;
  readonly from: { readonly address: string; readonly name: string };
}

/** A mail to one person. */
export interface Mail {
  /** Stays the same when it is tried again, so that a server which got it twice can tell: `<id@domain>`. */
  readonly messageId: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

export type MailFailureCode =
  | 'mail-malformed'
  | 'mail-server-unreachable'
  | 'mail-tls-failed'
  | 'mail-credentials-refused'
  | 'mail-refused'
  | 'mail-put-off';

/** Why a mail did not go out. */
export class MailFailure extends Failure {
  override readonly name = 'MailFailure';
  declare readonly code: MailFailureCode;

  constructor(code: MailFailureCode, message: string) {
    super(code, message);
  }

  /** Whether the same mail to the same server would fail again, whenever it is tried. */
  get isFinal(): boolean {
    return this.code === 'mail-malformed' || this.code === 'mail-refused';
  }
}

/** Sends one mail; resolved when the server has taken it. Rejects with a MailFailure, whose text holds no secret. */
export async function sendMail(server: MailServer, mail: Mail): Promise<void> {
  refuseMalformed(server, mail);
  const transport = createTransport({
    host: server.host,
    port: server.port,
    secure: server.security === 'tls',
    requireTLS: server.security === 'starttls',
    ignoreTLS: server.security === 'none',
    ...(server.credentials && { auth: { user: server.credentials.userName, pass: server.credentials.password } }),
    tls: { minVersion: 'TLSv1.2', ...(server.caPem !== undefined && { ca: server.caPem }) },
    connectionTimeout: MAIL_CONNECT_TIMEOUT_MS,
    greetingTimeout: MAIL_CONNECT_TIMEOUT_MS,
    dnsTimeout: MAIL_CONNECT_TIMEOUT_MS,
    socketTimeout: MAIL_SILENCE_TIMEOUT_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  try {
    await within(MAIL_SEND_TIMEOUT_MS, transport.sendMail(messageOf(server, mail)));
  } catch (error) {
    throw error instanceof MailFailure ? error : failureOf(error as SmtpError, server);
  } finally {
    transport.close();
  }
}

/** Addresses go as objects, which are taken as they are: a text would be read as a list. */
function messageOf({ from }: MailServer, { messageId, to, subject, text, html }: Mail) {
  return {
    messageId,
    from: { name: from.name, address: from.address },
    to: { name: '', address: to },
    subject,
    text,
    html,
    // Nobody is away from a program, and nobody else answers it (RFC 3834 section 5).
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
  };
}

function refuseMalformed({ from }: MailServer, { messageId, to, subject }: Mail): void {
  const isWell =
    isMailAddress(to) &&
    isMailAddress(from.address) &&
    isHeaderText(from.name, MAIL_SUBJECT_MAX_CHARS) &&
    isHeaderText(subject, MAIL_SUBJECT_MAX_CHARS) &&
    /^<[A-Za-z0-9._@-]{1,200}>$/.test(messageId);
  if (!isWell) throw new MailFailure('mail-malformed', 'the mail has an address or a subject that mails cannot have');
}

interface SmtpError extends Error {
  readonly code?: string;
  readonly responseCode?: number;
  readonly response?: string;
}

function failureOf(error: SmtpError, { host, port }: MailServer): MailFailure {
  const where = `${host}:${port}`;
  const { code, responseCode = 0 } = error;
  const said = error.response === undefined ? '' : `: ${oneLine(error.response)}`;
  if (code === 'EAUTH') return new MailFailure('mail-credentials-refused', `${where} refused the credentials${said}`);
  // A refusal of STARTTLS itself is none of the mail: nodemailer gives it the code ETLS, with the server's status.
  if (code === 'ETLS') return new MailFailure('mail-tls-failed', `no TLS with ${where}: ${oneLine(error.message)}`);
  if (responseCode >= 500) return new MailFailure('mail-refused', `${where} refused the mail${said}`);
  if (responseCode >= 400) return new MailFailure('mail-put-off', `${where} did not take the mail yet${said}`);
  const isTls = code === 'ETLS' || /certificate|TLS|SSL|altnames/i.test(error.message);
  if (isTls) return new MailFailure('mail-tls-failed', `no TLS with ${where}: ${oneLine(error.message)}`);
  return new MailFailure('mail-server-unreachable', `${where} cannot be reached: ${oneLine(error.message)}`);
}

function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\s]+/gu, ' ').slice(0, MAIL_ANSWER_MAX_CHARS);
}

async function within(milliseconds: number, sent: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    const failure = new MailFailure('mail-server-unreachable', `the mail server took longer than ${milliseconds} ms`);
    timer = setTimeout(() => reject(failure), milliseconds);
  });
  try {
    await Promise.race([sent, late]);
  } finally {
    clearTimeout(timer);
  }
}
