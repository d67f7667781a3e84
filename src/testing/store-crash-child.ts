/**
 * The victim of the kill tests: opens the store and commits without end, saying each commit on standard output after
 * it is done. Run as `node store-crash-child.ts <dataDir or URL>`.
 */
import { writeSync } from 'node:fs';
import { insertSite, isPostgresUrl, openPostgresStore, openSqliteStore, readCounters } from '../io/store/index.ts';

const place = process.argv[2] ?? '';
const store = isPostgresUrl(place)
  ? await openPostgresStore({ url: place, nowUnixMs: 1 })
  : await openSqliteStore({ dataDir: place, nowUnixMs: 1 });
for (let number = (await readCounters(store.database)).revision + 1; ; number++) {
  const name = String(number).padStart(9, '0');
  await store.publish((transaction) =>
    insertSite(transaction, { organisation_id: 'org_1', id: name, name, created_unix_ms: number }),
  );
  writeSync(1, `${name}\n`);
}
