import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClockSkew } from './clock-skew.ts';
import { createLog } from './log.ts';

const DAY_MS = 86_400_000;

test('a clock that is wrong is told of once, and once when it is right again', () => {
  const lines: string[] = [];
  const skew = new ClockSkew(createLog({ level: 'info', destination: { write: (line) => void lines.push(line) } }));
  for (const skewMs of [20, -900, DAY_MS, DAY_MS + 5, -DAY_MS, 40]) skew.measured(skewMs, 'control');
  assert.equal(lines.length, 2);
  assert.match(lines[0] ?? '', /86400 s ahead of that of control: set it right/);
  assert.match(lines[1] ?? '', /right again/);
  assert.equal(skew.tooMuchMs, undefined);
});
