import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readEnvironment } from './environment.ts';

test('settings are told from what belongs to others', () => {
  const environment = readEnvironment({ MANIS_PORT_BASE: '9000', MANIS_APP: '', HOME: '/root', NO_COLOR: '1' });
  assert.deepEqual([...environment.variables], [['MANIS_PORT_BASE', '9000']]);
  assert.deepEqual(environment.ofOthers, { HOME: '/root', NO_COLOR: '1' });
  assert.equal(environment.noColor, true);
});

test('colour is not forbidden by an empty variable', () =>
  assert.equal(readEnvironment({ NO_COLOR: '' }).noColor, false));
