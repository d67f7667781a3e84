import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { toBase64Url } from '../../base/index.ts';
import { NodeSessionCrypto } from '../../io/session-crypto.ts';
import { SeededRandom, testSeed } from '../../testing/seeded-random.ts';
import { canonicalJson } from './canonical-json.ts';
import type { SnapshotHeader } from './messages.ts';
import type { LinkRecord, UserRecord } from './records.ts';
import { delegate, type Signer, type SigningDomain, type SigningPort, signDocument, verifyDocument } from './signed.ts';
import { type ApplyContext, applyDelta, applySnapshot, type DeltaMessage, SnapshotState } from './snapshot.ts';
import { digestText, recordDigest, StateHash } from './state-hash.ts';
import { compareVersions, sameVersion } from './version.ts';

const crypto = new NodeSessionCrypto();
const port: SigningPort = {
  sha256: (bytes) => createHash('sha256').update(bytes).digest(),
  verify: (key, message, signature) => crypto.verifier(key)?.verify(message, signature) ?? false,
};

function newSigner(): Signer {
  const { seed, publicKey } = crypto.generateKeyPair();
  return { publicKey, sign: (message) => crypto.signer(seed).sign(message) };
}

const NOW = 1_800_000_000_000;
const root = newSigner();
const control = newSigner();
const delegation = delegate(root, 'ctl_1', control.publicKey, NOW + 1000);
const context: ApplyContext = { rootKey: root.publicKey, popId: 'pop_1', unixMs: NOW, port };

const user = (id: string, name = id): UserRecord => ({ kind: 'user', id, email: id, name, roles: [], disabled: false });
const version = (revision: number, epoch = 1) => ({ epoch, revision });

function state(records: readonly LinkRecord[], revision: number, epoch = 1): SnapshotState {
  const made = SnapshotState.whole({ to: version(revision, epoch), expiresUnixMs: NOW + 1000 }, records, port.sha256);
  assert.ok(made);
  return made;
}

function sign(change: Partial<SnapshotHeader>, domain: SigningDomain = 'manis snapshot v1') {
  const header = { popId: 'pop_1', from: null, issuedUnixMs: NOW, expiresUnixMs: NOW + 1000, ...change };
  return signDocument(domain, JSON.stringify(header), control, delegation);
}

function snapshotOf(target: SnapshotState, change: Partial<SnapshotHeader> = {}) {
  const header = sign({ to: target.version, stateHash: target.hash(), ...change });
  return { type: 'snapshot' as const, header, records: [...target.records.values()] };
}

function deltaOf(from: SnapshotState, to: SnapshotState, change: Partial<SnapshotHeader> = {}): DeltaMessage {
  const header = sign({ from: from.version, to: to.version, stateHash: to.hash(), ...change });
  return { type: 'delta', header, ...to.changesSince(from) };
}

const old = state([user('a'), user('b'), user('c')], 5);
const next = state([user('a'), user('b', 'renamed'), user('d')], 6);
const reasonOf = (result: { ok: boolean; reason?: string }) => (result.ok ? 'ok' : result.reason);

test('a whole snapshot gives its records, a delta what changed', () => {
  const whole = applySnapshot(null, snapshotOf(old), context);
  assert.ok(whole.ok);
  assert.equal(whole.state.hash(), old.hash());
  const delta = deltaOf(old, next);
  assert.deepEqual(
    [delta.put.map((record) => record.id), delta.remove],
    [['b', 'd'], [{ kind: 'user', id: 'c' }]],
    'only what changed travels',
  );
  const changed = applyDelta(whole.state, delta, context);
  assert.ok(changed.ok);
  assert.deepEqual([...changed.state.ofKind('user')].map((record) => record.name).sort(), ['a', 'd', 'renamed']);
  assert.deepEqual(changed.state.version, version(6));
  assert.equal(whole.state.records.size, 3, 'the state before is as it was');
  assert.equal(whole.state.hash(), old.hash());
});

test('a snapshot is refused for a reason that has a name', () => {
  const other = newSigner();
  const message = snapshotOf(old);
  const tampered = { ...message, records: [user('a'), user('b'), user('c', 'evil')] };
  const cases: [reason: string, current: SnapshotState | null, message: typeof message, ctx?: Partial<ApplyContext>][] =
    [
      ['ok', null, message],
      ['ok', old, message],
      ['version-older', next, message],
      ['ok', next, snapshotOf(state([user('z')], 1, 2))],
      ['other-pop', null, message, { popId: 'pop_2' }],
      ['expired', null, snapshotOf(old, { expiresUnixMs: NOW })],
      ['delegation-expired', null, message, { unixMs: NOW + 1000 }],
      ['delegation-bad-signature', null, message, { rootKey: other.publicKey }],
      ['not-a-whole', null, snapshotOf(old, { from: version(4) })],
      ['state-hash-differs', null, tampered],
      ['state-hash-differs', null, { ...message, records: message.records.slice(1) }],
      ['record-twice', null, { ...message, records: [...message.records, user('a')] }],
      ['header-malformed', null, { ...message, header: sign({}) }],
      ['bad-signature', null, { ...message, header: { ...message.header, payload: `${message.header.payload} ` } }],
      ['signature-malformed', null, { ...message, header: { ...message.header, signature: 'AA' } }],
      ['signer-mismatch', null, { ...message, header: { ...message.header, keyId: 'ctl_2' } }],
      [
        'delegation-bad-signature',
        null,
        { ...message, header: { ...message.header, delegation: { ...delegation, notAfterUnixMs: NOW + 9e9 } } },
      ],
      [
        'delegation-malformed',
        null,
        { ...message, header: { ...message.header, delegation: { ...delegation, signingKey: '!' } } },
      ],
      [
        'bad-signature',
        null,
        { ...message, header: sign({ to: old.version, stateHash: old.hash() }, 'manis site grant v1') },
      ],
    ];
  for (const [reason, current, candidate, change] of cases)
    assert.equal(reasonOf(applySnapshot(current, candidate, { ...context, ...change })), reason);
});

test('a delta is refused for a reason that has a name', () => {
  const good = deltaOf(old, next);
  const cases: [reason: string, message: DeltaMessage][] = [
    ['ok', good],
    ['not-a-delta', { ...good, header: snapshotOf(next).header }],
    ['from-another-version', deltaOf(state([user('a')], 4), next)],
    ['from-another-version', deltaOf(state([user('a'), user('b'), user('c')], 5, 2), next)],
    ['version-not-newer', deltaOf(old, next, { to: version(4) })],
    ['version-not-newer', { ...good, header: sign({ from: old.version, to: old.version, stateHash: next.hash() }) }],
    ['remove-of-unknown', { ...good, remove: [{ kind: 'user', id: 'nobody' }] }],
    ['record-twice', { ...good, put: [...good.put, user('d')] }],
    ['record-twice', { ...good, remove: [...good.remove, { kind: 'user', id: 'd' }] }],
    ['state-hash-differs', { ...good, put: good.put.slice(1) }],
    ['state-hash-differs', { ...good, remove: [] }],
    ['state-hash-differs', { ...good, put: [user('b', 'evil'), user('d')] }],
  ];
  for (const [reason, message] of cases) assert.equal(reasonOf(applyDelta(old, message, context)), reason);
});

test('an empty delta renews the word without a new version, and never shortens it', () => {
  const renewal = deltaOf(old, old, { expiresUnixMs: NOW + 5000 });
  const renewed = applyDelta(old, renewal, context);
  assert.ok(renewed.ok);
  assert.equal(renewed.state.expiresUnixMs, NOW + 5000);
  assert.equal(reasonOf(applyDelta(renewed.state, deltaOf(old, old), context)), 'version-not-newer');
});

test('the same words under another domain, or by another signer, are not the same document', () => {
  const document = signDocument('manis site grant v1', 'x', control, delegation);
  assert.ok(verifyDocument('manis site grant v1', document, root.publicKey, NOW, port).ok);
  assert.equal(reasonOf(verifyDocument('manis snapshot v1', document, root.publicKey, NOW, port)), 'bad-signature');
  const forged = signDocument('manis site grant v1', 'x', newSigner(), delegation);
  assert.equal(reasonOf(verifyDocument('manis site grant v1', forged, root.publicKey, NOW, port)), 'bad-signature');
  const short = { ...document, delegation: { ...delegation, signature: toBase64Url(new Uint8Array(63)) } };
  const reason = reasonOf(verifyDocument('manis site grant v1', short, root.publicKey, NOW, port));
  assert.equal(reason, 'delegation-malformed');
});

test('the state hash is that of the records, whatever the way to them', () => {
  const seed = testSeed(7);
  const random = new SeededRandom(seed);
  const below = (bound: number): number => random.integer(0, bound - 1);
  let current = state([], 1);
  const twin = new Map<string, UserRecord>();
  for (let revision = 2; revision < 150; revision++) {
    const put = new Map<string, UserRecord>();
    const remove = new Map<string, { kind: 'user'; id: string }>();
    for (let i = below(6); i >= 0; i--) {
      const id = `u${below(60)}`;
      if (put.has(id) || remove.has(id)) continue;
      if (twin.has(id) && below(3) === 0) {
        remove.set(id, { kind: 'user', id });
        twin.delete(id);
      } else {
        const record = user(id, `n${below(4)}`);
        put.set(id, record);
        twin.set(id, record);
      }
    }
    const header = { to: version(revision), expiresUnixMs: NOW };
    const changed = current.changed(header, [...put.values()], [...remove.values()], port.sha256);
    assert.ok(typeof changed !== 'string', `seed ${seed}`);
    current = changed;
    const shuffled = [...twin.values()].sort(() => below(3) - 1);
    assert.equal(current.hash(), state(shuffled, revision).hash(), `seed ${seed}, revision ${revision}`);
  }
});

test('the order of fields does not matter to a digest, their values do', () => {
  const digest = (record: object) => recordDigest(record as LinkRecord, port.sha256);
  assert.deepEqual(digest({ kind: 'user', id: 'a' }), digest({ id: 'a', kind: 'user' }));
  assert.notDeepEqual(digest({ kind: 'user', id: 'a' }), digest({ kind: 'user', id: 'b' }));
  assert.equal(canonicalJson({ b: [1, { d: null, c: '"' }], a: undefined }), '{"b":[1,{"c":"\\"","d":null}]}');
});

test('the hash of nothing is fixed, as is that of one record (so that nodes of two versions agree)', () => {
  const expected = createHash('sha256')
    .update('manis state v1\0')
    .update(new Uint8Array(32 * 256))
    .digest();
  assert.deepEqual(Buffer.from(new StateHash(port.sha256).root()), expected);
  const record = user('a');
  const digest = createHash('sha256')
    .update('manis record v1\0{"disabled":false,"email":"a","id":"a","kind":"user","name":"a","roles":[]}')
    .digest();
  const buckets = Buffer.alloc(32 * 256);
  createHash('sha256')
    .update('manis bucket v1\0')
    .update(digest)
    .digest()
    .copy(buckets, 32 * (digest[0] ?? 0));
  const whole = createHash('sha256').update('manis state v1\0').update(buckets).digest('base64url');
  assert.equal(state([record], 1).hash(), whole);
});

test('a hash and the one that came from it do not disturb one another', () => {
  const digests = [1, 2, 3].map((number) => digestText(new Uint8Array(32).fill(number, 1)));
  const parent = new StateHash(port.sha256);
  for (const digest of digests.slice(0, 2)) parent.add(digest);
  const before = parent.root();
  const child = new StateHash(port.sha256, parent);
  child.add(digests[2] ?? '');
  const grown = child.root();
  assert.deepEqual(parent.root(), before);
  parent.remove(digests[0] ?? '');
  assert.deepEqual(child.root(), grown);
  child.remove(digests[2] ?? '');
  assert.deepEqual(child.root(), before);
});

test('versions: the epoch counts first', () => {
  assert.ok(compareVersions(version(1, 2), version(99, 1)) > 0);
  assert.ok(compareVersions(version(1), version(2)) < 0);
  assert.ok(sameVersion(version(3), version(3)) && sameVersion(null, null));
  assert.ok(!sameVersion(version(3), null) && !sameVersion(version(3), version(3, 2)));
});

test('a change of one record among ten thousand is quick', (t) => {
  const many = state(
    Array.from({ length: 10_000 }, (_, i) => user(`u${i}`)),
    1,
  );
  many.hash();
  const started = performance.now();
  const changed = many.changed({ to: version(2), expiresUnixMs: NOW }, [user('u7', 'x')], [], port.sha256);
  assert.ok(typeof changed !== 'string');
  changed.hash();
  t.diagnostic(`${(performance.now() - started).toFixed(1)} ms`);
});
