/** Every place of the console that has a name, for whoever looks for it by that name. */
import { TEXTS } from '../texts/index.ts';
import { SECTION_GROUPS } from './sections.ts';

export interface Place {
  readonly key: string;
  readonly group: keyof typeof TEXTS.palette.groups;
  readonly name: string;
  /** What tells it from others of the same name. */
  readonly detail?: string | undefined;
  readonly to: string;
}

interface Page {
  readonly to: string;
  readonly name: string;
  readonly detail?: string;
  readonly needs: string;
}

const { applications, certificates, domains, network, notices, people, providers, settings } = TEXTS;

/** What people come to do, and the page where they do it. */
const ACTIONS: readonly Page[] = [
  { to: '/applications/new', name: applications.publish, needs: 'resource.write' },
  { to: '/sites', name: network.addSite, needs: 'site.write' },
  { to: '/users/invitations', name: people.invite, needs: 'invitation.write' },
  { to: '/providers/new', name: providers.add, needs: 'provider.write' },
];

/** Beside the sections themselves. */
const WITHIN: readonly Page[] = [
  {
    to: '/policies/organisation',
    name: TEXTS.policies.organisation,
    detail: TEXTS.policies.title,
    needs: 'policy.read',
  },
  { to: '/domains/providers', name: domains.providers, needs: 'domain.read' },
  { to: '/certificates/own', name: certificates.own, detail: certificates.title, needs: 'installation.read' },
  { to: '/certificates/acme', name: certificates.acme, detail: certificates.title, needs: 'installation.read' },
  { to: '/users/groups', name: people.groupsTitle, needs: 'user.read' },
  { to: '/users/roles', name: people.rolesTitle, needs: 'user.read' },
  { to: '/users/invitations', name: people.invitations, needs: 'user.read' },
  { to: '/notices/webhooks', name: notices.webhooks, needs: 'notice.read' },
  { to: '/settings/sign-in', name: settings.signIn, detail: settings.section, needs: 'organisation.read' },
  { to: '/settings/pages', name: settings.pages, detail: settings.section, needs: 'organisation.read' },
  { to: '/settings/keys', name: settings.keys, detail: settings.section, needs: 'key.read' },
  { to: '/settings/authorities', name: settings.authorities, detail: settings.section, needs: 'credential.read' },
  { to: '/settings/mail', name: settings.mail, detail: settings.section, needs: 'installation.read' },
  { to: '/settings/installation', name: settings.installation, detail: settings.section, needs: 'tenant.read' },
];

/** Those that somebody with these rights may go to, without what has no such name. */
export function namedPlaces(may: ReadonlySet<string>, search: string): readonly Place[] {
  const sections: readonly Page[] = SECTION_GROUPS.flatMap((group) =>
    group.sections.map(({ to, label, needs }) => ({
      to,
      needs,
      name: label,
      ...(group.label && { detail: group.label }),
    })),
  );
  const of = (group: Place['group'], pages: readonly Page[]): Place[] =>
    pages
      .filter(({ needs, name, detail }) => may.has(needs) && isFound(search, name, detail))
      .map(({ needs: _, ...page }) => ({ ...page, group, key: `${group} ${page.to}` }));
  return [...of('actions', ACTIONS), ...of('pages', [...sections, ...WITHIN])];
}

/** Each word of what is looked for begins a word, or stands in one. */
export function isFound(search: string, ...texts: readonly (string | undefined)[]): boolean {
  const text = texts.join(' ').toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}
