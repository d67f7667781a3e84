import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../../testing/virtual-clock.ts';
import { JWKS_COOLDOWN_MS, JWKS_FRESH_MS } from './constants.ts';
import { keyIdOf, ProviderKeys } from './provider-keys.ts';

function world() {
  const clock = new VirtualClock(1000, 1_800_000_000_000);
  const state = { kid: 'one', reads: 0, down: false };
  const keys = new ProviderKeys(clock, async () => {
    state.reads++;
    if (state.down) throw new Error('down');
    return { keys: [{ kid: state.kid }] };
  });
  return { clock, state, keys };
}

test('keys are read once, again when they are old, and at once by several', async () => {
  const { clock, state, keys } = world();
  await Promise.all([keys.including('one'), keys.including('one'), keys.including(undefined)]);
  assert.equal(state.reads, 1);
  clock.advance(JWKS_FRESH_MS);
  await keys.including('one');
  assert.equal(state.reads, 2);
});

test('an unknown key has them read again, but not for every token that names one', async () => {
  const { clock, state, keys } = world();
  await keys.including('one');
  state.kid = 'two';
  for (let count = 0; count < 50; count++) await keys.including(`made-up-${count}`);
  assert.equal(state.reads, 1);
  clock.advance(JWKS_COOLDOWN_MS);
  assert.deepEqual(await keys.including('two'), { keys: [{ kid: 'two' }] });
  for (let count = 0; count < 50; count++) await keys.including(`made-up-${count}`);
  assert.equal(state.reads, 2);
});

test('while the provider is down, known keys serve, and it is not asked all the time for unknown ones', async () => {
  const { clock, state, keys } = world();
  await keys.including('one');
  state.down = true;
  clock.advance(JWKS_FRESH_MS);
  assert.deepEqual(await keys.including('one'), { keys: [{ kid: 'one' }] });
  clock.advance(JWKS_COOLDOWN_MS);
  await assert.rejects(keys.including('two'));
  assert.deepEqual(await keys.including('two'), { keys: [{ kid: 'one' }] });
  assert.equal(state.reads, 3);
});

test('the key id of what is no token is none', () => {
  assert.equal(keyIdOf(`${Buffer.from('{"kid":"a"}').toString('base64url')}.x.y`), 'a');
  for (const text of ['', 'x', '..', `${Buffer.from('{"kid":7}').toString('base64url')}.`])
    assert.equal(keyIdOf(text), undefined);
});
