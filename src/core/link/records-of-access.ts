/** Records of how people come in. */

/** An organisation's mails leave: codes and links can be mailed. Where there is none they cannot. */
export interface MailRecord {
  readonly kind: 'mail';
  /** The organisation's id. */
  readonly id: string;
  /** Whether its users may sign in with a mailed code in place of a password. */
  readonly codeSignIn: boolean;
}

/** A passkey that a PoP can judge without control. */
export interface PublishedPasskey {
  /** Credential id, base64url. */
  readonly id: string;
  /** COSE key, base64url. */
  readonly publicKey: string;
}

/** A device whose browser has a key of its own. */
export interface KnownDeviceRecord {
  readonly kind: 'knownDevice';
  /** Beginning of the SHA-256 of its key. */
  readonly id: string;
  /** Whose it is: it is known for them alone. */
  readonly userId: string;
  /** SubjectPublicKeyInfo of an ECDSA P-256 key, base64url. */
  readonly publicKey: string;
  /** By an administrator. */
  readonly approved: boolean;
}
