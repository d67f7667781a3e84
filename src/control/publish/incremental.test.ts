/** heavy: edits at random of every table that snapshots are made of; on PostgreSQL in `test/interop`. */
import { openSqliteStore } from '../../io/store/index.ts';
import { runPublicationsSuite } from '../../testing/suite-of-publications.ts';

const ROUNDS = 60;

runPublicationsSuite('SQLite', ROUNDS, (dataDir) => openSqliteStore({ dataDir, nowUnixMs: 1 }));
