import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SnapshotHolder } from './snapshot-holder.ts';
import { snapshotReached, versionIn } from './snapshot-reached.ts';

/** Has revision 7 from the look on that is named, and revision 6 before. */
function holderWithSevenAt(look: number) {
  let looks = 0;
  return {
    get view() {
      looks += 1;
      return { state: { version: { epoch: 1, revision: looks >= look ? 7 : 6 } } } as SnapshotHolder['view'];
    },
    looks: () => looks,
  };
}

test('it is waited for until the snapshot is there, and no longer', async () => {
  for (const [version, looks] of [
    [{ epoch: 1, revision: 6 }, 1],
    [{ epoch: 1, revision: 7 }, 3],
    [undefined, 0],
  ] as const) {
    const holder = holderWithSevenAt(3);
    await snapshotReached(holder, version);
    assert.equal(holder.looks(), looks, JSON.stringify(version));
  }
});

test('an answer without a version, or with half of one, is one of an older control node', () => {
  assert.deepEqual(versionIn({ version: { epoch: 1, revision: 2, more: 3 } }), { epoch: 1, revision: 2 });
  for (const body of [undefined, null, 'text', {}, { version: null }, { version: { epoch: 1 } }])
    assert.equal(versionIn(body), undefined);
});
