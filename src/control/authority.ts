/**
 * The local certificate authority: one for all control nodes, so it lives in the store, beside the root key. What is in
 * the data directory is a copy of the certificate for people to trust.
 */
import { join } from 'node:path';
import type { Clock, Random } from '../base/index.ts';
import { checkedCa, type LocalCa, openLocalCa } from '../io/certificates.ts';
import { EVERYBODY_READS, readText, removeFile, replaceFile } from '../io/files.ts';
import { type AuthoritiesTable, findAuthority, insertAuthority, type Store } from '../io/store/index.ts';

/** Takes the authority from the store; where it has none yet, from the files of an older version, or a new one. */
export async function openAuthority(store: Store, dataDir: string, clock: Clock, random: Random): Promise<LocalCa> {
  const row = (await findAuthority(store.database)) ?? (await make(store, dataDir, clock, random));
  const file = join(dataDir, 'ca.pem');
  const ca = checkedCa({ certificatePem: row.certificate_pem, keyPem: row.key_pem, file });
  if ((await readText(file)) !== ca.certificatePem) await replaceFile(file, ca.certificatePem, EVERYBODY_READS);
  // The key is in one place.
  await removeFile(join(dataDir, 'ca-key.pem'));
  return ca;
}

/** Of two nodes that start together, one's becomes the authority of both. */
async function make(store: Store, dataDir: string, clock: Clock, random: Random): Promise<AuthoritiesTable> {
  const made = await openLocalCa(dataDir, clock.unixMs(), random);
  const row: AuthoritiesTable = {
    id: 'local',
    certificate_pem: made.certificatePem,
    key_pem: made.keyPem,
    created_unix_ms: Math.round(clock.unixMs()),
  };
  return store.transaction(async (transaction) => {
    const known = await findAuthority(transaction);
    if (!known) await insertAuthority(transaction, row);
    return known ?? row;
  });
}
