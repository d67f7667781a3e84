import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Failure } from '../base/index.ts';
import { CA_LIFETIME_MS, LEAF_LIFETIME_MS } from './certificate-constants.ts';
import { issueLeaf, openLocalCa } from './certificates.ts';
import { createRandom } from './random.ts';
import 'reflect-metadata';

const folder = mkdtempSync(join(tmpdir(), 'manis-ca-'));
after(() => rmSync(folder, { recursive: true }));
const random = createRandom();
const NOW = Date.UTC(2026, 0, 1);
const newDir = (): string => mkdtempSync(join(folder, 'd-'));

test('the authority is made once, its key for its owner alone', async () => {
  const dataDir = newDir();
  const made = await openLocalCa(dataDir, NOW, random);
  assert.deepEqual(await openLocalCa(dataDir, NOW + 1, random), made);
  assert.equal(statSync(join(dataDir, 'ca-key.pem')).mode & 0o777, 0o600);
  assert.equal(statSync(join(dataDir, 'ca.pem')).mode & 0o777, 0o644);
  const certificate = new X509Certificate(made.certificatePem);
  assert.equal(certificate.ca, true);
  assert.ok(Date.parse(certificate.validTo) >= NOW + CA_LIFETIME_MS - 1000);
  assert.match(certificate.subject, /CN=Manis local CA [0-9a-f]{8}/);
});

test('a leaf is for its names and nothing else, and chains to the authority', async () => {
  const ca = await openLocalCa(newDir(), NOW, random);
  const names = { dns: ['manis.localhost', '*.manis.localhost'], ip: ['127.0.0.1', '::1'] };
  const leaf = issueLeaf(ca, names, NOW, random);
  const [first, second] = leaf.chainPem.match(/-----BEGIN.+?-----END CERTIFICATE-----/gs) ?? [];
  const certificate = new X509Certificate(first ?? '');
  const issuer = new X509Certificate(second ?? '');
  assert.ok(certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey));
  assert.equal(certificate.ca, false);
  assert.equal(
    certificate.subjectAltName,
    'DNS:manis.localhost, DNS:*.manis.localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1',
  );
  assert.ok(certificate.checkHost('a.manis.localhost') && !certificate.checkHost('a.b.manis.localhost'));
  assert.equal(leaf.notAfterUnixMs, NOW + LEAF_LIFETIME_MS);
  assert.ok(Date.parse(certificate.validFrom) < NOW);
  assert.match(leaf.keyPem, /^-----BEGIN PRIVATE KEY-----\n/);
});

test('a leaf is for servers, of no authority, and names the key of its own', async () => {
  const ca = await openLocalCa(newDir(), NOW, random);
  const x509 = await import('@peculiar/x509');
  const authority = new x509.X509Certificate(ca.certificatePem);
  const long = `${'a'.repeat(60)}.example.com`;
  const leaf = new x509.X509Certificate(issueLeaf(ca, { dns: [long], ip: [] }, NOW, random).chainPem);
  assert.equal(leaf.subject, 'CN=manis', 'a common name has at most 64 characters');
  assert.equal(leaf.issuer, authority.subject);
  assert.equal(leaf.serialNumber.length, 32);
  const { AuthorityKeyIdentifierExtension, SubjectKeyIdentifierExtension } = x509;
  const ofAuthority = authority.getExtension(SubjectKeyIdentifierExtension)?.keyId;
  assert.equal(leaf.getExtension(AuthorityKeyIdentifierExtension)?.keyId, ofAuthority);
  const own = Buffer.from(await leaf.publicKey.getKeyIdentifier()).toString('hex');
  assert.equal(leaf.getExtension(SubjectKeyIdentifierExtension)?.keyId, own);
  const limits = leaf.getExtension(x509.BasicConstraintsExtension);
  assert.deepEqual([limits?.ca, limits?.critical], [false, true]);
  const usages = leaf.getExtension(x509.KeyUsagesExtension);
  assert.deepEqual([usages?.usages, usages?.critical], [x509.KeyUsageFlags.digitalSignature, true]);
  assert.equal(leaf.getExtension(x509.ExtendedKeyUsageExtension)?.usages.join(), x509.ExtendedKeyUsage.serverAuth);
});

test('a leaf does not outlive the authority', async () => {
  const ca = await openLocalCa(newDir(), NOW, random);
  const late = NOW + CA_LIFETIME_MS - 1000;
  assert.equal(issueLeaf(ca, { dns: ['a.example'], ip: [] }, late, random).notAfterUnixMs, NOW + CA_LIFETIME_MS);
});

test('an authority that cannot be used is refused with its files named, and left as it is', async () => {
  const cases: [name: string, spoil: (dataDir: string) => void][] = [
    ['the key is gone', (dataDir) => rmSync(join(dataDir, 'ca-key.pem'))],
    ['the certificate is nonsense', (dataDir) => writeFileSync(join(dataDir, 'ca.pem'), 'nonsense')],
    ['the key is nonsense', (dataDir) => writeFileSync(join(dataDir, 'ca-key.pem'), 'nonsense')],
  ];
  for (const [name, spoil] of cases) {
    const dataDir = newDir();
    const { certificatePem } = await openLocalCa(dataDir, NOW, random);
    spoil(dataDir);
    const before = readFileSync(join(dataDir, 'ca.pem'), 'utf8');
    const failure = await openLocalCa(dataDir, NOW, random).then(
      () => undefined,
      (error: unknown) => error as Failure,
    );
    assert.equal(failure?.code, 'ca-unusable', name);
    assert.ok(failure?.message.includes(join(dataDir, 'ca.pem')), name);
    assert.equal(readFileSync(join(dataDir, 'ca.pem'), 'utf8'), before);
    assert.ok(certificatePem.length > 0);
  }
});

test('another authority in place of the old one: key and certificate must belong together', async () => {
  const [one, two] = [newDir(), newDir()];
  await openLocalCa(one, NOW, random);
  const other = await openLocalCa(two, NOW, random);
  writeFileSync(join(one, 'ca-key.pem'), other.keyPem);
  await assert.rejects(openLocalCa(one, NOW, random), /the key does not belong to the certificate/);
});
