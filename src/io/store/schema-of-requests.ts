/** What became of one request at a resource. */
export interface RequestLogTable {
  /** Begins with the time of the request; follows from PoP and request, so that a batch that comes twice is kept once. */
  id: string;
  organisation_id: string;
  resource_id: string;
  pop_id: string;
  /** As people see it on a page. */
  request_id: string;
  unix_ms: number;
  method: string;
  host: string;
  path: string;
  status: number;
  outcome: string;
  reason: string;
  /** Of a user the id, else `guest:` and an address, or `credential:` and an id. */
  subject_id: string | null;
  subject_name: string | null;
  client_address: string;
  /** The address as 32 hexadecimal digits, in the order of addresses; null where it is none. */
  address_key: string | null;
  country: string | null;
  total_ms: number;
  /** JSON of what is looked at in one request alone. */
  detail: string;
  /** What the row is reckoned to take. */
  size_bytes: number;
}

/** What an organisation's log of a day takes, so that nobody has to add up its rows. */
export interface RequestLogDaysTable {
  organisation_id: string;
  /** Days since 1970. */
  day: number;
  size_bytes: number;
  entries: number;
}

/** Which requests are logged: all, those that were refused or failed, or none. */
export type RequestLogLevel = 'all' | 'refused' | 'none';

export interface RequestLogSettingsTable {
  organisation_id: string;
  /** Empty: all resources of the organisation that say nothing themselves. */
  resource_id: string;
  level: RequestLogLevel;
  /** How long the organisation keeps its log, and how much of it; null: as by default. Of resources null. */
  kept_days: number | null;
  kept_bytes: number | null;
}

/** What was captured of a request; named as in the log. */
export interface RequestCapturesTable {
  id: string;
  organisation_id: string;
  resource_id: string;
  pop_id: string;
  unix_ms: number;
  /** Nobody sees it from then on. */
  expires_unix_ms: number;
  size_bytes: number;
  /** JSON of `CapturedRequest`, sealed. */
  sealed: string;
}

export interface RequestTables {
  request_captures: RequestCapturesTable;
  request_log: RequestLogTable;
  request_log_days: RequestLogDaysTable;
  request_log_settings: RequestLogSettingsTable;
}
