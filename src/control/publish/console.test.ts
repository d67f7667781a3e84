import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { CONSOLE_PERMISSIONS } from '../permissions.ts';
import { consoleRule } from './console.ts';

const role = (name: string, permissions: readonly string[], built_in: 'owner' | 'member' | null = null) => ({
  ...{ organisation_id: 'org_1', name, built_in },
  permissions: JSON.stringify(permissions),
});
const sees = consoleRule({
  roles: [
    role('owner', [], 'owner'),
    role('member', [], 'member'),
    role('operator', ['site.read', 'site.write']),
    role('tinkerer', ['quick-tunnel.read', 'quick-tunnel.write']),
    role('of-tomorrow', ['thing.read']),
  ],
});

const CASES: readonly [what: string, organisationId: string, roles: readonly string[], expected: boolean][] = [
  ['nobody in particular', 'org_1', [], false],
  ['a member', 'org_1', ['member'], false],
  ['an owner, whom PoPs know by the role', 'org_1', ['owner'], false],
  ['a role with something to see', 'org_1', ['member', 'operator'], true],
  ['a role of that name elsewhere', 'org_2', ['operator'], false],
  ['what has no page', 'org_1', ['tinkerer'], false],
  ['a permission that is not known here', 'org_1', ['of-tomorrow'], false],
];
for (const [what, organisationId, roles, expected] of CASES)
  test(`whether the console is a step away: ${what}`, () => assert.equal(sees([{ organisationId, roles }]), expected));

test('the permissions are those that the sections of the console need', () => {
  const sections = readFileSync(join(import.meta.dirname, '../../dashboard/frame/sections.ts'), 'utf8');
  const needed = new Set([...sections.matchAll(/needs: '([^']+)'/g)].map(([, name]) => name));
  assert.deepEqual([...needed].sort(), [...CONSOLE_PERMISSIONS].sort());
});
