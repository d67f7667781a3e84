import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { type IpAddress, parseIpAddress } from '../../base/index.ts';
import { greatCircleKm } from '../../core/steering/index.ts';
import { countryCodes, placeOfCountry } from './country-places.ts';
import { lazyGeoDatabase, openGeoDatabase } from './geo-database.ts';

const address = (text: string) => parseIpAddress(text) as IpAddress;

describe('where an address is', () => {
  // Addresses whose registration has been the same for decades.
  for (const [text, code] of [
    ['193.0.6.139', 'NL'],
    ['2001:67c:2e8::1', 'NL'],
    ['133.11.0.1', 'JP'],
    ['200.160.2.3', 'BR'],
  ] as const) {
    test(`${text} is in ${code}`, async () => {
      const database = await openGeoDatabase();
      assert.deepEqual(database.place(address(text)), placeOfCountry(code));
    });
  }

  test('addresses that are nowhere have no place', async () => {
    const database = await openGeoDatabase();
    for (const text of ['127.0.0.1', '10.1.2.3', '::1', 'fd00::1', '203.0.113.7'])
      assert.deepEqual(database.place(address(text)), []);
    assert.ok(database.builtUnixMs > Date.UTC(2025, 0));
  });

  test('the country table is read when it is needed', async () => {
    const database = lazyGeoDatabase((error) => assert.fail(String(error)));
    assert.deepEqual(database.place(address('10.1.2.3')), []);
    assert.deepEqual(database.place(address('193.0.6.139')), [], 'not there yet');
    while (database.place(address('193.0.6.139')).length === 0) await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(database.place(address('193.0.6.139')), placeOfCountry('NL'));
  });

  test('a database of cities says more than the country', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'manis-geo-'));
    try {
      const file = join(folder, 'cities.mmdb');
      await writeFile(file, cityDatabase());
      const database = await openGeoDatabase(file);
      assert.deepEqual(database.place(address('8.8.8.8')), [{ latitude: 48.5, longitude: 9.25, weight: 1 }]);
      assert.deepEqual(database.place(address('200.1.1.1')), [], 'it has no IPv4 address above 128');
      assert.deepEqual(database.place(address('2a00:1450::1')), [], 'it has no IPv6 address');
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  for (const [name, bytes] of [
    ['that is empty', ''],
    ['that is something else', 'x'.repeat(10_000)],
  ] as const) {
    test(`a file ${name} is refused with its name`, async () => {
      const folder = await mkdtemp(join(tmpdir(), 'manis-geo-'));
      try {
        await writeFile(join(folder, 'bad.mmdb'), bytes);
        await assert.rejects(openGeoDatabase(join(folder, 'bad.mmdb')), {
          code: 'geo-database-unreadable',
          message: /bad\.mmdb/,
        });
      } finally {
        await rm(folder, { recursive: true });
      }
    });
  }
});

describe('the places of countries', () => {
  test('are there for all codes, on the globe, and where people know them to be', () => {
    assert.equal(countryCodes().length, 250);
    for (const code of countryCodes())
      for (const { latitude, longitude, weight } of placeOfCountry(code) ?? [])
        assert.ok(Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180 && weight > 0, code);
    for (const [code, latitude, longitude] of [
      ['NL', 52.37, 4.9],
      ['AU', -33.87, 151.2],
      ['CL', -33.45, -70.67],
      ['JP', 35.68, 139.7],
      ['ZA', -26.2, 28.05],
    ] as const)
      assert.ok(
        greatCircleKm(placeOfCountry(code)?.[0] ?? { latitude: 0, longitude: 0 }, { latitude, longitude }) < 300,
        code,
      );
    assert.equal(placeOfCountry('ZZ'), undefined);
  });
});

/**
 * A MaxMind DB (format 2.0) of one node: the lower half of IPv4 is at one place, the upper half nowhere. Tree (24-bit
 * records: data pointer, "not found"), 16 zeros, data section, marker, metadata.
 */
function cityDatabase(): Buffer {
  const nodeCount = 1;
  const tree = Buffer.from([0, 0, nodeCount + 16, 0, 0, nodeCount]);
  const data = map({
    location: map({ latitude: double(48.5), longitude: double(9.25) }),
    country: map({ iso_code: text('DE') }),
  });
  const metadata = map({
    node_count: uint32(nodeCount),
    record_size: uint16(24),
    ip_version: uint16(4),
    database_type: text('Test-City'),
    languages: Buffer.from([0x00, 0x04]),
    binary_format_major_version: uint16(2),
    binary_format_minor_version: uint16(0),
    build_epoch: uint32(1_750_000_000),
    description: map({}),
  });
  const marker = Buffer.concat([Buffer.from([0xab, 0xcd, 0xef]), Buffer.from('MaxMind.com')]);
  return Buffer.concat([tree, Buffer.alloc(16), data, marker, metadata]);
}

function text(value: string): Buffer {
  return Buffer.concat([Buffer.from([0x40 | value.length]), Buffer.from(value)]);
}

function longText(value: string): Buffer {
  return value.length < 29 ? text(value) : Buffer.concat([Buffer.from([0x5d, value.length - 29]), Buffer.from(value)]);
}

function double(value: number): Buffer {
  const bytes = Buffer.alloc(9);
  bytes[0] = 0x68;
  bytes.writeDoubleBE(value, 1);
  return bytes;
}

function uint16(value: number): Buffer {
  return Buffer.from([0xa2, value >> 8, value & 0xff]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(5);
  bytes[0] = 0xc4;
  bytes.writeUInt32BE(value, 1);
  return bytes;
}

function map(fields: Readonly<Record<string, Buffer>>): Buffer {
  const entries = Object.entries(fields);
  return Buffer.concat([
    Buffer.from([0xe0 | entries.length]),
    ...entries.flatMap(([key, value]) => [longText(key), value]),
  ]);
}
