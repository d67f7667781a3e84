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
/** First overlay port given to a target; lower ones are for Manis itself. */
export const FIRST_TARGET_OVERLAY_PORT = 1024;
