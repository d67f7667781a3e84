import { join } from 'node:path';
import { type Clock, fromBase64Url, type Random, toBase64Url } from '../base/index.ts';
import { type Delegation, delegate, type Signer } from '../core/link/index.ts';
import type { SessionCrypto, SigningKey } from '../core/session/index.ts';
import { type ConnectorProof, createConnectorProof } from '../io/connector-proof.ts';
import { OWNER_ONLY, readJson, writeJson } from '../io/files.ts';
import { createLinkSigner } from '../io/link-crypto.ts';
import {
  insertKey,
  type KeysTable,
  listKeys,
  type Store,
  StoreFailure,
  type StoreTransaction,
} from '../io/store/index.ts';
import { createStoreSealing, type StoreSealing } from '../io/store-sealing.ts';
import { DELEGATION_LIFETIME_MS, DELEGATION_RENEW_BEFORE_MS } from './constants.ts';
import { newId } from './ids.ts';

/** The keys of this installation and of this control node. */
export interface ControlKeys {
  readonly controlId: string;
  /** The node has just been made: nobody knows it yet. */
  readonly isNew: boolean;
  /** Ed25519, pinned by every node at enrolment. */
  readonly rootKey: Uint8Array;
  readonly signer: Signer;
  /** The same key for session tokens. */
  readonly sessionKey: SigningKey;
  /** For secrets of the store. */
  readonly sealing: StoreSealing;
  /** How connectors prove what a PoP brings from them. */
  readonly connectorProof: ConnectorProof;
  /** The root key's word for this node. */
  readonly delegation: () => Delegation;
  /** Makes it anew when it is due, while it still has months to go; true when it did. */
  readonly renewDelegation: () => boolean;
}

export interface KeysOptions {
  readonly store: Store;
  /** Its `node.json` says which of the store's control nodes this one is. */
  readonly dataDir: string;
  readonly crypto: SessionCrypto;
  readonly clock: Clock;
  readonly random: Random;
}

/** Reads the keys from the store, or makes them: the root key once, a node's own key at the node's first start. */
export async function openKeys(options: KeysOptions): Promise<ControlKeys> {
  const { store, dataDir, crypto, clock } = options;
  const file = join(dataDir, 'node.json');
  const { controlId: known } = ((await readJson(file)) ?? {}) as { controlId?: unknown };
  const { root, own, isNew } = await store.transaction((transaction) => findOrMake(transaction, known, options));
  if (own.id !== known) await writeJson(file, { controlId: own.id }, OWNER_ONLY);
  const rootSigner = signerOf(root, crypto);
  const signer = signerOf(own, crypto);
  const make = (): Delegation =>
    delegate(rootSigner, own.id, signer.publicKey, Math.round(clock.unixMs()) + DELEGATION_LIFETIME_MS);
  let delegation = make();
  return {
    controlId: own.id,
    isNew,
    rootKey: rootSigner.publicKey,
    signer,
    sessionKey: { id: own.id, signer },
    sealing: createStoreSealing(seedOf(root)),
    connectorProof: createConnectorProof(seedOf(root)),
    delegation: () => delegation,
    renewDelegation: () => {
      const isDue = delegation.notAfterUnixMs - clock.unixMs() < DELEGATION_RENEW_BEFORE_MS;
      if (isDue) delegation = make();
      return isDue;
    },
  };
}

/** An embedded store has one node, so it is that one whatever the file says: a store from before the file had none. */
async function findOrMake(transaction: StoreTransaction, known: unknown, options: KeysOptions) {
  const rows = await listKeys(transaction);
  const nodes = rows.filter((row) => row.purpose === 'control');
  const own = nodes.find((row) => row.id === known) ?? (options.store.isShared ? undefined : nodes.at(-1));
  return {
    root: rows.find((row) => row.purpose === 'root') ?? (await make(transaction, 'root', options)),
    own: own ?? (await make(transaction, 'control', options)),
    isNew: own === undefined,
  };
}

async function make(
  transaction: StoreTransaction,
  purpose: KeysTable['purpose'],
  { crypto, clock, random }: KeysOptions,
): Promise<KeysTable> {
  const { seed, publicKey } = crypto.generateKeyPair();
  const key: KeysTable = {
    id: purpose === 'root' ? 'root' : newId('ctl', clock, random),
    purpose,
    public_key: toBase64Url(publicKey),
    private_key: toBase64Url(seed),
    created_unix_ms: Math.round(clock.unixMs()),
  };
  await insertKey(transaction, key);
  return key;
}

function signerOf(row: KeysTable, crypto: SessionCrypto): Signer {
  const publicKey = fromBase64Url(row.public_key);
  if (publicKey?.length !== 32) throw unusable(row);
  return createLinkSigner(crypto, seedOf(row), publicKey);
}

function seedOf(row: KeysTable): Uint8Array {
  const seed = fromBase64Url(row.private_key);
  if (seed?.length !== 32) throw unusable(row);
  return seed;
}

function unusable(row: KeysTable): StoreFailure {
  return new StoreFailure('store-corrupt', `the store holds no usable ${row.purpose} key; restore a backup`);
}
