import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explanationText } from './explanation.ts';
import { policyFrom } from './policy-file.ts';

const GOOD = `
rules:
  - id: engineers
    name: Engineers on working days
    enabled: true
    when:
      all:
        - country: [DE, AT]
        - time: { days: [monday], from: "08:00", to: "18:00", zone: Europe/Berlin }
    then:
      kind: authenticate
      anyOf: { roles: [engineering] }
      methods: [passkey]
`;

test('a policy in a file is read as it is meant', () => {
  const { rules } = policyFrom(GOOD, 'policy.yaml', 'resource');
  assert.deepEqual(rules[0]?.then, { kind: 'authenticate', anyOf: { roles: ['engineering'] }, methods: ['passkey'] });
  assert.equal(policyFrom(JSON.stringify({ rules }), 'policy.json', 'resource').rules.length, 1);
});

test('each mistake is told with its line and what is expected there', () => {
  const table: [change: [string, string], message: RegExp][] = [
    [['[DE, AT]', '[DE, at]'], /^policy\.yaml:8: rules\[0\]\.when\.all\[0\]\.country\[1\]: expected a country as two/],
    [['zone: Europe/Berlin', 'zone: Berlin'], /^policy\.yaml:9: .*time\.zone: expected a time zone of the IANA/],
    [
      ['country:', 'contry:'],
      /^policy\.yaml:8: rules\[0\]\.when\.all\[0\]\.contry: expected one of the keys .*country/,
    ],
    [['enabled: true', 'enabled: on'], /^policy\.yaml:5: rules\[0\]\.enabled: expected true or false, found "on"/],
    [['kind: authenticate', 'kind: allow'], /^policy\.yaml:11: rules\[0\]\.then\.kind: expected deny, bypass/],
    [['rules:', 'rulez:'], /^policy\.yaml:2: rulez: expected one of the keys rules/],
    [['rules:', 'rules: ['], /^policy\.yaml: not YAML/],
  ];
  for (const [[from, to], message] of table) {
    assert.ok(GOOD.includes(from));
    assert.throws(
      () => policyFrom(GOOD.replace(from, to), 'policy.yaml', 'resource'),
      (error: Error) => {
        assert.match(error.message, message);
        return true;
      },
    );
  }
  const bypass = `${GOOD.slice(0, GOOD.indexOf('then:'))}then: { kind: bypass }\n`;
  assert.equal(policyFrom(bypass, 'p', 'resource').rules.length, 1);
  assert.throws(() => policyFrom(bypass, 'p', 'organisation'), /only restrict/);
});

test('an explanation names the decision, what would help, and every condition', () => {
  const condition = {
    kind: 'not',
    value: 'false' as const,
    children: [{ kind: 'country', value: 'true', config: ['DE'], children: [] }],
  };
  const text = explanationText({
    ...{ outcome: 'challenge' as const, reason: 'not-signed-in', ruleId: 'r2', ruleName: 'Engineers', asNobody: true },
    ways: { accounts: true, methods: ['passkey'], credentials: ['pin'], guests: true },
    rules: [
      { scope: 'organisation', ruleId: 'r1', ruleName: 'Else\u001bwhere', effect: 'not-matched', condition },
      { scope: 'resource', ruleId: 'r2', ruleName: 'Engineers', effect: 'decided' },
    ],
  });
  assert.ok(!text.includes('\u001b'));
  const lines = text.split('\n');
  assert.equal(lines[0], 'challenge: not-signed-in by the rule "Engineers" (r2)');
  assert.equal(lines[2], 'what would help: an account with passkey, pin, a code by e-mail');
  assert.deepEqual(lines.slice(5, 7), ['  not: false', '    country ["DE"]: true']);
  assert.equal(lines.at(-1), 'Engineers (r2): decided');
});
