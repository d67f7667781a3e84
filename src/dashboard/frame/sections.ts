/** The sections of the console, as the navigation shows them. A page of its own is one line here and one in the router. */
import {
  Activity,
  AppWindow,
  Bell,
  FileCode,
  FlaskConical,
  Globe,
  Globe2,
  KeySquare,
  LayoutDashboard,
  Link2,
  type LucideIcon,
  MonitorSmartphone,
  Network,
  Scale,
  ScrollText,
  Settings,
  ShieldCheck,
  Users,
} from 'lucide-react';
import { TEXTS } from '../texts/index.ts';

const { sections } = TEXTS.frame;

export interface Section {
  readonly to: string;
  readonly label: string;
  readonly icon: LucideIcon;
  /** The permission without which the section is not shown. */
  readonly needs: string;
}

export interface SectionGroup {
  readonly label: string | null;
  readonly sections: readonly Section[];
}

export const SECTION_GROUPS: readonly SectionGroup[] = [
  { label: null, sections: [{ to: '/', label: sections.overview, icon: LayoutDashboard, needs: 'status.read' }] },
  {
    label: sections.publish,
    sections: [
      { to: '/applications', label: sections.applications, icon: AppWindow, needs: 'resource.read' },
      { to: '/policies', label: sections.policies, icon: Scale, needs: 'policy.read' },
      { to: '/blueprint', label: TEXTS.blueprint.title, icon: FileCode, needs: 'organisation.read' },
      { to: '/simulator', label: sections.simulator, icon: FlaskConical, needs: 'policy.read' },
      { to: '/domains', label: sections.domains, icon: Globe2, needs: 'domain.read' },
      { to: '/certificates', label: sections.certificates, icon: ShieldCheck, needs: 'domain.read' },
    ],
  },
  {
    label: sections.network,
    sections: [
      { to: '/sites', label: sections.sites, icon: Network, needs: 'site.read' },
      { to: '/pops', label: sections.pops, icon: Globe, needs: 'pop.read' },
    ],
  },
  {
    label: sections.people,
    sections: [
      { to: '/users', label: sections.users, icon: Users, needs: 'user.read' },
      { to: '/sessions', label: sections.sessions, icon: MonitorSmartphone, needs: 'session.read' },
      { to: '/providers', label: sections.providers, icon: KeySquare, needs: 'provider.read' },
      { to: '/credentials', label: sections.credentials, icon: Link2, needs: 'credential.read' },
    ],
  },
  {
    label: sections.watch,
    sections: [
      { to: '/requests', label: sections.requests, icon: Activity, needs: 'audit.read' },
      { to: '/notices', label: sections.notices, icon: Bell, needs: 'notice.read' },
      { to: '/audit', label: sections.audit, icon: ScrollText, needs: 'audit.read' },
    ],
  },
  {
    label: null,
    sections: [{ to: '/settings', label: sections.settings, icon: Settings, needs: 'organisation.read' }],
  },
];
