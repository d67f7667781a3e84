/** How mails leave, those that wait to, and what was mailed to be typed or followed once. */
export interface MailSettingsTable {
  organisation_id: string;
  host: string;
  port: number;
  security: 'starttls' | 'tls' | 'none';
  user_name: string | null;
  /** Sealed, base64. */
  password: string | null;
  from_address: string;
  from_name: string;
  /** An authority to trust in place of the system's. */
  ca_pem: string | null;
  /** Whether users may sign in with a mailed code in place of their password. */
  code_sign_in: 0 | 1;
  /** Whether users are told of sign-ins from a device that they have not used before. */
  device_notices: 0 | 1;
  updated_unix_ms: number;
}

export interface MailsTable {
  id: string;
  organisation_id: string;
  /** What the mail is for, for the audit: `code`, `reset`, `notice`, `invitation`. */
  purpose: string;
  recipient: string;
  /** JSON of subject, text and HTML, sealed, base64: it may hold a code or a link. */
  contents: string;
  created_unix_ms: number;
  /** When it is tried next; a node that tries it puts this ahead, so no other node does. */
  next_unix_ms: number;
  /** After this nobody wants it. */
  expires_unix_ms: number;
  tries: number;
}

/** The one live code of an address for a purpose. */
export interface EmailCodesTable {
  /** The attempt that it was asked for in: 128 bits that the asking browser alone was told. */
  id: string;
  organisation_id: string;
  /** `sign-in`, `second-factor`, or `guest:` and the resource. */
  purpose: string;
  /** Lower case. */
  email: string;
  user_id: string | null;
  resource_id: string | null;
  /** SHA-256 of the browser's form cookie, hex. */
  browser_hash: string;
  /** HMAC-SHA-256 of attempt and code under a key of the installation, base64url: a plain hash of six digits would tell them. */
  code_mac: string;
  expires_unix_ms: number;
}

export interface PasswordResetsTable {
  /** SHA-256 of the secret of the link, hex. */
  token_hash: string;
  user_id: string;
  expires_unix_ms: number;
}

export interface MailTables {
  mail_settings: MailSettingsTable;
  mails: MailsTable;
  email_codes: EmailCodesTable;
  password_resets: PasswordResetsTable;
}
