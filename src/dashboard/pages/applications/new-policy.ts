/** The first rule of a new application, and its first host name. */
import { TEXTS } from '../../texts/index.ts';
import type { Policy, Rule } from '../policies/policy-model.ts';
import type { Application } from './application-shape.ts';

const texts = TEXTS.applications;
const EIGHT_HOURS_MS = 28_800_000;

export type Kind = Application['kind'];
export type Access = 'signed-in' | 'role' | 'group' | 'recent' | 'everybody' | 'nobody';

/** Nobody signs in on a port: there addresses are judged. */
export function accessChoices(kind: Kind): readonly Access[] {
  if (kind === 'http' || kind === 'access') return ['signed-in', 'role', 'group', 'nobody'];
  return ['recent', 'everybody', 'nobody'];
}

interface Wanted {
  readonly access: Access;
  readonly role: string;
  readonly group: string;
}

export function policyOf(wanted: Wanted): Policy {
  const rule = ruleOf(wanted);
  return { rules: rule ? [rule] : [] };
}

const ALWAYS = { all: [] };

function ruleOf({ access, role, group }: Wanted): Rule | undefined {
  switch (access) {
    case 'nobody':
      return undefined;
    case 'everybody':
      return named('everybody', texts.accessEverybody, { when: ALWAYS, does: { kind: 'bypass' } });
    case 'recent': {
      const when = { recentSignIn: { withinMs: EIGHT_HOURS_MS } };
      return named('recent', texts.accessRecent, { when, does: { kind: 'bypass' } });
    }
    case 'signed-in':
      return named('people', texts.accessSignedIn, {
        when: ALWAYS,
        does: { kind: 'authenticate', anyOf: 'signed-in' },
      });
    case 'role':
      return named('people', `${texts.accessRole}: ${role}`, {
        when: ALWAYS,
        does: { kind: 'authenticate', anyOf: { roles: [role] } },
      });
    case 'group':
      return named('people', `${texts.accessGroup}: ${group}`, {
        when: ALWAYS,
        does: { kind: 'authenticate', anyOf: { groups: [group] } },
      });
  }
}

function named(id: string, name: string, { when, does }: { when: Rule['when']; does: Rule['then'] }): Rule {
  // biome-ignore lint/suspicious/noThenProperty: a rule is written when and then; it is an object, so nothing awaits it
  return { id, name, when, then: does };
}

/** A name as a label of a host name (RFC 1123 section 2.1). */
export function labelOf(name: string): string {
  const label = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
  return label.slice(0, 63);
}
