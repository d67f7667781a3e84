import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { describe, test } from 'node:test';
import { type Issued, issue, type Wanted } from '../testing/client-pki.ts';
import { readOwnCertificate } from './own-certificate.ts';

const NOW = Date.UTC(2026, 10, 26);
const DAY_MS = 86_400_000;
const names = { name: 'site', dns: ['example.com', '*.Example.com'] };

describe('a certificate that somebody gives', async () => {
  const root = await issue(NOW, { name: 'Root', isAuthority: true });
  const middle = await issue(NOW, { name: 'Middle', isAuthority: true }, root);
  const leafOf = (change: Partial<Wanted> = {}): Promise<Issued> => issue(NOW, { ...names, ...change }, middle);
  const leaf = await leafOf();
  const read = (chain: readonly Issued[], key = leaf.keyPem) =>
    readOwnCertificate(chain.map(({ certificatePem }) => certificatePem).join('\n'), key, NOW);

  test('is read with its names, its times and its chain', () => {
    const own = read([leaf, middle]);
    assert.deepEqual(own.hosts, ['example.com', '*.example.com']);
    assert.ok(own.notAfterUnixMs > NOW && own.notBeforeUnixMs <= NOW);
    assert.equal(own.chainPem.match(/BEGIN CERTIFICATE/g)?.length, 2);
    assert.match(own.keyPem, /^-----BEGIN PRIVATE KEY-----/);
    assert.deepEqual(own.warnings, []);
    assert.equal(read([leaf, middle, root]).warnings.length, 0, 'the root does no harm');
  });
  test('is taken with a word where the chain is short', () =>
    assert.match(read([leaf]).warnings[0] ?? '', /without the intermediate certificates/));

  const other = await leafOf();
  const weak = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey.export({ type: 'pkcs8', format: 'pem' });
  const expired = await leafOf({ fromMs: -9 * DAY_MS, untilMs: -DAY_MS });
  const unborn = await leafOf({ fromMs: 2 * DAY_MS, untilMs: 9 * DAY_MS });
  const forClients = await leafOf({ purposes: ['1.3.6.1.5.5.7.3.2'] });
  const nameless = await issue(NOW, { name: 'nobody', purposes: [] }, middle);
  const cases: [string, () => unknown, RegExp][] = [
    ['no certificate', () => readOwnCertificate('hello', leaf.keyPem, NOW), /holds no certificate in PEM/],
    [
      'a broken one',
      () => readOwnCertificate('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----', leaf.keyPem, NOW),
      /certificate 1 of the chain cannot be read/,
    ],
    ['no key', () => read([leaf], 'secret words'), /the key is no private key in PEM/],
    ['a key of another', () => read([leaf, middle], other.keyPem), /the key does not belong to CN=site/],
    ['an encrypted key', () => read([leaf], '-----BEGIN ENCRYPTED PRIVATE KEY-----'), /without a passphrase/],
    ['the leaf last', () => read([middle, leaf]), /wrong order: CN=site, which the key is for, comes first/],
    ['a gap', () => read([leaf, root]), /CN=site is not signed by CN=Root, which follows it/],
    ['one that expired', () => read([expired, middle], expired.keyPem), /CN=site expired on 2026-11-25/],
    ['one that is not valid yet', () => read([unborn, middle], unborn.keyPem), /not valid before 2026-11-28/],
    ['one for clients', () => read([forClients, middle], forClients.keyPem), /is not for servers/],
    ['an authority', () => read([middle, root], middle.keyPem), /is an authority, not a server/],
    ['one without names', () => read([nameless, middle], nameless.keyPem), /names no DNS names/],
    ['a weak key that is another’s', () => read([leaf], String(weak)), /does not belong/],
  ];
  for (const [name, given, expected] of cases)
    test(`refused: ${name}`, () =>
      assert.throws(given, (error: Error & { code: string }) => {
        assert.equal(error.code, 'certificate-invalid');
        assert.match(error.message, expected);
        assert.ok(!error.message.includes('PRIVATE') && !error.message.includes('secret words'));
        return true;
      }));
});
