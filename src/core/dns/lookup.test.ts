import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { encode } from 'dns-packet';
import fc from 'fast-check';
import { readLookup, writeLookup } from './index.ts';

const question = writeLookup(7, 'a.Example.com', 'TXT', { recursion: true }) ?? assert.fail();
const asked = { name: 'a.example.com', type: 'TXT' } as const;

describe('answers of other servers', () => {
  test('are read with names that point into what came before', () => {
    const bytes = encode({
      ...{ id: 7, type: 'response', questions: [asked] },
      answers: [{ name: 'a.example.com', type: 'TXT', ttl: 5, data: ['one ', 'text'] }],
      authorities: [{ name: 'example.com', type: 'NS', ttl: 5, data: 'ns.example.com' }],
    });
    const answer = readLookup(bytes, question);
    assert.ok(typeof answer !== 'string');
    assert.deepEqual(
      [...answer.answers, ...answer.authorities].map(({ name, value }) => [name, value]),
      [
        ['a.example.com', 'one text'],
        ['example.com', 'ns.example.com'],
      ],
    );
  });

  const other = (change: object): Uint8Array => encode({ id: 7, type: 'response', questions: [asked], ...change });
  const refused: readonly (readonly [string, Uint8Array, string])[] = [
    ['another id', other({ id: 8 }), 'dns-answer-of-another-question'],
    ['a query', other({ type: 'query' }), 'dns-answer-of-another-question'],
    ['another name', other({ questions: [{ name: 'b.example.com', type: 'TXT' }] }), 'dns-answer-of-another-question'],
    ['another type', other({ questions: [{ name: 'a.example.com', type: 'A' }] }), 'dns-answer-of-another-question'],
    ['too few bytes', new Uint8Array(5), 'dns-answer-malformed'],
    ['an end in the middle', other({ answers: [{ ...asked, data: 'x' }] }).subarray(0, 40), 'dns-answer-malformed'],
  ];
  for (const [name, bytes, fault] of refused)
    test(`refused: ${name}`, () => assert.equal(readLookup(bytes, question), fault));

  test('a name that points at itself or ahead ends', () => {
    for (const offset of [31, 200]) {
      const bytes = new Uint8Array([...question.subarray(0, 31), 0xc0, offset, 0, 16, 0, 1, 0, 0, 0, 1, 0, 0]);
      bytes.set([0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0], 2);
      assert.equal(readLookup(bytes, question), 'dns-answer-malformed');
    }
  });

  test('any bytes are an answer or a fault', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (tail) => {
        const bytes = new Uint8Array([...question.subarray(0, 31), ...tail]);
        bytes.set([0x81, 0x80, 0, 1, 0, 3, 0, 1, 0, 1], 2);
        readLookup(bytes, question);
        readLookup(tail, question);
      }),
      { numRuns: 2_000 },
    );
  });
});
