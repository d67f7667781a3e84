import { provedTwoFactors } from '../../core/identity/index.ts';
import { claimsFault } from '../../io/identity-provider/index.ts';
import { findUser } from '../../io/store/index.ts';
import type { Control } from '../control.ts';
import { type Provided, wantedOf } from './provided.ts';
import { judge, type Understood } from './provider-sign-in.ts';

/** What "test this provider" shows: the claims, and what would become of them. Nothing is changed. */
export async function describeAnswer(control: Control, understood: Understood) {
  const { database } = control.store;
  const { row, answer, said, settings, mapped } = understood;
  const verdict = await judge(database, understood);
  const wanted = await wantedOf(database, row.organisation_id, mapped);
  const given = (kind: Provided['kind']): string[] => wanted.filter((one) => one.kind === kind).map(({ name }) => name);
  const user =
    verdict.kind === 'known' || verdict.kind === 'link' ? await findUser(database, verdict.userId) : undefined;
  return {
    provider: row.name,
    claims: answer.claims,
    subject: said?.subject ?? null,
    email: said?.email ?? null,
    emailVerified: said?.emailVerified ?? false,
    name: said?.name ?? null,
    roles: given('role'),
    groups: given('group'),
    organisations: given('membership').length,
    unknown: [...mapped.roles, ...mapped.groups].filter((name) => !wanted.some((one) => one.name === name)),
    mfa: provedTwoFactors(settings, answer.claims),
    verdict: claimsFault(answer.claims) ?? (verdict.kind === 'refused' ? verdict.reason : verdict.kind),
    account: user?.email ?? (verdict.kind === 'provision' ? verdict.email : null),
  };
}
