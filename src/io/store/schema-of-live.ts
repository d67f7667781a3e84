/** Somebody looks at an organisation through a control node, until then. */
export interface LiveWatchesTable {
  control_id: string;
  organisation_id: string;
  until_unix_ms: number;
}

/** What a control node heard of an organisation that somebody looks at through another one; gone after seconds. */
export interface LiveNewsTable {
  id: string;
  control_id: string;
  organisation_id: string;
  unix_ms: number;
  /** JSON. */
  payload: string;
}

export interface LiveTables {
  live_watches: LiveWatchesTable;
  live_news: LiveNewsTable;
}
