import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type IpAddress, parseIpAddress } from '../../base/index.ts';
import { Backlog } from './backlog.ts';
import { BACKLOG_SHARE_LEAST } from './constants.ts';

function source(number: number): IpAddress {
  const address = parseIpAddress(`fd6d::${number}`);
  assert.ok(address);
  return address;
}

/** Takes as many places as there are for a source. */
function flood(backlog: Backlog, from: IpAddress): number {
  for (let taken = 0; ; taken++) {
    if (backlog.refusal(from)) return taken;
    backlog.take(from);
  }
}

describe('a backlog', () => {
  const cases: [what: string, size: number, floods: number[]][] = [
    ['gives one source half', 512, [256]],
    ['gives each of several less, and still leaves room', 512, [256, 128, 64, 32]],
    ['gives a source a few places however full it is', 64, [32, 16, BACKLOG_SHARE_LEAST, 0]],
    ['that is small is no one’s share', 4, [4, 0]],
  ];
  for (const [what, size, floods] of cases)
    test(`${what} (${size})`, () => {
      const backlog = new Backlog(size);
      assert.deepEqual(
        floods.map((_, i) => flood(backlog, source(i + 1))),
        floods,
      );
    });

  test('says whether a source has too much or all is taken', () => {
    const backlog = new Backlog(64);
    flood(backlog, source(1));
    assert.equal(backlog.refusal(source(1)), 'tcp-backlog-share');
    for (let i = 2; i < 9; i++) flood(backlog, source(i));
    assert.equal(backlog.refusal(source(9)), 'tcp-backlog-full');
  });

  test('has the places again that are given back', () => {
    const backlog = new Backlog(512);
    for (let i = flood(backlog, source(1)); i > 0; i--) backlog.release(source(1));
    assert.equal(flood(backlog, source(1)), 256);
  });
});
