/** What people prove themselves with besides a password, and what an organisation asks for. */

type Flag = 0 | 1;

/** An authenticator application. */
export interface TotpKeysTable {
  id: string;
  user_id: string;
  name: string;
  /** Base32, sealed for this row. Control must know it to judge codes. */
  secret: string;
  /** The step of the last code that was taken; it and those before are used up. */
  last_step: number;
  /** Null until a code has proved that the application has the secret. */
  confirmed_unix_ms: number | null;
  created_unix_ms: number;
  last_used_unix_ms: number | null;
}

export interface RecoveryCodesTable {
  /** SHA-256 of the code and its user, hex. */
  code_hash: string;
  user_id: string;
  created_unix_ms: number;
  used_unix_ms: number | null;
}

export interface PasskeysTable {
  id: string;
  user_id: string;
  name: string;
  /** Base64url. */
  credential_id: string;
  /** COSE key, base64url. */
  public_key: string;
  counter: number;
  /** JSON list of text. */
  transports: string;
  backed_up: Flag;
  created_unix_ms: number;
  last_used_unix_ms: number | null;
}

/** A browser in which its user may leave out the second step. */
export interface RememberedBrowsersTable {
  id: string;
  user_id: string;
  secret_hash: string;
  client_address: string;
  user_agent: string;
  created_unix_ms: number;
  expires_unix_ms: number;
  last_used_unix_ms: number;
}

/** A device by the key that its browser made. */
export interface KnownDevicesTable {
  /** Beginning of the SHA-256 of the key, which the browser knows as well. */
  id: string;
  user_id: string;
  name: string;
  /** SubjectPublicKeyInfo, base64url. */
  public_key: string;
  user_agent: string;
  created_unix_ms: number;
  last_used_unix_ms: number | null;
  approved_unix_ms: number | null;
  /** Who approved it, as the audit names them. */
  approved_by: string | null;
}

/** What an organisation asks of its people; no row: nothing. */
export interface MfaSettingsTable {
  organisation_id: string;
  /** Of everybody. */
  required: Flag;
  /** JSON list of names of roles whose holders need a factor whatever `required` says. */
  required_roles: string;
  /** Since when something is required. */
  since_unix_ms: number;
  /** How long people may do without after that, or after they came. */
  grace_ms: number;
  /** How long a browser is remembered; 0: not at all. */
  remember_ms: number;
  /** Whether a remembered browser counts as a factor for policies that ask for one. */
  remembered_counts: Flag;
  /** Whether a code by mail does for people without a factor of their own. */
  email_codes: Flag;
}

/** What is good for one time and was used: second steps and challenges, until they are over anyway. */
export interface SpentProofsTable {
  id: string;
  until_unix_ms: number;
}

export interface FactorTables {
  totp_keys: TotpKeysTable;
  recovery_codes: RecoveryCodesTable;
  passkeys: PasskeysTable;
  remembered_browsers: RememberedBrowsersTable;
  known_devices: KnownDevicesTable;
  mfa_settings: MfaSettingsTable;
  spent_proofs: SpentProofsTable;
}
