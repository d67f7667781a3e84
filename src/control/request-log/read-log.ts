import { filtered, type Queries, type RequestFilter, type RequestLogTable } from '../../io/store/index.ts';
import { REQUEST_LOG_READ_ROWS } from '../constants.ts';

/**
 * Requests of an organisation, the newest first, a few at a time, so that reading many holds nothing up. Ends after `most`.
 */
export async function* readLog(
  queries: Queries,
  organisationId: string,
  filter: RequestFilter,
  most: number,
): AsyncGenerator<readonly RequestLogTable[]> {
  let after: string | undefined;
  for (let left = most; left > 0; ) {
    const rows = filtered(queries.selectFrom('request_log').selectAll(), organisationId, filter);
    const next = after === undefined ? rows : rows.where('id', '<', after);
    const wanted = Math.min(left, REQUEST_LOG_READ_ROWS);
    const page = await next.orderBy('id', 'desc').limit(wanted).execute();
    if (page.length > 0) yield page;
    if (page.length < wanted) return;
    left -= page.length;
    after = page.at(-1)?.id;
    // An embedded store answers at once, so without this nothing else would be served in between.
    await new Promise((resolve) => setImmediate(resolve));
  }
}
