/** Records of how people come in. */

/** An organisation's mails leave: codes and links can be mailed. Where there is none they cannot. */
export interface MailRecord {
  readonly kind: 'mail';
  /** The organisation's id. */
  readonly id: string;
  /** Whether its users may sign in with a mailed code in place of a password. */
  readonly codeSignIn: boolean;
}
