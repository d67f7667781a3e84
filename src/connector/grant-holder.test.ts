import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { SignedDocument } from '../core/link/index.ts';
import { createClock } from '../io/clock.ts';
import { GrantAuthority, signing, siteGrant } from '../testing/site-grants.ts';
import { GrantHolder, type GrantRefusal } from './grant-holder.ts';

const authority = new GrantAuthority();
const at = (epoch: number, revision: number) => siteGrant({ version: { epoch, revision } });
const good = authority.sign(at(2, 5));

function folder(t: TestContext): string {
  const dataDir = mkdtempSync(join(tmpdir(), 'manis-grant-'));
  t.after(() => rmSync(dataDir, { recursive: true }));
  return dataDir;
}

function holderIn(dataDir: string): GrantHolder {
  return new GrantHolder({ dataDir, siteId: 'site-1', rootKey: authority.rootKey, signing, clock: createClock() });
}

const refused: { what: string; offered: unknown; reason: GrantRefusal }[] = [
  { what: 'of an older revision', offered: authority.sign(at(2, 4)), reason: 'older' },
  { what: 'of an older epoch', offered: authority.sign(at(1, 9)), reason: 'older' },
  {
    what: 'of another site',
    offered: authority.sign({ ...at(3, 1), siteId: 'site-2' }),
    reason: 'other-site',
  },
  { what: 'of another installation', offered: new GrantAuthority().sign(at(3, 1)), reason: 'bad-signature' },
  { what: 'with a changed payload', offered: { ...good, payload: JSON.stringify(at(3, 1)) }, reason: 'bad-signature' },
  {
    what: 'signed for another purpose',
    offered: authority.sign(at(3, 1), 'manis snapshot v1'),
    reason: 'bad-signature',
  },
  { what: 'of another key id', offered: { ...authority.sign(at(3, 1)), keyId: 'control-2' }, reason: 'bad-signature' },
  { what: 'that is no grant', offered: authority.sign({ hello: true }), reason: 'malformed' },
  { what: 'without a delegation', offered: { ...good, delegation: null }, reason: 'malformed' },
  { what: 'that is null', offered: null, reason: 'malformed' },
];
for (const { what, offered, reason } of refused) {
  test(`a grant ${what} is refused (${reason}), and the one held stays in force and on disk`, async (t) => {
    const dataDir = folder(t);
    const holder = holderIn(dataDir);
    assert.equal(await holder.offer(good), undefined);
    assert.equal(await holder.offer(offered as SignedDocument), reason);
    assert.deepEqual(holder.grant, at(2, 5));
    assert.deepEqual(JSON.parse(readFileSync(join(dataDir, 'grant.json'), 'utf8')), good);
  });
}

test('a grant of a delegation that has ended is refused', async (t) => {
  const ended = new GrantAuthority(createClock().unixMs() - 1);
  const dataDir = folder(t);
  const options = { dataDir, siteId: 'site-1', rootKey: ended.rootKey, signing, clock: createClock() };
  assert.equal(await new GrantHolder(options).offer(ended.sign(at(1, 1))), 'bad-signature');
});

test('the grant on disk is in force again after a restart', async (t) => {
  const dataDir = folder(t);
  await holderIn(dataDir).offer(good);
  const again = holderIn(dataDir);
  assert.equal(again.grant, undefined);
  await again.load();
  assert.deepEqual(again.grant, at(2, 5));
});

for (const [what, text] of [
  ['of another site', JSON.stringify(authority.sign({ ...at(3, 1), siteId: 'site-2' }))],
  ['without a delegation', JSON.stringify({ ...good, delegation: null })],
] as const) {
  test(`a file ${what} is not taken`, async (t) => {
    const dataDir = folder(t);
    writeFileSync(join(dataDir, 'grant.json'), text);
    const holder = holderIn(dataDir);
    await holder.load();
    assert.equal(holder.grant, undefined);
  });
}

test('of grants that come at once, the newest is the one on disk', async (t) => {
  const dataDir = folder(t);
  const holder = holderIn(dataDir);
  const offered = Array.from({ length: 20 }, (_, i) => authority.sign(at(1, i + 1)));
  await Promise.all(offered.map((signed) => holder.offer(signed)));
  assert.deepEqual(JSON.parse(readFileSync(join(dataDir, 'grant.json'), 'utf8')), offered.at(-1));
});
