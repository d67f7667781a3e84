import { join } from 'node:path';
import type { Clock, Random } from '../../base/index.ts';
import { LEAF_RENEW_BEFORE_MS } from '../../io/certificate-constants.ts';
import { issueLeaf, type Leaf, type LocalCa } from '../../io/certificates.ts';
import { OWNER_ONLY, readJson, writeJson } from '../../io/files.ts';

interface Kept extends Leaf {
  readonly names: readonly string[];
}

/**
 * The certificate of control's own listener, made anew when it is due or its names have changed. It stays in the data
 * directory of its node, and is always the local authority's: that is whom nodes trust from their enrolment on.
 */
export async function ensureListenerLeaf(
  { ca, clock, random }: { readonly ca: LocalCa; readonly clock: Clock; readonly random: Random },
  dataDir: string,
  names: { readonly dns: readonly string[]; readonly ip: readonly string[] },
): Promise<Leaf> {
  const file = join(dataDir, 'listener.json');
  const all = [...names.dns, ...names.ip];
  const kept = (await readJson(file).catch(() => undefined)) as Partial<Kept> | undefined;
  if (isGood(kept, all, ca, clock.unixMs())) return kept;
  const made = issueLeaf(ca, names, clock.unixMs(), random);
  await writeJson(file, { ...made, names: all } satisfies Kept, OWNER_ONLY);
  return made;
}

function isGood(
  kept: Partial<Kept> | undefined,
  names: readonly string[],
  ca: LocalCa,
  nowUnixMs: number,
): kept is Kept {
  if (!kept?.chainPem || !kept.keyPem || !kept.notAfterUnixMs) return false;
  if (JSON.stringify(kept.names) !== JSON.stringify(names) || !kept.chainPem.endsWith(ca.certificatePem)) return false;
  return kept.notAfterUnixMs - nowUnixMs > LEAF_RENEW_BEFORE_MS;
}
