import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { missingRequirement, mustHaveTools, requireTools } from './requirements.ts';

describe('requirements', () => {
  test('name the first thing that is missing', () => {
    assert.equal(missingRequirement([]), undefined);
    assert.equal(missingRequirement(['sh', '/dev/null']), undefined);
    assert.equal(missingRequirement(['sh', 'no-such-command', '/no/such/path']), 'needs the command no-such-command');
    assert.equal(missingRequirement(['/no/such/path']), 'needs /no/such/path');
  });

  test('skip a test with the reason, or fail it where the tools must be there', () => {
    const skipped: (string | undefined)[] = [];
    const t = { skip: (reason?: string) => void skipped.push(reason) };
    assert.equal(requireTools(t, ['sh']), true);
    const wasCi = process.env['CI'];
    try {
      process.env['CI'] = 'false';
      assert.equal(requireTools(t, ['no-such-command']), false);
      assert.deepEqual(skipped, ['needs the command no-such-command']);
      process.env['CI'] = 'true';
      if (mustHaveTools()) assert.throws(() => requireTools(t, ['no-such-command']), /in CI nothing is skipped/);
      else assert.equal(requireTools(t, ['no-such-command']), false);
    } finally {
      if (wasCi === undefined) delete process.env['CI'];
      else process.env['CI'] = wasCi;
    }
  });
});
