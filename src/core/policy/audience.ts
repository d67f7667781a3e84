import type { Subject } from './context.ts';
import type { Reason } from './decision.ts';
import { compileEmails } from './email-pattern.ts';
import type { Audience, ListedAudience, Policy } from './model.ts';

/** Whether a rule may admit somebody at all, by who they are. */
export function compileAudience(audience: Audience): (subject: Subject) => boolean {
  if (audience === 'signed-in') return (subject) => subject.kind === 'user';
  const isListedUser = compileUsers(audience);
  const isListedEmail = compileEmails(audience.emails ?? []);
  const credentials = new Set<string>(audience.credentials);
  return (subject) => {
    switch (subject.kind) {
      case 'user':
        return isListedUser(subject) || isListedEmail(subject.email);
      case 'guest':
        return isListedEmail(subject.email);
      case 'holder':
        return subject.credential !== undefined && credentials.has(subject.credential.method);
    }
  };
}

function compileUsers(audience: ListedAudience): (subject: Subject) => boolean {
  if (audience.signedIn === true) return () => true;
  const users = new Set(audience.users);
  const roles = new Set(audience.roles);
  const groups = new Set(audience.groups);
  return (subject) => users.has(subject.userId) || holdsOne(roles, subject.roles) || holdsOne(groups, subject.groups);
}

/** Whether a policy has a rule that could admit whoever reads an address's mail. */
export function emailMayEnter({ rules }: Policy, email: string): boolean {
  return rules.some(({ enabled, then }) => {
    if (!enabled || then.kind !== 'authenticate' || then.anyOf === 'signed-in') return false;
    return compileEmails(then.anyOf.emails ?? [])(email);
  });
}

/** Whether a rule admits anybody by their account. */
export function admitsAccounts(audience: Audience): boolean {
  if (audience === 'signed-in') return true;
  const { signedIn, users, roles, groups, emails } = audience;
  return (signedIn ?? users ?? roles ?? groups ?? emails) !== undefined;
}

export function holdsOne(listed: ReadonlySet<string>, names: readonly string[]): boolean {
  for (const name of names) if (listed.has(name)) return true;
  return false;
}

const REASON_OF_ONE: Readonly<Record<string, Reason>> = {
  users: 'user-not-listed',
  roles: 'role-missing',
  groups: 'group-missing',
  emails: 'email-not-listed',
};

/** Why somebody is none of those admitted: what they lack, where there is one thing alone that would do. */
export function reasonForOutsiders(audience: Audience): Reason {
  if (audience === 'signed-in') return 'not-in-audience';
  const [key, ...others] = Object.keys(audience);
  return others.length > 0 ? 'not-in-audience' : (REASON_OF_ONE[key ?? ''] ?? 'not-in-audience');
}
