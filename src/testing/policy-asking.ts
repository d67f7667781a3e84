/** Asks one criterion, as a policy would. */
import assert from 'node:assert/strict';
import { criterionNamed } from '../core/policy/criteria/registry.ts';
import { newIndexes } from '../core/policy/criterion.ts';
import {
  compileLists,
  type NamedLists,
  normaliseTarget,
  type PolicyContext,
  plainContext,
  type Subject,
  type TruthName,
  truthName,
} from '../core/policy/index.ts';
import { ProblemList } from '../core/policy/problem.ts';

const root = normaliseTarget('/');

/** A request of which nothing is known but what is changed. */
export function requestWith(changes: Partial<PolicyContext> = {}): PolicyContext {
  assert.ok(typeof root !== 'string');
  return plainContext({ target: root, method: 'GET', nowUnixMs: 1_000, clientAddress: undefined, ...changes });
}

export const ADA: Subject = {
  kind: 'user',
  userId: 'ada',
  email: 'Ada@Example.com',
  roles: ['engineer'],
  groups: ['berlin'],
  methods: ['password'],
  mfa: false,
  authenticatedAtUnixMs: 0,
};
export const GUEST: Subject = { ...ADA, kind: 'guest', userId: '', roles: [], groups: [], methods: ['email-otp'] };
export const HOLDER: Subject = {
  ...GUEST,
  kind: 'holder',
  email: '',
  methods: ['pin'],
  credential: { id: 'c', method: 'pin' },
};

/** `role`, `['engineer']` and so on: what the leaf says of a request. */
export function asked(
  name: string,
  config: unknown,
  context: PolicyContext = requestWith(),
  subject?: Subject,
  lists: NamedLists = {},
): TruthName {
  const criterion = criterionNamed(name);
  assert.ok(criterion, `no criterion ${name}`);
  const problems = new ProblemList();
  const parsed = criterion.parse(config, name, problems);
  assert.deepEqual(problems.problems, []);
  assert.deepEqual(parsed, config);
  return truthName(criterion.compile(parsed, newIndexes(compileLists(lists)))(context, subject));
}

/** The path of the first problem with a config and what is expected there. */
export function problemOf(name: string, config: unknown): string {
  const problems = new ProblemList();
  assert.equal(criterionNamed(name)?.parse(config, name, problems), undefined, JSON.stringify(config));
  const [first] = problems.problems;
  return `${first?.path}: ${first?.expected}`;
}
