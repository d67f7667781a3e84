import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { RECORDS_IN_ONE_BUCKET } from './constants.ts';
import { RecordTable, recordKey, type TableEntry } from './record-table.ts';
import type { LinkRecord, UserRecord } from './records.ts';

const user = (id: string, name: string): UserRecord => ({
  kind: 'user',
  id,
  email: id,
  name,
  roles: [],
  disabled: false,
});
const entry = (record: LinkRecord & { name?: string }): TableEntry => ({
  record,
  digest: `${recordKey(record)} ${record.name}`,
});

/** A table as anybody would write it. */
type Plain = ReadonlyMap<string, TableEntry>;

function plainChange(plain: Plain, put: readonly TableEntry[], remove: readonly string[]): Plain {
  const next = new Map(plain);
  for (const id of remove) next.delete(`user/${id}`);
  for (const one of put) next.set(recordKey(one.record), one);
  return next;
}

test('tables that share their parts are what plain copies are, and say the same differences', () => {
  const ids = Array.from({ length: 40 }, (_, i) => `u${i}`);
  const change = fc.record({
    put: fc.uniqueArray(fc.tuple(fc.constantFrom(...ids), fc.constantFrom('a', 'b')), {
      selector: ([id]) => id,
      maxLength: 8,
    }),
    remove: fc.uniqueArray(fc.constantFrom(...ids), { maxLength: 5 }),
    many: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 8 }), (changes) => {
      const tables = [RecordTable.EMPTY];
      const plains: Plain[] = [new Map()];
      for (const { put, remove, many } of changes) {
        const [table, plain] = [tables.at(-1) as RecordTable, plains.at(-1) as Plain];
        const named = put.map(([id, name]) => entry(user(id, name)));
        // So many that the kind is kept in many parts from now on.
        const more = many ? Array.from({ length: RECORDS_IN_ONE_BUCKET }, (_, i) => entry(user(`m${i}`, 'm'))) : [];
        const gone = remove.filter((id) => plain.has(`user/${id}`) && !put.some(([other]) => other === id));
        tables.push(
          table.changed(
            [...named, ...more],
            gone.map((id) => ({ kind: 'user', id })),
          ),
        );
        plains.push(plainChange(plain, [...named, ...more], gone));
      }
      tables.forEach((table, i) => {
        const plain = plains[i] as Plain;
        assert.equal(table.size, plain.size);
        assert.deepEqual(new Set(table.keys()), new Set(plain.keys()));
        for (const [key, { record }] of plain) assert.equal(table.get(key), record);
        tables.forEach((older, j) => {
          const before = plains[j] as Plain;
          const { put, remove } = table.changesSince(older);
          const expected = [...plain]
            .filter(([key, one]) => before.get(key)?.digest !== one.digest)
            .map(([key]) => key);
          assert.deepEqual(put.map(recordKey).sort(), expected.sort());
          assert.deepEqual(remove.map(recordKey).sort(), [...before.keys()].filter((key) => !plain.has(key)).sort());
        });
      });
    }),
    { numRuns: 60 },
  );
});

test('few records of a kind keep their order, and one that changes keeps its place', () => {
  const table = RecordTable.EMPTY.changed([entry(user('b', '1')), entry(user('a', '1'))], []);
  const next = table.changed([entry(user('b', '2')), entry(user('c', '1'))], []);
  assert.deepEqual(
    [...next.ofKind('user')].map(({ id, name }) => `${id}${name}`),
    ['b2', 'a1', 'c1'],
  );
  assert.deepEqual(
    [...table.ofKind('user')].map(({ id, name }) => `${id}${name}`),
    ['b1', 'a1'],
  );
  assert.equal(next.differsIn(table, 'user'), true);
  assert.equal(next.differsIn(table, 'pop'), false);
  assert.deepEqual(
    [...next.putSince(table, 'user')].map(({ id }) => id),
    ['b', 'c'],
  );
});
