/** What came of a request that named itself, so that it can be answered again without being done again. */
export interface IdempotencyKeysTable {
  /** Who asked: `key:key_...`, and in which organisation. */
  principal: string;
  key: string;
  /** A keyed hash of what was asked: bodies hold secrets that are short. */
  fingerprint: string;
  state: 'running' | 'done';
  status: number;
  /** The answer's body, sealed: secrets that are shown once are in some. */
  answer: string;
  created_unix_ms: number;
}

export interface IdempotencyTables {
  idempotency_keys: IdempotencyKeysTable;
}
