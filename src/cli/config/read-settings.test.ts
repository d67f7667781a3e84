import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { connectorSettings, popSettings, upSettings } from './programs.ts';
import { flagName, readSettings, readSettingsFile, type Sources, variableName } from './read-settings.ts';
import type { Settings } from './value.ts';

const nothing: Sources = { flags: {}, variables: new Map() };
const flags = (values: Sources['flags']): Sources => ({ ...nothing, flags: values });
const variables = (values: Record<string, string>): Sources => ({
  ...nothing,
  variables: new Map(Object.entries(values)),
});
const file = (values: Record<string, unknown>): Sources => ({ ...nothing, file: { path: 'manis.yaml', values } });

describe('settings', () => {
  test('have three spellings', () => {
    assert.equal(flagName('adminPasswordFile'), 'admin-password-file');
    assert.equal(variableName('adminPasswordFile'), 'MANIS_ADMIN_PASSWORD_FILE');
  });

  test('have defaults', () => {
    assert.deepEqual(readSettings(upSettings, nothing), {
      json: false,
      dataDir: '.manis',
      adminEmail: 'admin@manis.localhost',
      logLevel: 'info',
    });
  });

  test('come from flags before variables before the file', () => {
    const all: Sources = {
      flags: { 'port-base': '1000' },
      variables: new Map([
        ['MANIS_PORT_BASE', '2000'],
        ['MANIS_JSON', 'true'],
      ]),
      file: { path: 'manis.yaml', values: { portBase: 3000, json: false, app: 'http://localhost:3000' } },
    };
    const { portBase, json, app } = readSettings(upSettings, all);
    assert.deepEqual({ portBase, json, app }, { portBase: 1000, json: true, app: 'http://localhost:3000' });
  });

  test('lists are repeated flags, commas or a YAML list', () => {
    const base = { 'data-dir': 'd', 'enrol-url': 'https://c.example', udp: '0.0.0.0:51820' };
    const expected = [
      { host: '127.0.0.1', port: 1 },
      { host: '::1', port: 2 },
    ];
    for (const https of [['127.0.0.1:1', '[::1]:2'], '127.0.0.1:1,[::1]:2'] as const) {
      assert.deepEqual(readSettings(popSettings, flags({ ...base, https })).https, expected);
    }
    const fromFile = {
      dataDir: 'd',
      enrolUrl: 'https://c.example',
      udp: '0.0.0.0:1',
      https: ['127.0.0.1:1', '[::1]:2'],
    };
    assert.deepEqual(readSettings(popSettings, file(fromFile)).https, expected);
  });
});

interface BadSetting {
  readonly schema?: Settings;
  readonly sources: Sources;
  readonly says: string;
}

const BAD_SETTINGS: readonly BadSetting[] = [
  { sources: flags({ 'port-base': 'abc' }), says: '--port-base is "abc"; expected a whole number from 1 to 65529' },
  { sources: flags({ 'port-base': '0' }), says: '--port-base is "0"; expected a whole number from 1 to 65529' },
  { sources: flags({ 'port-base': '65530' }), says: '--port-base is "65530"; expected a whole number from 1 to 65529' },
  { sources: flags({ 'port-base': '1.5' }), says: '--port-base is "1.5"; expected a whole number from 1 to 65529' },
  { sources: flags({ 'port-base': '' }), says: '--port-base is ""; expected a whole number from 1 to 65529' },
  {
    sources: variables({ MANIS_PORT_BASE: 'x' }),
    says: 'MANIS_PORT_BASE is "x"; expected a whole number from 1 to 65529',
  },
  { sources: file({ portBase: -1 }), says: 'portBase in manis.yaml is -1; expected a whole number from 1 to 65529' },
  {
    sources: flags({ app: 'localhost:3000' }),
    says: '--app is "localhost:3000"; expected a URL such as http://localhost:3000',
  },
  { sources: flags({ app: 'ftp://x' }), says: '--app is "ftp://x"; expected a URL such as http://localhost:3000' },
  { sources: flags({ 'data-dir': '' }), says: '--data-dir is ""; expected a folder that can be written' },
  { sources: flags({ 'admin-email': 'root' }), says: '--admin-email is "root"; expected an email address' },
  { sources: variables({ MANIS_JSON: 'yes' }), says: 'MANIS_JSON is "yes"; expected true or false' },
  {
    sources: flags({ 'log-level': 'loud' }),
    says: '--log-level is "loud"; expected debug, info, warn, error or silent',
  },
  {
    schema: connectorSettings,
    sources: nothing,
    says: '--data-dir (or MANIS_DATA_DIR) is missing; expected a folder that can be written',
  },
  {
    schema: connectorSettings,
    sources: flags({ 'data-dir': 'd', 'enrol-url': 'https://x.example', name: 'n', 'enrol-token': '' }),
    says: '--enrol-token is (not shown); expected a one-time token',
  },
  {
    schema: popSettings,
    sources: flags({ 'data-dir': 'd', 'enrol-url': 'https://c.example', udp: '0.0.0.0:1', https: 'localhost' }),
    says: '--https is "localhost"; expected an address and port such as 127.0.0.1:8443 or [::1]:8443',
  },
];

describe('a bad setting is told in one line', () => {
  for (const { schema = upSettings, sources, says } of BAD_SETTINGS) {
    test(says, () => {
      assert.throws(() => readSettings(schema, sources), {
        name: 'UsageFailure',
        code: 'setting-invalid',
        message: says,
      });
    });
  }

  test('an unknown key of the file', () => {
    assert.throws(() => readSettings(connectorSettings, file({ nmae: 'x' })), {
      code: 'setting-unknown',
      message: /^nmae in manis\.yaml is not a setting; expected one of dataDir, enrolUrl/,
    });
  });
});

describe('a file of settings', () => {
  const folder = mkdtempSync(join(tmpdir(), 'manis-settings-'));
  const path = join(folder, 'manis.yaml');
  test('is YAML', async (context) => {
    context.after(() => rmSync(folder, { recursive: true }));
    writeFileSync(path, 'portBase: 9000 # why not\nhttps: [a, b]\n');
    assert.deepEqual(await readSettingsFile(path), { path, values: { portBase: 9000, https: ['a', 'b'] } });
    writeFileSync(path, '');
    assert.deepEqual((await readSettingsFile(path)).values, {});
    const bad: [text: string, says: RegExp][] = [
      ['a: [', /is not YAML: /],
      ['just words', /holds "just words"; expected lines of "key: value"$/],
      ['- 1', /holds \[1\]; expected/],
      [`a: &a [x]\nb: [${'*a, '.repeat(101)}]`, /is not YAML: Excessive alias count/],
    ];
    for (const [text, says] of bad) {
      writeFileSync(path, text);
      await assert.rejects(readSettingsFile(path), { code: 'setting-invalid', message: says });
    }
    await assert.rejects(readSettingsFile(`${path}.none`), { message: /expected a file that exists$/ });
  });
});
