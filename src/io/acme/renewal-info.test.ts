import assert from 'node:assert/strict';
import { webcrypto } from 'node:crypto';
import { test } from 'node:test';
import { readRenewalInfo, renewalId } from './renewal-info.ts';

/** A certificate with this serial number and key identifier of its authority. */
async function certificate(serialNumber: string, keyIdentifier: string | undefined): Promise<string> {
  await import('reflect-metadata');
  const x509 = await import('@peculiar/x509');
  x509.cryptoProvider.set(webcrypto as Crypto);
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const made = await x509.X509CertificateGenerator.createSelfSigned({
    ...{ serialNumber, keys, name: 'CN=a.example', signingAlgorithm: algorithm },
    extensions: keyIdentifier === undefined ? [] : [new x509.AuthorityKeyIdentifierExtension(keyIdentifier)],
  });
  return made.toString('pem');
}

// RFC 9773 section 4.1.
const KEY = '69885b6b87464041e1b37b847ba0ae2cde01c8d4';

for (const [what, serial, key, expected] of [
  ['as the RFC has it, with a zero byte before a serial number that would be negative', '008765432100', KEY, undefined],
  ['of the RFC', '0087654321', KEY, 'aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE'],
  ['without that byte where none is needed', '12345678', KEY, 'aYhba4dGQEHhs3uEe6CuLN4ByNQ.EjRWeA'],
] as const) {
  test(`the name of a certificate ${what}`, async () => {
    const id = renewalId(await certificate(serial, key));
    if (expected === undefined) assert.match(id ?? '', /^aYhba4dGQEHhs3uEe6CuLN4ByNQ\.AI/);
    else assert.equal(id, expected);
  });
}

test('a certificate without the identifier has no name', async () => {
  assert.equal(renewalId(await certificate('12345678', undefined)), undefined);
});

const window = (start: unknown, end: unknown) => ({ suggestedWindow: { start, end } });
for (const [what, body, isRead] of [
  ['a window', window('2026-01-02T04:00:00Z', '2026-01-03T04:00:00Z'), true],
  ['one that ends before it begins', window('2026-01-03T04:00:00Z', '2026-01-02T04:00:00Z'), false],
  ['no times', window('soon', 5), false],
  ['nothing', undefined, false],
  ['text', 'hello', false],
] as const) {
  test(`of ${what} ${isRead ? 'times are' : 'nothing is'} read`, () => {
    const read = readRenewalInfo(body);
    assert.equal(read?.startUnixMs, isRead ? Date.UTC(2026, 0, 2, 4) : undefined);
  });
}
