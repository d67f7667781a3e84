import assert from 'node:assert/strict';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { nodeEd25519 } from './crypto/ed25519.ts';
import { loadIdentity, signingPublicKey } from './identity.ts';

let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'manis-identity-'));
});
after(() => rm(folder, { recursive: true }));

test('a node makes its keys once, for its own eyes only, and finds them again', async () => {
  const first = await loadIdentity(folder);
  const second = await loadIdentity(folder);
  assert.deepEqual(second.wireguardPrivateKey, first.wireguardPrivateKey);
  assert.equal(signingPublicKey(second), signingPublicKey(first));
  assert.equal((await stat(join(folder, 'identity.json'))).mode & 0o777, 0o600);
});

test('the signer signs what its public key verifies', async () => {
  const { signer } = await loadIdentity(folder);
  const message = Buffer.from('hello');
  assert.ok(nodeEd25519().verifier(signer.publicKey)(message, signer.sign(message)));
});

const damaged: [string, unknown][] = [
  ['no keys', {}],
  ['a short key', { wireguardPrivateKey: 'AAAA', signingSeed: 'AAAA' }],
  ['keys of another form', { wireguardPrivateKey: 1, signingSeed: null }],
];
for (const [what, contents] of damaged) {
  test(`a file with ${what} is refused by name and left as it is`, async () => {
    const own = await mkdtemp(join(folder, 'damaged-'));
    await writeFile(join(own, 'identity.json'), JSON.stringify(contents));
    await assert.rejects(loadIdentity(own), { code: 'identity-damaged', message: /identity\.json/ });
  });
}
