// biome-ignore-all lint/suspicious/noThenProperty: a rule is written when and then; it is an object, so nothing awaits it
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseIpAddress } from '../../base/index.ts';
import { type CompiledPolicy, compile, compileOrganisation } from './compile.ts';
import { type PolicyContext, plainContext, type Subject } from './context.ts';
import { evaluate } from './evaluate.ts';
import { explain } from './explain.ts';
import { parsePolicy } from './parse.ts';
import { normaliseTarget } from './request-target.ts';

const NOW = 1_800_000_000_000;

interface Ask {
  readonly path?: string;
  readonly method?: string;
  readonly address?: string | null;
}

function contextOf({ path = '/', method = 'GET', address = '203.0.113.7' }: Ask): PolicyContext {
  const target = normaliseTarget(path);
  assert.ok(typeof target !== 'string', String(target));
  const clientAddress = address === null ? undefined : parseIpAddress(address);
  return plainContext({ target, method, clientAddress, nowUnixMs: NOW });
}

function person(changes: Partial<Subject> = {}): Subject {
  const who = { kind: 'user' as const, userId: 'ann', email: 'ann@example.com', roles: ['staff'], groups: ['berlin'] };
  return { ...who, methods: ['password'], mfa: false, authenticatedAtUnixMs: NOW - 60_000, ...changes };
}

type Written = readonly [when: unknown, then: unknown];

function policyOf(resource: readonly Written[] | undefined, organisation?: readonly Written[]): CompiledPolicy {
  const read = (written: readonly Written[] | undefined, scope: 'resource' | 'organisation') => {
    if (!written) return undefined;
    const rules = written.map(([when, then], i) => ({
      id: `${scope[0]}${i}`,
      name: 'rule',
      enabled: true,
      when,
      then,
    }));
    const parsed = parsePolicy({ rules }, scope);
    assert.ok(parsed.ok, JSON.stringify(parsed));
    return parsed.policy;
  };
  const sources = {
    resource: read(resource, 'resource'),
    organisation: compileOrganisation(read(organisation, 'organisation'), 'v7'),
  };
  return compile({ ...sources, version: 'v7' });
}

const ALWAYS = { all: [] };
const DENY = { kind: 'deny' };
const BYPASS = { kind: 'bypass' };
const SIGN_IN = { kind: 'authenticate', anyOf: 'signed-in' };
const STAFF = { kind: 'authenticate', anyOf: { roles: ['staff'] } };
const ADMIN = { kind: 'authenticate', anyOf: { roles: ['admin'] } };

/** `outcome reason rule` of the decision. */
function decide(policy: CompiledPolicy, ask: Ask, subject: Subject | undefined): string {
  const context = contextOf(ask);
  const decision = evaluate(policy, context, subject);
  assert.equal(decision.policyVersion, 'v7');
  assert.equal(explain(policy, context, subject).decision, decision);
  return `${decision.outcome} ${decision.reason}${decision.ruleId === undefined ? '' : ` ${decision.ruleId}`}`;
}

test('nothing configured means deny', () => {
  assert.equal(decide(policyOf(undefined), {}, person()), 'deny policy-missing');
  assert.equal(decide(policyOf([]), {}, person()), 'deny policy-missing');
  assert.equal(decide(policyOf([[{ method: ['PUT'] }, BYPASS]]), {}, undefined), 'deny no-rule-matched');
  const parsed = parsePolicy({ rules: [{ id: 'a', name: 'a', enabled: false, when: ALWAYS, then: BYPASS }] });
  assert.ok(parsed.ok);
  assert.equal(decide(compile({ resource: parsed.policy, version: 'v7' }), {}, undefined), 'deny policy-missing');
});

test('the first rule that matches decides', () => {
  const policy = policyOf([
    [{ path: { prefix: '/health' } }, BYPASS],
    [{ path: { prefix: '/secret' } }, DENY],
    [ALWAYS, STAFF],
    [ALWAYS, BYPASS],
  ]);
  assert.equal(decide(policy, { path: '/health/live' }, undefined), 'allow bypass r0');
  assert.equal(decide(policy, { path: '/secret' }, person()), 'deny rule-denied r1');
  assert.equal(decide(policy, { path: '/x' }, undefined), 'challenge not-signed-in r2');
  assert.equal(decide(policy, { path: '/x' }, person()), 'allow authenticated r2');
  assert.equal(decide(policy, { path: '/x' }, person({ roles: [] })), 'deny role-missing r2');
});

test('what an authenticate rule asks for', () => {
  const table: [then: object, subject: Subject, decision: string][] = [
    [{ anyOf: 'signed-in' }, person({ roles: [] }), 'allow authenticated r0'],
    [{ anyOf: { users: ['ann'] } }, person(), 'allow authenticated r0'],
    [{ anyOf: { users: ['bob'] } }, person(), 'deny user-not-listed r0'],
    [{ anyOf: { groups: ['berlin'] } }, person(), 'allow authenticated r0'],
    [{ anyOf: { groups: ['paris'] } }, person(), 'deny group-missing r0'],
    [{ anyOf: { users: ['bob'], groups: ['berlin'] } }, person(), 'allow authenticated r0'],
    [{ anyOf: { users: ['bob'], roles: ['x'] } }, person(), 'deny not-in-audience r0'],
    [{ anyOf: 'signed-in', methods: ['passkey', 'password'] }, person(), 'allow authenticated r0'],
    [{ anyOf: 'signed-in', methods: ['passkey'] }, person(), 'challenge method-required r0'],
    [{ anyOf: { users: ['bob'] }, methods: ['passkey'] }, person(), 'deny user-not-listed r0'],
    [{ anyOf: 'signed-in', mfa: true }, person(), 'challenge mfa-required r0'],
    [{ anyOf: 'signed-in', mfa: true }, person({ mfa: true }), 'allow authenticated r0'],
    [{ anyOf: 'signed-in', mfa: false }, person(), 'allow authenticated r0'],
    [{ anyOf: 'signed-in', maximumSessionAgeMs: 60_000 }, person(), 'allow authenticated r0'],
    [{ anyOf: 'signed-in', maximumSessionAgeMs: 59_999 }, person(), 'challenge session-too-old r0'],
  ];
  for (const [then, subject, decision] of table) {
    const policy = policyOf([[ALWAYS, { kind: 'authenticate', ...then }]]);
    assert.equal(decide(policy, {}, subject), decision, JSON.stringify(then));
    assert.equal(decide(policy, {}, undefined), 'challenge not-signed-in r0');
  }
});

test('a challenge names the methods that the rule accepts', () => {
  const policy = policyOf([[ALWAYS, { ...SIGN_IN, methods: ['passkey'] }]]);
  assert.deepEqual(evaluate(policy, contextOf({}), undefined).methods, ['passkey']);
  assert.deepEqual(evaluate(policy, contextOf({}), person()).methods, ['passkey']);
});

test('unknown counts as a match where a rule denies and as none where it admits, also under not', () => {
  const nowhere = { address: null };
  const inside = { ip: ['private'] };
  const table: [when: unknown, then: unknown, decision: string][] = [
    [inside, DENY, 'deny rule-denied-unknown r0'],
    [{ not: inside }, DENY, 'deny rule-denied-unknown r0'],
    [{ not: { not: inside } }, DENY, 'deny rule-denied-unknown r0'],
    [inside, BYPASS, 'allow bypass r1'],
    [{ not: inside }, BYPASS, 'allow bypass r1'],
    [{ all: [inside, { method: ['PUT'] }] }, DENY, 'allow bypass r1'],
    [{ any: [inside, { method: ['GET'] }] }, DENY, 'deny rule-denied r0'],
    [{ any: [inside, { method: ['GET'] }] }, SIGN_IN, 'challenge not-signed-in r0'],
    [{ any: [inside, { method: ['PUT'] }] }, SIGN_IN, 'allow bypass r1'],
  ];
  for (const [when, then, decision] of table)
    assert.equal(
      decide(
        policyOf([
          [when, then],
          [ALWAYS, BYPASS],
        ]),
        nowhere,
        undefined,
      ),
      decision,
      JSON.stringify(when),
    );
});

test('where signing in could change a refusal, the refusal is a challenge', () => {
  const admins = { role: ['admin'] };
  const table: [rules: Written[], anonymous: string, staff: string][] = [
    [
      [
        [admins, SIGN_IN],
        [ALWAYS, DENY],
      ],
      'challenge not-signed-in r0',
      'deny rule-denied r1',
    ],
    [[[admins, SIGN_IN]], 'challenge not-signed-in r0', 'deny no-rule-matched'],
    [
      [
        [admins, BYPASS],
        [ALWAYS, DENY],
      ],
      'challenge not-signed-in r0',
      'deny rule-denied r1',
    ],
    [
      [
        [admins, DENY],
        [ALWAYS, SIGN_IN],
      ],
      'challenge not-signed-in r0',
      'allow authenticated r1',
    ],
    [[[{ not: admins }, BYPASS]], 'challenge not-signed-in r0', 'allow bypass r0'],
    [
      [
        [admins, SIGN_IN],
        [{ method: ['GET'] }, BYPASS],
      ],
      'allow bypass r1',
      'allow bypass r1',
    ],
    [[[{ user: ['ann'] }, SIGN_IN]], 'challenge not-signed-in r0', 'allow authenticated r0'],
    [[[{ all: [admins, { method: ['PUT'] }] }, SIGN_IN]], 'deny no-rule-matched', 'deny no-rule-matched'],
  ];
  for (const [rules, anonymous, staff] of table) {
    assert.equal(decide(policyOf(rules), {}, undefined), anonymous, JSON.stringify(rules));
    assert.equal(decide(policyOf(rules), {}, person()), staff, JSON.stringify(rules));
  }
});

test('organisation rules only restrict, and every one that may apply must be satisfied', () => {
  const open = [[ALWAYS, BYPASS]] as const;
  const table: [organisation: Written[], ask: Ask, subject: Subject | undefined, decision: string][] = [
    [[[{ ip: ['203.0.113.0/24'] }, DENY]], {}, undefined, 'deny rule-denied o0'],
    [[[{ ip: ['192.0.2.0/24'] }, DENY]], {}, undefined, 'allow bypass r0'],
    [[[ALWAYS, STAFF]], {}, undefined, 'challenge not-signed-in o0'],
    [[[ALWAYS, STAFF]], {}, person(), 'allow bypass r0'],
    [
      [
        [ALWAYS, STAFF],
        [ALWAYS, DENY],
      ],
      {},
      person(),
      'deny rule-denied o1',
    ],
    [[[{ ip: ['private'] }, { ...SIGN_IN, mfa: true }]], { address: null }, person(), 'challenge mfa-required o0'],
    [
      [
        [ALWAYS, SIGN_IN],
        [ALWAYS, { ...SIGN_IN, mfa: true }],
      ],
      {},
      person(),
      'challenge mfa-required o1',
    ],
  ];
  for (const [organisation, ask, subject, decision] of table)
    assert.equal(decide(policyOf(open, organisation), ask, subject), decision, JSON.stringify(organisation));
  assert.equal(decide(policyOf([[ALWAYS, ADMIN]], [[ALWAYS, STAFF]]), {}, person()), 'deny role-missing r0');
  assert.equal(decide(policyOf(undefined, [[ALWAYS, STAFF]]), {}, person()), 'deny policy-missing');
});

test('addresses: blocks, classes, IPv4 in IPv6', () => {
  const table: [entries: string[], inside: string[], outside: string[]][] = [
    [['private'], ['10.1.2.3', '172.31.0.1', '192.168.0.9', 'fd00::1', '::ffff:10.0.0.1'], ['172.32.0.1', '8.8.8.8']],
    [['cgnat'], ['100.64.0.1', '100.127.255.255'], ['100.128.0.0']],
    [['loopback'], ['127.0.0.53', '::1', '::ffff:127.0.0.1'], ['::2', '128.0.0.1']],
    [['link-local'], ['169.254.1.1', 'fe80::1'], ['fec0::1']],
    [
      ['2001:db8::/32', '192.0.2.4'],
      ['2001:db8:1::1', '192.0.2.4'],
      ['2001:db9::1', '192.0.2.5'],
    ],
    [['0.0.0.0/0'], ['1.1.1.1'], ['2001:db8::1']],
  ];
  for (const [entries, inside, outside] of table) {
    const policy = policyOf([[{ ip: entries }, BYPASS]]);
    for (const address of inside) assert.equal(decide(policy, { address }, undefined), 'allow bypass r0', address);
    for (const address of outside)
      assert.equal(decide(policy, { address }, undefined), 'deny no-rule-matched', address);
  }
});

test('no spelling of a path slips past a rule that denies it', () => {
  const policy = policyOf([
    [{ path: { prefix: '/admin' } }, DENY],
    [ALWAYS, BYPASS],
  ]);
  const spellings = [
    '/admin',
    '/%61dmin',
    '//admin',
    '/./admin',
    '/x/../admin',
    '/x/%2e%2e/admin',
    '/admin/',
    '/admin?x',
  ];
  for (const path of spellings) assert.equal(decide(policy, { path }, undefined), 'deny rule-denied r0', path);
  for (const path of ['/admin;x', '/admin;x/users', '/;/admin', '/admin%3bx', '/x/..//;y/admin'])
    assert.equal(decide(policy, { path }, undefined), 'deny rule-denied-unknown r0', path);
  for (const path of ['/administrator', '/x/admin', '/admi'])
    assert.equal(decide(policy, { path }, undefined), 'allow bypass r1', path);
});

test('parameters never open a path', () => {
  const images = policyOf([[{ path: { glob: '/**/*.png' } }, BYPASS]]);
  assert.equal(decide(images, { path: '/a/x.png' }, undefined), 'allow bypass r0');
  assert.equal(decide(images, { path: '/a/x.png;v=2' }, undefined), 'deny no-rule-matched');
  assert.equal(decide(images, { path: '/admin;.png' }, undefined), 'deny no-rule-matched');
  const area = policyOf([[{ path: { prefix: '/app' } }, BYPASS]]);
  assert.equal(decide(area, { path: '/app/page;jsessionid=1' }, undefined), 'allow bypass r0');
});

test('paths are told apart by case unless the rule says not to', () => {
  const strict = policyOf([[{ path: { exact: '/Admin' } }, BYPASS]]);
  assert.equal(decide(strict, { path: '/admin' }, undefined), 'deny no-rule-matched');
  const loose = policyOf([[{ path: { prefix: '/Admin', ignoreCase: true } }, BYPASS]]);
  assert.equal(decide(loose, { path: '/aDMIN/x' }, undefined), 'allow bypass r0');
});
