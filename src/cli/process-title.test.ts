import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { titleWithoutSecrets } from './process-title.ts';

test('a command with a secret in it shows its first words to whoever lists processes', () => {
  const table: [args: string, title: string | undefined][] = [
    ['connector join mnc_secret', 'manis connector join'],
    ['pop join mnp_secret --data-dir /x', 'manis pop join'],
    ['pop --enrol-token mnp_secret', 'manis pop'],
    ['pop --enrol-token=anything', 'manis pop'],
    ['site list --token x', 'manis site list'],
    ['try 3000 --pin 123456', 'manis try'],
    ['try --password=x 3000', 'manis try'],
    ['--token x site list', 'manis'],
    ['pop --enrol-token-file /etc/manis/token', undefined],
    ['store backup --store-password-file /x f', undefined],
    ['up --port-base 9000', undefined],
    ['site add mnemosyne', undefined],
    ['', undefined],
  ];
  for (const [args, title] of table) assert.equal(titleWithoutSecrets(args.split(' ').filter(Boolean)), title, args);
});

test('a title takes the place of all that a process was called with', { skip: process.platform !== 'linux' }, () => {
  const script = `process.title = 'manis connector join'; process.stdout.write(require('node:fs').readFileSync('/proc/self/cmdline'))`;
  const { stdout } = spawnSync(process.execPath, ['-e', script, 'connector', 'join', 'mnc_secret'], {
    encoding: 'utf8',
  });
  assert.match(stdout, /manis connector join/);
  assert.doesNotMatch(stdout, /mnc_secret/);
});

test('the script that starts the command goes by the same rule', () => {
  const script = readFileSync(join(import.meta.dirname, '../../scripts/manis.mjs'), 'utf8');
  const own = readFileSync(join(import.meta.dirname, 'process-title.ts'), 'utf8');
  for (const rule of ['TOKEN', 'SECRET_FLAG', 'COMMAND_WORD']) {
    const line = new RegExp(`^const ${rule} = .*;$`, 'm').exec(own)?.[0] ?? assert.fail(rule);
    assert.ok(script.includes(line), `scripts/manis.mjs has: ${line}`);
  }
});
