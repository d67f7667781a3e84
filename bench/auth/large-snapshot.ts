/** A snapshot of 10,000 resources and 100,000 users as control would send it, and an edit of one policy. */
import { toBase64Url } from '../../src/base/index.ts';
import { delegate, type LinkRecord, SnapshotState, signDocument } from '../../src/core/link/index.ts';
import { createLinkSigner } from '../../src/io/link-crypto.ts';
import { NodeSessionCrypto } from '../../src/io/session-crypto.ts';
import { FIFTY_RULES } from './policy.ts';

export const RESOURCES = 10_000;
export const USERS = 100_000;
export const POP_ID = 'pop_bench';
const DAY_MS = 86_400_000;
const RULES_EACH = 5;

const crypto = new NodeSessionCrypto();

export interface Frames {
  readonly rootKey: string;
  readonly snapshot: string;
  /** Each changes the policy of one resource, or one user. */
  readonly deltas: readonly string[];
}

const id = (prefix: string, i: number): string => `${prefix}_${String(i).padStart(26, '0')}`;

function resourceAt(i: number, edition = 0): LinkRecord {
  const from = (i * 7 + edition) % (50 - RULES_EACH);
  const rules = [...FIFTY_RULES.rules.slice(from, from + RULES_EACH - 1), ...FIFTY_RULES.rules.slice(-1)];
  return {
    ...{ kind: 'resource', id: id('res', i), organisationId: 'org_1', name: `Application ${i}` },
    ...{ host: `app-${i}.example.com`, enabled: true, policy: { rules } },
    targets: [
      {
        id: id('tgt', i),
        siteId: id('sit', i % 100),
        overlayPort: 1024 + (i % 60_000),
        scheme: 'http',
        priority: 0,
        weight: 1,
      },
    ],
    balance: { balancing: 'least-latency', sticky: 'none', panicThreshold: 0.5 },
  };
}

function userAt(i: number, edition = 0): LinkRecord {
  const roles = ['staff', `team-${(i + edition) % 300}`];
  const name = `Given${i} Family${i}`;
  return { kind: 'user', id: id('usr', i), email: `given${i}.family${i}@example.com`, name, roles, disabled: false };
}

/** `deltas`: how many edits follow the whole. */
export function makeFrames(nowUnixMs: number, deltas: number): Frames {
  const signer = () => {
    const { seed, publicKey } = crypto.generateKeyPair();
    return createLinkSigner(crypto, seed, publicKey);
  };
  const [root, control] = [signer(), signer()];
  const delegation = delegate(root, 'ctl_1', control.publicKey, nowUnixMs + DAY_MS);
  const sha256 = (bytes: Uint8Array): Uint8Array => crypto.sha256(bytes);
  const expiresUnixMs = nowUnixMs + DAY_MS;
  const records: LinkRecord[] = [
    {
      ...{ kind: 'installation', id: 'installation', organisationId: 'org_1', organisationName: 'Bench' },
      ...{ portalHost: 'manis.example.com', publicPort: 443, stalenessMs: DAY_MS },
      ...{ sessionIdleMs: DAY_MS, sessionAbsoluteMs: DAY_MS },
    },
    ...Array.from({ length: RESOURCES }, (_, i) => resourceAt(i)),
    ...Array.from({ length: USERS }, (_, i) => userAt(i)),
  ];
  const sign = (from: number | null, state: SnapshotState) => {
    const at = { issuedUnixMs: nowUnixMs, expiresUnixMs };
    const origin = from === null ? null : { epoch: 1, revision: from };
    const header = { popId: POP_ID, from: origin, to: state.version, stateHash: state.hash(), ...at };
    return signDocument('manis snapshot v1', JSON.stringify(header), control, delegation);
  };
  const version = (revision: number) => ({ to: { epoch: 1, revision }, expiresUnixMs });
  let state = SnapshotState.whole(version(1), records, sha256);
  if (!state) throw new Error('the snapshot of the benchmark is no snapshot');
  const snapshot = JSON.stringify({ type: 'snapshot', header: sign(null, state), records });
  const edits: string[] = [];
  for (let i = 0; i < deltas; i++) {
    const put = [i % 2 === 0 ? resourceAt((i * 101) % RESOURCES, i + 1) : userAt((i * 1009) % USERS, i + 1)];
    const next: SnapshotState | string = state.changed(version(i + 2), put, [], sha256);
    if (typeof next === 'string') throw new Error(next);
    edits.push(JSON.stringify({ type: 'delta', header: sign(i + 1, next), put, remove: [] }));
    state = next;
  }
  return { rootKey: toBase64Url(root.publicKey), snapshot, deltas: edits };
}
