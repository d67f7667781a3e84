import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { UserRecord } from '../core/link/index.ts';
import { seesConsole } from './sees-console.ts';

const CASES: readonly [what: string, record: Pick<UserRecord, 'roles' | 'memberships' | 'seesConsole'>, boolean][] = [
  ['a member', { roles: ['member'] }, false],
  ['an administrator, also where control is older and does not say it', { roles: ['admin'] }, true],
  ['an owner elsewhere', { roles: [], memberships: [{ organisationId: 'org_2', roles: ['owner'] }] }, true],
  ['somebody of whom control says it', { roles: ['operator'], seesConsole: true }, true],
];
for (const [what, record, expected] of CASES)
  test(`the console is a step away: ${what}`, () => {
    const whole = {
      ...record,
      kind: 'user',
      id: 'usr_1',
      email: 'ann@example.com',
      name: 'Ann',
      disabled: false,
    } as const;
    assert.equal(seesConsole(whole), expected);
  });
