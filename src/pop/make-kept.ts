/** What a PoP keeps on its disk of what it was told, and has to tell. */
import { join } from 'node:path';
import type { Clock } from '../base/index.ts';
import type { SessionCrypto } from '../core/session/index.ts';
import type { Identity } from '../io/identity.ts';
import { createSigningPort } from '../io/link-crypto.ts';
import type { Log } from '../io/log.ts';
import { sealedFile } from '../io/sealed-file.ts';
import { sealedPieces } from '../io/sealed-pieces.ts';
import { AuditLog } from './audit-log.ts';
import type { Counters } from './counters.ts';
import { SnapshotHolder, type SnapshotHolderOptions } from './snapshot-holder.ts';

/** Where it is kept, what it is sealed with, and who says what. */
export interface KeptMaterials {
  readonly dataDir: string;
  readonly popId: string;
  readonly identity: Identity;
  readonly rootKey: Uint8Array;
  readonly crypto: SessionCrypto;
  readonly clock: Clock;
  readonly log: Log;
}

export function makeAudit({ dataDir, identity, clock, log }: KeptMaterials, newId: () => string): AuditLog {
  return new AuditLog({
    folder: join(dataDir, 'audit'),
    secret: identity.wireguardPrivateKey,
    clock,
    newId,
    failed: (what, error) => log.error(what, { error }),
  });
}

export function makeHolder(
  materials: KeptMaterials,
  counters: Counters,
  told: Pick<SnapshotHolderOptions, 'changed' | 'revoked'>,
): SnapshotHolder {
  const { popId, rootKey, crypto, clock, dataDir, identity, log } = materials;
  return new SnapshotHolder({
    popId,
    rootKey,
    port: createSigningPort(crypto),
    crypto,
    clock,
    counters,
    files: {
      records: sealedPieces(join(dataDir, 'records.sealed'), identity.wireguardPrivateKey, 'records'),
      standing: sealedFile(join(dataDir, 'standing.sealed'), identity.wireguardPrivateKey, 'standing'),
    },
    fileFailed: (error) => log.error('snapshot file failed', { error }),
    refused: (reason) => log.error('snapshot from control refused', { reason }),
    ...told,
  });
}
