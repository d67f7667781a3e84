// biome-ignore-all lint/suspicious/noThenProperty: a rule is written when and then; it is an object, so nothing awaits it
// The compiled policy against a naive reading of the model, on random policies and requests.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseIpAddress } from '../../base/index.ts';
import { anyLeaf, anyRequest, NAIVE_LISTS, naiveLeaf, triedCriteria } from '../../testing/naive-criteria.ts';
import { compile, compileOrganisation } from './compile.ts';
import { type PolicyContext, plainContext, type Subject } from './context.ts';
import { CRITERIA } from './criteria/registry.ts';
import { evaluate } from './evaluate.ts';
import { type ConditionTrace, explain } from './explain.ts';
import { compileLists } from './lists.ts';
import type { CredentialMethod } from './login-method.ts';
import type { Action, Audience, Condition, Policy, Rule } from './model.ts';
import { parsePolicy } from './parse.ts';
import { normaliseTarget } from './request-target.ts';

/** What a condition is worth: the set of answers it could have if what is unknown were known. */
type Worlds = { readonly canBeTrue: boolean; readonly canBeFalse: boolean; readonly signInHelps: boolean };

const word = (worlds: Worlds): string => {
  if (!worlds.canBeFalse) return 'true';
  if (!worlds.canBeTrue) return 'false';
  return worlds.signInHelps ? 'unknown-until-signed-in' : 'unknown';
};

const known = (value: boolean): Worlds => ({ canBeTrue: value, canBeFalse: !value, signInHelps: false });
const UNKNOWN: Worlds = { canBeTrue: true, canBeFalse: true, signInHelps: false };
const NEEDS_SIGN_IN: Worlds = { canBeTrue: true, canBeFalse: true, signInHelps: true };

function naiveCondition(condition: Condition, context: PolicyContext, subject: Subject | undefined): Worlds {
  if ('all' in condition || 'any' in condition) {
    const isAll = 'all' in condition;
    const parts = (isAll ? condition.all : condition.any).map((part) => word(naiveCondition(part, context, subject)));
    const order = ['false', 'unknown', 'unknown-until-signed-in', 'true'];
    const ranks = parts.map((part) => order.indexOf(part)).sort((a, b) => a - b);
    const rank = (isAll ? ranks[0] : ranks.at(-1)) ?? (isAll ? 3 : 0);
    return [known(false), UNKNOWN, NEEDS_SIGN_IN, known(true)][rank] as Worlds;
  }
  if ('not' in condition) {
    const inner = naiveCondition(condition.not, context, subject);
    return { ...inner, canBeTrue: inner.canBeFalse, canBeFalse: inner.canBeTrue };
  }
  const value = naiveLeaf(condition, context, subject);
  if (value === 'unknown') return UNKNOWN;
  return value === 'until' ? NEEDS_SIGN_IN : known(value);
}

function naiveAction(rule: Rule, context: PolicyContext, subject: Subject | undefined): string {
  const { then } = rule;
  if (then.kind === 'deny') return `deny rule-denied ${rule.id}`;
  if (then.kind === 'bypass') return `allow bypass ${rule.id}`;
  if (!subject) return `challenge not-signed-in ${rule.id}`;
  const outsider = naiveOutsider(then.anyOf, subject);
  if (outsider !== undefined) return `deny ${outsider} ${rule.id}`;
  if (then.methods && !then.methods.some((name) => subject.methods.includes(name)))
    return `challenge method-required ${rule.id}`;
  const { maximumMfaAgeMs } = then;
  if ((then.mfa || maximumMfaAgeMs !== undefined) && !subject.mfa) return `challenge mfa-required ${rule.id}`;
  const mfaAgeMs = context.nowUnixMs - (subject.mfaAtUnixMs ?? subject.authenticatedAtUnixMs);
  if (maximumMfaAgeMs !== undefined && mfaAgeMs > maximumMfaAgeMs) return `challenge mfa-required ${rule.id}`;
  const isOld = context.nowUnixMs - subject.authenticatedAtUnixMs > (then.maximumSessionAgeMs ?? Infinity);
  return isOld ? `challenge session-too-old ${rule.id}` : `allow authenticated ${rule.id}`;
}

/** Why somebody is not in an audience, undefined for those who are. */
function naiveOutsider(audience: Audience, subject: Subject): string | undefined {
  if (audience === 'signed-in') return subject.kind === 'user' ? undefined : 'not-in-audience';
  const isUser = subject.kind === 'user';
  const admits: boolean[] = [
    isUser && audience.signedIn === true,
    isUser && (audience.roles ?? []).some((name) => subject.roles.includes(name)),
    subject.kind !== 'holder' && (audience.emails ?? []).some((pattern) => naiveEmail(pattern, subject.email)),
    subject.kind === 'holder' && (audience.credentials ?? []).some((method) => method === subject.credential?.method),
  ];
  if (admits.includes(true)) return undefined;
  const keys = Object.keys(audience).join();
  return { roles: 'role-missing', emails: 'email-not-listed' }[keys] ?? 'not-in-audience';
}

function naiveEmail(pattern: string, email: string): boolean {
  return pattern.startsWith('*') ? email.endsWith(pattern.slice(1)) : email === pattern;
}

function naive(organisation: Policy, resource: Policy, context: PolicyContext, subject: Subject | undefined): string {
  const own = naiveJudgement(organisation, resource, context, subject);
  if (!subject || subject.kind === 'user' || !own.startsWith('deny')) return own;
  const asNobody = naiveJudgement(organisation, resource, context, undefined);
  return asNobody.startsWith('challenge') ? asNobody : own;
}

function naiveJudgement(
  organisation: Policy,
  resource: Policy,
  context: PolicyContext,
  subject: Subject | undefined,
): string {
  const enabled = (policy: Policy) => policy.rules.filter((rule) => rule.enabled);
  const value = (rule: Rule) => word(naiveCondition(rule.when, context, subject));
  const denial = (rule: Rule) => {
    if (value(rule) === 'true') return `deny rule-denied ${rule.id}`;
    return value(rule) === 'unknown' ? `deny rule-denied-unknown ${rule.id}` : `challenge not-signed-in ${rule.id}`;
  };
  if (enabled(resource).length === 0) return 'deny policy-missing';
  for (const rule of enabled(organisation)) {
    if (value(rule) === 'false') continue;
    const decision = rule.then.kind === 'deny' ? denial(rule) : naiveAction(rule, context, subject);
    if (!decision.startsWith('allow')) return decision;
  }
  const rules = enabled(resource);
  const decides = (rule: Rule) => (rule.then.kind === 'deny' ? value(rule) !== 'false' : value(rule) === 'true');
  const deciding = rules.find(decides);
  const before = deciding ? rules.slice(0, rules.indexOf(deciding)) : rules;
  const helped = before.find((rule) => value(rule) === 'unknown-until-signed-in');
  if (helped && deciding?.then.kind !== 'bypass' && deciding?.then.kind !== 'authenticate')
    return `challenge not-signed-in ${helped.id}`;
  if (!deciding) return 'deny no-rule-matched';
  return deciding.then.kind === 'deny' ? denial(deciding) : naiveAction(deciding, context, subject);
}

const pick = <T>(...values: T[]) => fc.constantFrom(...values);
const some = <T>(...values: T[]) => fc.subarray(values, { minLength: 1 });

const { condition } = fc.letrec<{ condition: Condition }>((tie) => ({
  condition: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    anyLeaf,
    fc.record({ all: fc.array(tie('condition'), { maxLength: 3 }) }),
    fc.record({ any: fc.array(tie('condition'), { minLength: 1, maxLength: 3 }) }),
    fc.record({ not: tie('condition') }),
  ),
}));
const authenticate: fc.Arbitrary<Action> = fc
  .record(
    {
      kind: fc.constant('authenticate' as const),
      anyOf: fc.oneof(
        fc.constant('signed-in' as const),
        fc.record({ roles: some('staff', 'admin') }),
        fc.record({ emails: some('eve@example.com', '*@example.org') }),
        fc
          .record(
            {
              signedIn: fc.constant(true as const),
              roles: some('staff', 'admin'),
              emails: some('eve@example.com', '*@example.org'),
              credentials: some<CredentialMethod>('pin', 'share-link'),
            },
            { requiredKeys: [] },
          )
          .filter((audience) => Object.keys(audience).length > 0),
      ),
      methods: some('password' as const, 'passkey' as const, 'pin' as const),
      mfa: fc.boolean(),
      maximumMfaAgeMs: pick(10, 1_000),
      maximumSessionAgeMs: pick(10, 1_000),
    },
    { requiredKeys: ['kind', 'anyOf'] },
  )
  .filter(
    (action) => parsePolicy({ rules: [{ id: 'a', name: 'a', enabled: true, when: { all: [] }, then: action }] }).ok,
  );
const deny: fc.Arbitrary<Action> = fc.constant({ kind: 'deny' });
const bypass: fc.Arbitrary<Action> = fc.constant({ kind: 'bypass' });

function policy(scope: string, action: fc.Arbitrary<Action>): fc.Arbitrary<Policy> {
  const enabled = fc.integer({ min: 0, max: 5 }).map((n) => n > 0);
  const rule = fc.record({ id: fc.constant(''), name: fc.constant('n'), enabled, when: condition, then: action });
  return fc
    .array(rule, { maxLength: 6 })
    .map((rules) => ({ rules: rules.map((one, i) => ({ ...one, id: `${scope}${i}` })) }));
}

const proof = {
  methods: fc.subarray(['password', 'passkey', 'oidc']),
  mfa: fc.boolean(),
  authenticatedAtUnixMs: pick(0, 500, 995),
};
const user = fc.record(
  {
    kind: fc.constant('user' as const),
    userId: pick('ann', 'bob', 'eve'),
    email: pick('ann@example.org', 'eve@example.com'),
    roles: fc.subarray(['staff', 'admin', 'guest']),
    groups: fc.subarray(['berlin', 'paris']),
    providerId: pick('corporate', 'other'),
    device: fc.record({ known: fc.boolean(), approved: fc.boolean() }),
    mfaAtUnixMs: pick(0, 900, 995),
    ...proof,
  },
  { requiredKeys: ['kind', 'userId', 'email', 'roles', 'groups', 'methods', 'mfa', 'authenticatedAtUnixMs'] },
);
const nobodys = { userId: fc.constant(''), roles: fc.constant([]), groups: fc.constant([]), ...proof };
const guest = fc.record({
  ...nobodys,
  kind: fc.constant('guest' as const),
  email: pick('a@example.org', 'b@example.net'),
});
const holder = fc
  .record({
    ...nobodys,
    kind: fc.constant('holder' as const),
    email: fc.constant(''),
    method: pick<CredentialMethod>('pin', 'share-link', 'header'),
  })
  .map(({ method, ...rest }) => ({ ...rest, methods: [method], credential: { id: 'c', method } }));
const subject: fc.Arbitrary<Subject | undefined> = fc.option(fc.oneof(user, user, guest, holder), { nil: undefined });

/** With the times of the subject, which are told from a second before the request on. */
const asked: fc.Arbitrary<readonly [PolicyContext, Subject | undefined]> = fc
  .tuple(anyRequest, subject)
  .map(([context, who]) => {
    const beginUnixMs = context.nowUnixMs - 1_000;
    if (!who) return [context, who];
    const { authenticatedAtUnixMs, mfaAtUnixMs } = who;
    const shifted = { ...who, authenticatedAtUnixMs: beginUnixMs + authenticatedAtUnixMs };
    return [context, mfaAtUnixMs === undefined ? shifted : { ...shifted, mfaAtUnixMs: beginUnixMs + mfaAtUnixMs }];
  });
const lists = compileLists(NAIVE_LISTS);

function sameValues(
  trace: ConditionTrace,
  condition: Condition,
  context: PolicyContext,
  who: Subject | undefined,
): void {
  assert.equal(trace.value, word(naiveCondition(condition, context, who)));
  const parts =
    'all' in condition ? condition.all : 'any' in condition ? condition.any : 'not' in condition ? [condition.not] : [];
  assert.equal(trace.children.length, parts.length);
  parts.forEach((part, i) => {
    sameValues(trace.children[i] as ConditionTrace, part, context, who);
  });
}

test('compiled, naive and explained decisions are one', () => {
  const outcomes = new Map<string, number>();
  fc.assert(
    fc.property(
      policy('o', fc.oneof(deny, authenticate)),
      policy('r', fc.oneof(deny, bypass, authenticate)),
      asked,
      (organisation, resource, [context, who]) => {
        // Of connections alone, which have no path: no policy may ask for both, but what each means is the same.
        const asksSignIn = JSON.stringify([resource, organisation]).includes('recentSignIn');
        assert.ok(asksSignIn || (parsePolicy(resource).ok && parsePolicy(organisation, 'organisation').ok));
        const compiled = compile({
          organisation: compileOrganisation(organisation, '1', lists),
          resource,
          version: '1',
        });
        const decision = evaluate(compiled, context, who);
        const text = [decision.outcome, decision.reason, decision.ruleId]
          .filter((part) => part !== undefined)
          .join(' ');
        assert.equal(text, naive(organisation, resource, context, who));
        outcomes.set(decision.reason, (outcomes.get(decision.reason) ?? 0) + 1);

        const explanation = explain(compiled, context, who);
        assert.equal(explanation.decision, decision);
        const judged = explanation.asNobody ? undefined : who;
        const all = [...organisation.rules, ...resource.rules];
        assert.deepEqual(
          explanation.rules.map((rule) => rule.ruleId),
          all.map((rule) => rule.id),
        );
        const deciding = explanation.rules.filter((rule) => rule.effect === 'decided');
        assert.deepEqual(
          deciding.map((rule) => rule.ruleId),
          decision.ruleId === undefined ? [] : [decision.ruleId],
        );
        explanation.rules.forEach((rule, i) => {
          if (rule.condition) sameValues(rule.condition, (all[i] as Rule).when, context, judged);
        });
      },
    ),
    { numRuns: 3_000 },
  );
  // A property over decisions proves little about those that never happen.
  assert.ok(outcomes.size >= 10, `only ${[...outcomes.keys()].join(', ')}`);
});

test('an organisation rule never turns a refusal into an admission', () => {
  fc.assert(
    fc.property(
      policy('o', fc.oneof(deny, authenticate)),
      policy('r', fc.oneof(deny, bypass, authenticate)),
      asked,
      (organisation, resource, [context, who]) => {
        const bare = compileOrganisation(undefined, '1', lists);
        const alone = evaluate(compile({ organisation: bare, resource, version: '1' }), context, who);
        const both = evaluate(
          compile({ organisation: compileOrganisation(organisation, '1', lists), resource, version: '1' }),
          context,
          who,
        );
        if (both.outcome === 'allow') assert.equal(alone.outcome, 'allow');
      },
    ),
    { numRuns: 1_000 },
  );
});

test('what is not known admits nobody whom knowing it could keep out', () => {
  const places = [
    { country: 'DE', continent: 'EU' as const, asn: 64500 },
    { country: 'PE', continent: 'SA' as const, asn: 1 },
  ];
  const addresses = ['10.1.2.3', '10.9.9.9', '192.0.2.1', 'fd00::1', '8.8.8.8'];
  fc.assert(
    fc.property(policy('r', fc.oneof(deny, bypass, authenticate)), asked, (resource, [context, who]) => {
      const organisation = compileOrganisation(undefined, '1', lists);
      const compiled = compile({ organisation, resource, version: '1' });
      const blind = evaluate(compiled, { ...context, clientAddress: undefined, place: undefined }, who);
      if (blind.outcome !== 'allow' || blind.reason !== 'bypass') return;
      for (const address of addresses)
        for (const place of places) {
          const seeing = evaluate(compiled, { ...context, place, clientAddress: parseIpAddress(address) }, who);
          assert.notEqual(seeing.reason, 'rule-denied', `${address} is denied what is open to the unknown`);
        }
    }),
    { numRuns: 1_000 },
  );
});

test('every criterion is tried', () => {
  assert.deepEqual([...triedCriteria].sort(), Object.keys(CRITERIA).sort());
});

test('two spellings of a path are never decided upon in two ways', () => {
  const spelling = fc.array(
    pick(
      '/',
      '//',
      '/./',
      '/x/../',
      '/a',
      '/%61',
      '/A',
      '/b',
      '/%62',
      '/%2e/',
      '/b/%2E%2e/',
      ';x',
      '/x',
      '/%78',
      '%C3%A9',
      'é',
      '.png',
    ),
    { maxLength: 6 },
  );
  let same = 0;
  fc.assert(
    fc.property(
      policy('r', fc.oneof(deny, bypass)),
      fc.array(spelling, { minLength: 2, maxLength: 12 }),
      (resource, spellings) => {
        const compiled = compile({ organisation: compileOrganisation(undefined, '1', lists), resource, version: '1' });
        const outcomes = new Map<string, string>();
        for (const parts of spellings) {
          const target = normaliseTarget(`/${parts.join('')}`);
          if (typeof target === 'string') continue;
          const context = plainContext({ target, method: 'GET', nowUnixMs: 0, clientAddress: undefined });
          const { outcome, reason } = evaluate(compiled, context, undefined);
          // What a backend gets is what was judged: one path, one decision, however it was spelled.
          const before = outcomes.get(target.path);
          if (before !== undefined) same++;
          assert.equal(`${outcome} ${reason}`, before ?? `${outcome} ${reason}`, target.path);
          outcomes.set(target.path, `${outcome} ${reason}`);
          const again = normaliseTarget(target.path);
          assert.ok(typeof again !== 'string' && again.plainPath === target.plainPath);
        }
      },
    ),
    { numRuns: 1_500 },
  );
  assert.ok(same > 200, `only ${same} paths came in two spellings`);
});
