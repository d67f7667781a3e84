import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { figure, jsonLine, median, pairedFigure, table } from './report.ts';

describe('the median', () => {
  const cases: readonly (readonly [readonly number[], number])[] = [
    [[7], 7],
    [[3, 1, 2], 2],
    [[4, 1, 3, 2], 2.5],
    [[10, 9, 100], 10],
    [[], Number.NaN],
  ];
  for (const [values, expected] of cases)
    test(`of [${values}] is ${expected}`, () => assert.equal(median(values), expected));
});

describe('a figure', () => {
  const peer = { name: 'other', value: 200 };

  test('with a peer is judged by the ratio', () => {
    const expected = { ours: 300, peer: 200, peerName: 'other', unit: 'Mbit/s', ratio: 1.5, target: 1.5, holds: true };
    assert.deepEqual(figure(300, { unit: 'Mbit/s', peer, target: 1.5, better: 'more' }), expected);
    assert.equal(figure(299, { unit: 'Mbit/s', peer, target: 1.5, better: 'more' }).holds, false);
  });

  test('without a peer is judged by itself', () => {
    const expected = { ours: 141, peer: null, peerName: null, unit: 'MB', ratio: null, target: 150, holds: true };
    assert.deepEqual(figure(141, { unit: 'MB', target: 150, better: 'less' }), expected);
    assert.equal(figure(150.1, { unit: 'MB', target: 150, better: 'less' }).holds, false);
  });

  test('without a target is not judged', () => assert.equal(figure(1, { unit: 'ms', better: 'less' }).holds, null));

  test('has four digits', () => assert.equal(figure(1234.567, { unit: 'ms', better: 'less' }).ours, 1235));

  test('of pairs takes the median of the ratios, not the ratio of the medians', () => {
    const pairs = [
      { ours: 100, peer: 50 },
      { ours: 10, peer: 10 },
      { ours: 90, peer: 30 },
    ];
    const one = pairedFigure(pairs, 'other', { unit: 'Mbit/s', target: 1.9, better: 'more' });
    assert.deepEqual([one.ours, one.peer, one.ratio, one.holds], [90, 30, 2, true]);
    assert.equal(pairedFigure(pairs, 'other', { unit: 'us', target: 1.9, better: 'less' }).holds, false);
  });
});

describe('a report', () => {
  const figures = {
    rate: figure(300, { unit: 'Mbit/s', peer: { name: 'other', value: 200 }, target: 2, better: 'more' }),
    memory: figure(100, { unit: 'MB', better: 'less' }),
  };

  test('is a table for people', () => {
    const lines = table(figures).split('\n');
    assert.match(lines[0] ?? '', /^figure\s+ours\s+compared with\s+ratio\s+target$/);
    assert.match(lines[1] ?? '', /^rate\s+300 Mbit\/s\s+200 Mbit\/s \(other\)\s+x 1\.5\s+2\s+FALLS SHORT$/);
    assert.match(lines[2] ?? '', /^memory\s+100 MB$/);
  });

  test('is one line for machines', () => {
    const line = jsonLine('tunnel', figures);
    assert.equal(line.includes('\n'), false);
    assert.deepEqual(JSON.parse(line), { bench: 'tunnel', figures });
  });
});
