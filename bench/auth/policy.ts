// biome-ignore-all lint/suspicious/noThenProperty: a rule is written when and then; it is an object, so nothing awaits it
/** A policy of fifty rules that uses what the language has; the last one admits, so all of it is asked. */
import type { Action, Condition, Policy, Rule } from '../../src/core/policy/index.ts';

const WORKING_DAYS = {
  days: ['monday', 'tuesday', 'wednesday', 'thursday', 'friday'] as const,
  from: '00:00',
  to: '24:00',
  zone: 'Europe/Berlin',
};

/** Ten kinds of conditions, none of which holds for the requests of the benchmark. */
function condition(i: number): Condition {
  switch (i % 10) {
    case 0:
      return { path: { prefix: `/area-${i}` } };
    case 1:
      return { all: [{ ip: [`10.${i}.0.0/16`, `2001:db8:${i}::/48`] }, { method: ['GET', 'HEAD'] }] };
    case 2:
      return { path: { glob: `/team-${i}/**/*.json` } };
    case 3:
      return { all: [{ country: ['KP'] }, { not: { role: ['engineering'] } }] };
    case 4:
      return { path: { regex: `^/api/v[0-9]+/secret-${i}/[a-z]+$` } };
    case 5:
      return { all: [{ role: [`role-${i}`] }, { device: { os: ['windows'] } }] };
    case 6:
      return { any: [{ group: [`group-${i}`] }, { user: [`user-${i}`] }] };
    case 7:
      return { all: [{ not: { time: WORKING_DAYS } }, { header: { name: 'x-team', values: [`t${i}`] } }] };
    case 8:
      return { all: [{ asn: [64_500 + i] }, { mfa: true }] };
    default:
      return { all: [{ list: ['blocked'] }, { path: { exact: `/only-${i}` } }] };
  }
}

const ADMIT: Action = { kind: 'authenticate', anyOf: { roles: ['engineering'] }, maximumSessionAgeMs: 86_400_000 };

export const FIFTY_RULES: Policy = {
  rules: Array.from({ length: 50 }, (_, i): Rule => {
    const [when, then]: [Condition, Action] = i === 49 ? [{ all: [] }, ADMIT] : [condition(i), { kind: 'deny' }];
    return { id: `rule-${i}`, name: `Rule ${i}`, enabled: true, when, then };
  }),
};
