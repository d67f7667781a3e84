import { fromBase64Url } from '../base/index.ts';
import { recordKey } from '../core/link/index.ts';
import type { IssuerKey, IssuerKeys } from '../core/session/index.ts';
import type { Control } from './control.ts';

/** The keys of all nodes that are published now: control nodes sign second steps, PoPs sign challenges to keys. */
export function nodeKeys(control: Control): IssuerKeys {
  const records = control.publisher.current?.records;
  return {
    keyOf(id): IssuerKey | undefined {
      for (const kind of ['control', 'pop'] as const) {
        const record = records?.get(recordKey({ kind, id }));
        if (record?.kind !== 'control' && record?.kind !== 'pop') continue;
        const verifier = control.crypto.verifier(fromBase64Url(record.signingKey) ?? new Uint8Array());
        return verifier && { verifier, issuer: record.kind, mayIssue: () => true };
      }
      return undefined;
    },
  };
}
