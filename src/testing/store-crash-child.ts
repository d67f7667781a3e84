/**
 * The victim of the kill test: opens the store and commits without end, saying each commit on standard output after
 * it is done. Run as `node store-crash-child.ts <dataDir>`.
 */
import { writeSync } from 'node:fs';
import { insertSite, openSqliteStore, readCounters } from '../io/store/index.ts';

const store = await openSqliteStore({ dataDir: process.argv[2] ?? '', nowUnixMs: 1 });
for (let number = (await readCounters(store.database)).revision + 1; ; number++) {
  const name = String(number).padStart(9, '0');
  await store.publish((transaction) => insertSite(transaction, { id: name, name, created_unix_ms: number }));
  writeSync(1, `${name}\n`);
}
