import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HEARD_TELL_EVERY } from './constants.ts';
import { HeardPops } from './heard-pops.ts';
import type { PopStatus } from './pop-statuses.ts';

test('PoPs are told whom the control nodes hear, when it changes and now and then', async () => {
  let own = ['pop-2', 'pop-1'];
  let others: (() => string[]) | undefined = () => ['pop-3'];
  const told: string[] = [];
  const heard = new HeardPops({
    links: { heardWithin: () => own, tell: ({ heard }) => told.push(heard.join(' ')) },
    statuses: {
      ofOthers: async () => {
        if (!others) throw new Error('the store is away');
        return others().map((popId) => ({ popId }) as PopStatus);
      },
    },
  });
  try {
    await heard.look();
    await heard.look();
    assert.deepEqual(told, ['pop-1 pop-2 pop-3']);
    own = ['pop-2'];
    await heard.look();
    assert.deepEqual(told.splice(0), ['pop-1 pop-2 pop-3', 'pop-2 pop-3']);
    others = undefined;
    for (let i = 0; i < HEARD_TELL_EVERY; i++) await heard.look();
    assert.deepEqual(told, ['pop-2 pop-3'], 'without the store the last word of the others holds');
  } finally {
    heard.stop();
  }
});
