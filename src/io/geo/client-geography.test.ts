import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { type IpAddress, parseIpAddress } from '../../base/index.ts';
import { openAsnTable } from './asn-table.ts';
import { ClientGeography } from './client-geography.ts';
import { continentOf } from './continents.ts';
import { countryCodes } from './country-places.ts';

const address = (text: string) => parseIpAddress(text) as IpAddress;
const unexpected = (error: unknown) => assert.fail(String(error));

describe('where clients are, for policies', () => {
  test('nothing is known before a policy asks, and only what it asks for', async () => {
    const geography = new ClientGeography({ failed: unexpected });
    assert.equal(geography.placeOf(address('193.0.6.139')), undefined);
    await geography.want({ country: false, asn: false });
    assert.equal(geography.placeOf(address('193.0.6.139')), undefined);
    await geography.want({ country: true, asn: false });
    assert.deepEqual(geography.placeOf(address('193.0.6.139')), { country: 'NL', continent: 'EU' });
    assert.deepEqual(geography.placeOf(address('2001:67c:2e8::1')), { country: 'NL', continent: 'EU' });
    for (const text of ['10.0.0.1', '::1', 'fd00::1', '100.64.0.1'])
      assert.equal(geography.placeOf(address(text)), undefined, text);
  });

  test('the table of autonomous systems of the package', async () => {
    const geography = new ClientGeography({ failed: unexpected });
    await geography.want({ country: false, asn: true });
    // Their own for decades: RIPE NCC, and Google's resolver.
    assert.deepEqual(geography.placeOf(address('193.0.6.139')), { asn: 3333 });
    assert.deepEqual(geography.placeOf(address('8.8.8.8')), { asn: 15169 });
    assert.deepEqual(geography.placeOf(address('2001:4860:4860::8888')), { asn: 15169 });
  });

  test('a file that cannot be read is told of once, and all stays unknown', async () => {
    const failures: unknown[] = [];
    const geography = new ClientGeography({ geoDatabase: '/nowhere.mmdb', failed: (error) => failures.push(error) });
    await geography.want({ country: true, asn: false });
    await geography.want({ country: true, asn: false });
    assert.equal(failures.length, 1);
    assert.match(String(failures[0]), /nowhere\.mmdb/);
    assert.equal(geography.placeOf(address('193.0.6.139')), undefined);
  });
});

describe('ranges of autonomous systems', () => {
  test('ends, gaps and both families', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'manis-asn-'));
    try {
      const [ipv4, ipv6] = [join(folder, '4.csv'), join(folder, '6.csv')];
      // 1.0.0.0-1.0.0.255, 1.0.2.0-1.0.2.255, 255.0.0.0-255.255.255.255; 2001:db8::/32.
      await writeFile(
        ipv4,
        '16777216,16777471,64500,"One, Inc."\n16777728,16777983,64501,Two\n4278190080,4294967295,64502,Three',
      );
      await writeFile(
        ipv6,
        '42540766411282592856903984951653826560,42540766490510755371168322545197776895,64503,Four\n',
      );
      const table = await openAsnTable([ipv4, ipv6]);
      for (const [text, asn] of [
        ['0.255.255.255', undefined],
        ['1.0.0.0', 64500],
        ['1.0.0.255', 64500],
        ['1.0.1.0', undefined],
        ['1.0.2.7', 64501],
        ['1.0.3.0', undefined],
        ['255.255.255.255', 64502],
        ['2001:db8::1', 64503],
        ['2001:db8:ffff:ffff:ffff:ffff:ffff:ffff', 64503],
        ['2001:db9::', undefined],
        ['::1', undefined],
      ] as const)
        assert.equal(table.asn(address(text)), asn, text);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('a table that is not there is refused by name', async () => {
    await assert.rejects(openAsnTable(['/nowhere.csv', '/nowhere.csv']), { code: 'asn-table-unreadable' });
  });
});

test('every country is on one continent', () => {
  for (const code of countryCodes()) assert.notEqual(continentOf(code), undefined, code);
  assert.equal(continentOf('ZZ'), undefined);
});
