/** How long a statement waits for another process's write before it fails. */
export const STORE_BUSY_TIMEOUT_MS = 5_000;
/** Prepared statements kept for one database; the oldest is dropped. */
export const STORE_STATEMENT_CACHE_SIZE = 256;
/** Pause between tries to switch a database to WAL while another process does the same. */
export const STORE_OPEN_RETRY_MS = 20;
/** Rows of a page unless the request says otherwise. */
export const STORE_PAGE_ROWS_DEFAULT = 50;
/** Most rows of a page. */
export const STORE_PAGE_ROWS_MAX = 200;
/** Words of a search that are looked for: each of them reads every row of a list. */
export const STORE_SEARCH_WORDS_MAX = 8;
/** First overlay port given to a target; lower ones are for Manis itself. */
export const FIRST_TARGET_OVERLAY_PORT = 1024;
/** Connections of one control node to PostgreSQL: changes go one after another, so these are for reading. */
export const STORE_CONNECTIONS_MAX = 10;
/** Time for a connection to PostgreSQL, and for a free one of the pool; then requests are told that there is no store. */
export const STORE_CONNECT_TIMEOUT_MS = 5_000;
/** Longest statement; the longest are the pages of a backup and the reading for a publication. */
export const STORE_STATEMENT_TIMEOUT_MS = 15_000;
/** Silence of PostgreSQL after which a connection is given up: longer than the longest statement. */
export const STORE_ANSWER_TIMEOUT_MS = 20_000;
/** Wait for a lock of another node, whose transactions take milliseconds. */
export const STORE_LOCK_TIMEOUT_MS = 10_000;
/** A transaction that does nothing for this long belongs to a node that hangs; its locks must not hold up the others. */
export const STORE_IDLE_TRANSACTION_MS = 30_000;
/** Tries of a transaction that PostgreSQL broke off because of another one. */
export const STORE_TRANSACTION_TRIES = 5;
/** How often a node looks whether another one committed something, beside being told (network.md, point 8). */
export const STORE_POLL_INTERVAL_MS = 500;
/** First pause before the listening connection is opened again; it doubles. */
export const STORE_RECONNECT_FIRST_MS = 100;
/** Longest such pause: a node is back this soon after PostgreSQL is. */
export const STORE_RECONNECT_MAX_MS = 2_000;
/** Changes of a target's health that are kept: enough to see a day of trouble. */
export const TARGET_HEALTH_CHANGES_KEPT = 100;
/** Rows of a backup or a copy that are read and written at once: 60 values each fit into one statement of SQLite. */
export const ARCHIVE_PAGE_ROWS = 500;
/** Longest line of a backup: a row with the largest policy that the API takes, and room. */
export const ARCHIVE_LINE_MAX_BYTES = 16 * 1024 * 1024;
/** Rows of the request log that one statement writes or deletes: 20 values each, and nothing waits long for it. */
export const STORE_ROWS_AT_ONCE = 500;
/** How long PostgreSQL keeps what was touched: a node that read nothing for half as long reads everything. */
export const TOUCHES_KEPT_MS = 86_400_000;
/** Things that a publication reads by their ids; of more everything is read, which takes no longer then. */
export const PUBLISHED_PART_MAX = 1_000;
