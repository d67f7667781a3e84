/** A program that waits for somebody to sign it in with a code (RFC 8628). */
export interface ProgramSignInsTable {
  id: string;
  /** Of what the program asks with. */
  secret_hash: string;
  /** Of what the person types. */
  code_hash: string;
  program: string;
  computer: string;
  /** Where the program is. */
  client_address: string;
  /** Who signed it in; null: nobody yet. */
  user_id: string | null;
  state: 'waiting' | 'approved' | 'refused';
  created_unix_ms: number;
  expires_unix_ms: number;
  /** When the program asked last. */
  asked_unix_ms: number;
}

export interface ProgramSignInTables {
  program_sign_ins: ProgramSignInsTable;
}
