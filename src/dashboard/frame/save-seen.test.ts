import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Condition, readIfThere } from '../../api/changes.ts';
import { ApiProblem } from '../../api/client.ts';
import { EditConflict } from './edit-conflict.ts';
import { type Place, saveSeen } from './save-seen.ts';

type Thing = Readonly<Record<string, unknown>>;

/** A thing as the API keeps it: each version has a tag, and a change with another one is refused. */
class Kept {
  thing: Thing | undefined;
  writes = 0;
  /** Run before each write arrives: what others do in between. */
  between: () => void = () => undefined;

  constructor(thing: Thing | undefined) {
    this.thing = thing;
  }

  get place(): Place<Thing | undefined, object, Thing> {
    return {
      read: () =>
        readIfThere('not-set', async () => {
          if (!this.thing) throw problem('not-set', 404);
          return { thing: this.thing, condition: { 'If-Match': this.#tag() } };
        }),
      write: async (body, condition) => this.#write(body, condition),
    };
  }

  #tag(): string {
    return JSON.stringify(JSON.stringify(this.thing));
  }

  #write(body: object, condition: Condition): Thing {
    this.writes++;
    this.between();
    const holds = this.thing ? condition['If-Match'] === this.#tag() : condition['If-None-Match'] === '*';
    if (!holds) throw problem('precondition-failed', 412);
    this.thing = { ...this.thing, ...body };
    return this.thing;
  }
}

function problem(code: string, status: number): ApiProblem {
  return new ApiProblem({ title: code, status, code, detail: code, requestId: '' });
}

const save = (kept: Kept, seen: Thing | undefined, mine: Thing, accepted?: Thing) =>
  saveSeen(kept.place, { seen, mine, accepted });

test('a form saves over what was seen in it, however often other fields change meanwhile', async () => {
  const kept = new Kept({ name: 'a', used: 0 });
  let turns = 0;
  kept.between = () => {
    if (turns++ < 3) kept.thing = { ...kept.thing, used: turns };
  };
  assert.deepEqual(await save(kept, { name: 'a', used: 0 }, { name: 'b' }), { name: 'b', used: 3 });
  assert.equal(kept.writes, 4);
});

test('a form that was opened before somebody else saved writes nothing, and says what differs', async () => {
  const kept = new Kept({ name: 'theirs', host: 'h' });
  await assert.rejects(save(kept, { name: 'a', host: 'h' }, { name: 'mine', host: 'h' }), (error) => {
    assert.ok(error instanceof EditConflict);
    assert.deepEqual(error.theirs, { name: 'theirs', host: 'h' });
    assert.deepEqual(error.differences, [{ path: ['name'], seen: 'a', theirs: 'theirs', mine: 'mine' }]);
    return true;
  });
  assert.deepEqual([kept.writes, kept.thing], [0, { name: 'theirs', host: 'h' }]);
});

test('somebody who comes between the look and the write is found as well', async () => {
  const kept = new Kept({ name: 'a' });
  kept.between = () => {
    kept.thing = { name: 'theirs' };
  };
  await assert.rejects(save(kept, { name: 'a' }, { name: 'mine' }), EditConflict);
  assert.deepEqual(kept.thing, { name: 'theirs' });
});

test('what was shown is written over', async () => {
  const kept = new Kept({ name: 'theirs', host: 'theirs' });
  const shown = { name: 'theirs', host: 'theirs' };
  assert.deepEqual(await save(kept, { name: 'a', host: 'h' }, { name: 'mine', host: 'h' }, shown), {
    name: 'mine',
    host: 'theirs',
  });
});

test('settings that are not there yet are made once', async () => {
  const kept = new Kept(undefined);
  assert.deepEqual(await save(kept, undefined, { host: 'mine' }), { host: 'mine' });
  await assert.rejects(save(kept, undefined, { host: 'other' }), EditConflict);
});

test('what never comes to rest is refused in the end', async () => {
  const kept = new Kept({ name: 'a', used: 0 });
  let turns = 0;
  kept.between = () => {
    kept.thing = { ...kept.thing, used: ++turns };
  };
  await assert.rejects(save(kept, { name: 'a' }, { name: 'b' }), { message: 'precondition-failed' });
  assert.equal(kept.writes, 6);
});
