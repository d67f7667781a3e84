import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newTotpSecret, totpCodeAt } from '../../io/factors/totp.ts';
import { createRandom } from '../../io/random.ts';
import { createStoreSealing } from '../../io/store-sealing.ts';
import { openTotpSecret, sealTotpSecret, stepOfCode } from './totp-secret.ts';

const UNIX_MS = 1_800_000_000_000;
const sealing = createStoreSealing(new Uint8Array(32).fill(7));
const secret = newTotpSecret(createRandom());
const row = { id: 'otp_1', secret: sealTotpSecret(sealing, 'otp_1', secret) };

test('a secret is not readable in its row, and codes are judged all the same', () => {
  assert.ok(!row.secret.includes(secret));
  assert.equal(openTotpSecret(sealing, row), secret);
  const code = totpCodeAt(secret, UNIX_MS);
  assert.equal(stepOfCode(sealing, row, code, UNIX_MS), UNIX_MS / 30_000);
  assert.equal(stepOfCode(sealing, row, code, UNIX_MS + 600_000), undefined);
});

test('a secret opens for its own row of its own installation alone, and no code fits one that does not open', () => {
  const moved = { ...row, id: 'otp_2' };
  const elsewhere = createStoreSealing(new Uint8Array(32).fill(8));
  const code = totpCodeAt(secret, UNIX_MS);
  for (const [judge, kept] of [
    [sealing, moved],
    [elsewhere, row],
    [sealing, { ...row, secret }],
  ] as const) {
    assert.equal(openTotpSecret(judge, kept), undefined);
    assert.equal(stepOfCode(judge, kept, code, UNIX_MS), undefined);
  }
});
