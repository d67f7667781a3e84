/**
 * The local certificate authority: one for all control nodes, so it lives in the store, its key sealed. What is in
 * the data directory is a copy of the certificate for people to trust.
 */
import { join } from 'node:path';
import type { Clock, Random } from '../base/index.ts';
import { checkedCa, type LocalCa, openLocalCa } from '../io/certificates.ts';
import { EVERYBODY_READS, readText, removeFile, replaceFile } from '../io/files.ts';
import {
  type AuthoritiesTable,
  findAuthority,
  insertAuthority,
  type Store,
  setAuthorityKey,
} from '../io/store/index.ts';
import type { StoreSealing } from '../io/store-sealing.ts';

/** What its sealed key belongs to. */
const KEY_PLACE = 'key of the local authority';

export interface AuthorityParts {
  readonly store: Store;
  readonly dataDir: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly sealing: StoreSealing;
}

/** Takes the authority from the store; where it has none yet, from the files of an older version, or a new one. */
export async function openAuthority(parts: AuthorityParts): Promise<LocalCa> {
  const { store, dataDir } = parts;
  const row = (await findAuthority(store.database)) ?? (await make(parts));
  const file = join(dataDir, 'ca.pem');
  const ca = checkedCa({ certificatePem: row.certificate_pem, keyPem: await keyOf(parts, row), file });
  if ((await readText(file)) !== ca.certificatePem) await replaceFile(file, ca.certificatePem, EVERYBODY_READS);
  // The key is in one place.
  await removeFile(join(dataDir, 'ca-key.pem'));
  return ca;
}

/** One of an older version is in clear: it is sealed now. */
async function keyOf({ store, sealing }: AuthorityParts, { key_pem }: AuthoritiesTable): Promise<string> {
  if (!key_pem.startsWith('-----BEGIN')) return sealing.unseal(key_pem, KEY_PLACE) ?? '';
  await setAuthorityKey(store.database, sealing.seal(key_pem, KEY_PLACE));
  return key_pem;
}

/** Of two nodes that start together, one's becomes the authority of both. */
async function make({ store, dataDir, clock, random, sealing }: AuthorityParts): Promise<AuthoritiesTable> {
  const made = await openLocalCa(dataDir, clock.unixMs(), random);
  const row: AuthoritiesTable = {
    id: 'local',
    certificate_pem: made.certificatePem,
    key_pem: sealing.seal(made.keyPem, KEY_PLACE),
    created_unix_ms: Math.round(clock.unixMs()),
  };
  return store.transaction(async (transaction) => {
    const known = await findAuthority(transaction);
    if (!known) await insertAuthority(transaction, row);
    return known ?? row;
  });
}
