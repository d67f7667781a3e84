import { organisationFetch } from '../../frame/organisation.ts';
import { apiQuery, type Filter } from './filter.ts';

/** Asks for the file and hands it to the browser. The file is bounded by the server. */
export async function saveExport(filter: Filter, format: 'csv' | 'jsonl'): Promise<void> {
  const query = new URLSearchParams({ format });
  for (const [name, value] of Object.entries(apiQuery(filter, Date.now())))
    if (value !== undefined) query.set(name, String(value));
  const response = await organisationFetch(new URL(`/api/v1/requests/export?${query}`, location.href));
  if (!response.ok) return;
  const link = document.createElement('a');
  link.href = URL.createObjectURL(await response.blob());
  link.download = `requests.${format}`;
  link.click();
  URL.revokeObjectURL(link.href);
}
