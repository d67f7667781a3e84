// biome-ignore-all lint/suspicious/noThenProperty: a rule is written when and then; it is an object, so nothing awaits it
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MAXIMUM_CONDITIONS_PER_RULE, MAXIMUM_PROBLEMS, MAXIMUM_RULES } from './constants.ts';
import { parsePolicy } from './parse.ts';

function rule(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return { id: 'r', name: 'a rule', enabled: true, when: { all: [] }, then: { kind: 'deny' }, ...changes };
}

/** The paths of the problems and what was expected there. */
function problemsOf(json: unknown, scope?: 'organisation'): Record<string, string> {
  const parsed = parsePolicy(json, scope);
  assert.ok(!parsed.ok, 'the policy was accepted');
  return Object.fromEntries(parsed.problems.map((problem) => [problem.path, problem.expected]));
}

const nested = (depth: number): unknown => (depth === 0 ? { all: [] } : { not: nested(depth - 1) });

test('a policy with every kind of thing is read back as it was written', () => {
  const written = {
    rules: [
      rule({
        when: {
          all: [
            { any: [{ ip: ['10.0.0.0/8', 'private'] }, { user: ['u1'] }] },
            { not: { path: { prefix: '/admin', ignoreCase: true } } },
            { method: ['GET', 'PROPFIND'] },
          ],
        },
        then: {
          kind: 'authenticate',
          anyOf: { roles: ['staff'] },
          methods: ['oidc'],
          mfa: true,
          maximumSessionAgeMs: 5,
        },
      }),
      rule({ id: 's', enabled: false, then: { kind: 'bypass' } }),
    ],
  };
  assert.deepEqual(parsePolicy(JSON.parse(JSON.stringify(written))), { ok: true, policy: written });
});

test('a rule is enabled where nothing is said of it', () => {
  const { enabled: _, ...silent } = rule();
  const parsed = parsePolicy({ rules: [silent] });
  assert.deepEqual(parsed.ok && parsed.policy.rules, [rule()]);
});

test('each mistake is found at its key', () => {
  const leaf = (when: unknown) => ({ rules: [rule({ when })] });
  const action = (then: unknown) => ({ rules: [rule({ then })] });
  const table: [json: unknown, path: string, expected: RegExp][] = [
    [null, '', /an object/],
    [[], '', /an object/],
    [{}, 'rules', /a list/],
    [{ rules: [], extra: 1 }, 'extra', /one of the keys rules/],
    [{ rules: ['x'] }, 'rules[0]', /an object/],
    [{ rules: [rule({ id: '' })] }, 'rules[0].id', /a text/],
    [{ rules: [rule({ name: undefined })] }, 'rules[0].name', /a text/],
    [{ rules: [rule({ enabled: 'yes' })] }, 'rules[0].enabled', /true or false/],
    [{ rules: [rule(), rule()] }, 'rules[1].id', /no other rule/],
    [{ rules: [rule({ whem: {} })] }, 'rules[0].whem', /one of the keys/],
    [{ rules: Array.from({ length: MAXIMUM_RULES + 1 }, () => rule()) }, 'rules', /at most/],
    [leaf(undefined), 'rules[0].when', /an object/],
    [leaf({}), 'rules[0].when', /exactly one/],
    [leaf({ ip: ['private'], user: ['x'] }), 'rules[0].when', /exactly one/],
    [leaf({ weather: ['DE'] }), 'rules[0].when.weather', /one of the keys/],
    [leaf({ toString: ['x'] }), 'rules[0].when.toString', /one of the keys/],
    [leaf({ any: [] }), 'rules[0].when.any', /at least one/],
    [leaf({ all: [{ not: { ip: ['10.0.0.1/8'] } }] }), 'rules[0].when.all[0].not.ip[0]', /an address/],
    [leaf({ ip: ['::ffff:10.0.0.0/104'] }), 'rules[0].when.ip[0]', /IPv4 block itself/],
    [leaf({ ip: [] }), 'rules[0].when.ip', /a list/],
    [leaf({ ip: ['constructor'] }), 'rules[0].when.ip[0]', /an address/],
    [leaf({ method: ['get'] }), 'rules[0].when.method[0]', /capitals/],
    [leaf({ role: 'admin' }), 'rules[0].when.role', /a list/],
    [leaf({ user: [7] }), 'rules[0].when.user[0]', /a text/],
    [leaf({ path: {} }), 'rules[0].when.path', /exactly one/],
    [leaf({ path: { exact: '/a', prefix: '/a' } }), 'rules[0].when.path', /exactly one/],
    [leaf({ path: { pattern: '/a' } }), 'rules[0].when.path.pattern', /one of the keys/],
    [leaf({ path: { exact: 'a' } }), 'rules[0].when.path.exact', /starts with/],
    [leaf({ path: { prefix: '/a//b' } }), 'rules[0].when.path.prefix', /empty segments/],
    [leaf({ path: { prefix: '/a/../b' } }), 'rules[0].when.path.prefix', /segments/],
    [leaf({ path: { exact: '/a;b' } }), 'rules[0].when.path.exact', /parameters/],
    [leaf({ path: { exact: '/a?b' } }), 'rules[0].when.path.exact', /query/],
    [leaf({ path: { exact: '/a%20b' } }), 'rules[0].when.path.exact', /decoded/],
    [leaf({ path: { glob: '/a**' } }), 'rules[0].when.path.glob', /stands alone/],
    [leaf({ path: { exact: '/a', ignoreCase: 1 } }), 'rules[0].when.path.ignoreCase', /true or false/],
    [leaf(nested(16)), `rules[0].when${'.not'.repeat(16)}`, /deep/],
    [leaf({ all: Array(MAXIMUM_CONDITIONS_PER_RULE).fill({ all: [] }) }), 'rules[0].when.all[199]', /at most/],
    [action({}), 'rules[0].then.kind', /deny, bypass or authenticate/],
    [action({ kind: 'allow' }), 'rules[0].then.kind', /deny, bypass or authenticate/],
    [action({ kind: 'deny', mfa: true }), 'rules[0].then.mfa', /one of the keys kind/],
    [action({ kind: 'authenticate' }), 'rules[0].then.anyOf', /signed-in/],
    [action({ kind: 'authenticate', anyOf: {} }), 'rules[0].then.anyOf', /at least one/],
    [action({ kind: 'authenticate', anyOf: { roles: [] } }), 'rules[0].then.anyOf.roles', /a list/],
    [action({ kind: 'authenticate', anyOf: 'signed-in', methods: ['x'] }), 'rules[0].then.methods[0]', /passkey/],
    [
      action({ kind: 'authenticate', anyOf: 'signed-in', maximumSessionAgeMs: 0 }),
      'rules[0].then.maximumSessionAgeMs',
      /above 0/,
    ],
  ];
  for (const [json, path, expected] of table) {
    const problems = problemsOf(json);
    assert.match(problems[path] ?? `nothing at ${path}: ${JSON.stringify(problems)}`, expected);
  }
});

test('an organisation cannot make anything public', () => {
  const json = { rules: [rule({ then: { kind: 'bypass' } })] };
  assert.ok(parsePolicy(json).ok);
  assert.match(problemsOf(json, 'organisation')['rules[0].then.kind'] ?? '', /only restrict/);
});

test('a hostile policy gives a bounded list of problems', () => {
  const parsed = parsePolicy({ rules: Array(500).fill(rule({ when: { all: Array(5_000).fill(1) } })) });
  assert.ok(!parsed.ok);
  assert.equal(parsed.problems.length, MAXIMUM_PROBLEMS);
});

test('no JSON makes the parser throw', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom('when', 'then', 'id', 'rules'), (json, key) => {
      parsePolicy(json);
      parsePolicy(key === 'rules' ? { rules: json } : { rules: [rule({ [key]: json })] });
    }),
  );
});
