import { STORE_PAGE_ROWS_MAX } from '../../io/store/constants.ts';
import type { Page, PageRequest } from '../../io/store/index.ts';

/** Every page of a list, one after another. */
export async function everyRow<Row>(list: (request: PageRequest) => Promise<Page<Row>>): Promise<Row[]> {
  const rows: Row[] = [];
  let after: string | null = null;
  do {
    const page: Page<Row> = await list({ limit: STORE_PAGE_ROWS_MAX, ...(after !== null && { after }) });
    rows.push(...page.rows);
    after = page.next;
  } while (after !== null);
  return rows;
}
