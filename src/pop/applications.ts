import { evaluate, normaliseTarget, type Subject } from '../core/policy/index.ts';
import type { ListedApplication } from './pages/portal-pages.ts';
import type { AtPortal } from './portal-visit.ts';

/**
 * The applications of all the person's organisations that they may open now and from here, by the same judgement as every
 * request, sorted by name.
 */
export function applicationsFor({ context, view }: AtPortal, person: Subject): ListedApplication[] {
  const target = normaliseTarget('/');
  if (typeof target === 'string') return [];
  const { clientAddress, nowUnixMs, place, device, certificate } = context;
  const header = (name: string): string | undefined => context.header(name);
  const front = { clientAddress, nowUnixMs, place, device, certificate, header, target, method: 'GET' };
  const listed: ListedApplication[] = [];
  for (const { record, policy } of view.resources.values()) {
    if (!record.enabled || record.host.startsWith('*')) continue;
    const member = view.users.member(person.userId, view.organisationOf(record));
    if (member === undefined || member === 'not-a-member') continue;
    const subject = { ...person, roles: member.roles, groups: member.groups };
    // A challenge can be met by signing in in another way, so it is worth a try.
    if (evaluate(policy, front, subject).outcome === 'deny') continue;
    listed.push({ name: record.name, host: record.host, url: `${view.originOf(record.host)}/` });
  }
  return listed.sort((a, b) => a.name.localeCompare(b.name, 'en'));
}
