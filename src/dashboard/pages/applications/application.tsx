import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { ExternalLink } from 'lucide-react';
import { BackLink } from '../../look/back-link.tsx';
import { Badge } from '../../look/badge.tsx';
import { Page } from '../../look/page.tsx';
import { Loading, ProblemNote } from '../../look/problem.tsx';
import { Tabs } from '../../look/tabs.tsx';
import { TEXTS } from '../../texts/index.ts';
import { AccessTab } from './access-tab.tsx';
import { type Application, applicationQuery, originOf, placeOf } from './application-shape.ts';
import { HeadersTab } from './http/header-rules.tsx';
import { type HttpSettings, httpQuery } from './http/http-settings.ts';
import { ProtocolTab } from './http/protocol-tab.tsx';
import { RoutingTab } from './http/routing-tab.tsx';
import { SettingsTab } from './settings-tab.tsx';
import { PortsTab } from './streams/ports-tab.tsx';
import { TargetList } from './targets/target-list.tsx';

const texts = TEXTS.applications;

export function ApplicationPage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const application = useQuery(applicationQuery(id));
  if (application.isPending) return <Loading />;
  if (application.isError)
    return (
      <Page title={texts.title} above={<BackLink to="/applications">{texts.title}</BackLink>}>
        <ProblemNote error={application.error} retry={() => void application.refetch()} />
      </Page>
    );
  return <Loaded application={application.data} />;
}

function Loaded({ application }: { readonly application: Application }) {
  const { id, name, kind, host, enabled, domain, source } = application;
  const { tab } = useSearch({ strict: false }) as { tab?: string };
  const navigate = useNavigate();
  return (
    <Page
      title={name}
      above={<BackLink to="/applications">{texts.title}</BackLink>}
      lead={
        <span className="inline-flex flex-wrap items-center gap-3">
          <span className="font-mono text-sm break-all">{placeOf(application)}</span>
          <Badge standing={enabled ? 'good' : 'none'}>{enabled ? texts.enabled : texts.disabled}</Badge>
          <Badge>{texts.kinds[kind]}</Badge>
          {source !== 'dashboard' && <Badge standing="info">{texts.ownedBy(source)}</Badge>}
        </span>
      }
      actions={
        kind === 'http' && enabled && !host.startsWith('*.') ? (
          <a
            href={originOf(host)}
            className="inline-flex min-h-9 items-center gap-2 rounded-lg bg-accent px-3.5 text-sm font-medium text-accent-ink hover:brightness-110"
          >
            <ExternalLink size={15} aria-hidden="true" />
            {texts.open}
          </a>
        ) : undefined
      }
    >
      {domain?.note && (
        <p className="rounded-xl bg-warn-soft px-4 py-3 text-warn">
          {domain.note}{' '}
          <Link to="/domains/$id" params={{ id: domain.id }} className="underline">
            {texts.toDomain}
          </Link>
        </p>
      )}
      <Tabs
        label={name}
        value={tab ?? 'targets'}
        onChange={(next) =>
          void navigate({ to: '/applications/$id', params: { id }, search: { tab: next }, replace: true })
        }
        tabs={tabsOf(application)}
      />
    </Page>
  );
}

function tabsOf(application: Application) {
  const { id, kind } = application;
  const http = (content: (settings: HttpSettings) => React.ReactNode) => <WithHttp id={id}>{content}</WithHttp>;
  return [
    { id: 'targets', label: texts.targets, content: <TargetList application={application} /> },
    { id: 'access', label: texts.accessTab, content: <AccessTab application={application} /> },
    ...(kind === 'http'
      ? [
          {
            id: 'routing',
            label: TEXTS.http.routing,
            content: http((settings) => <RoutingTab id={id} settings={settings} />),
          },
          {
            id: 'headers',
            label: TEXTS.http.headers,
            content: http((settings) => <HeadersTab id={id} settings={settings} />),
          },
          {
            id: 'protocol',
            label: texts.protocolTab,
            content: http((settings) => <ProtocolTab id={id} settings={settings} />),
          },
        ]
      : []),
    ...(kind === 'tcp' || kind === 'udp' || kind === 'tls'
      ? [{ id: 'ports', label: texts.portsTab, content: <PortsTab application={application} /> }]
      : []),
    { id: 'settings', label: texts.settingsTab, content: <SettingsTab application={application} /> },
  ];
}

function WithHttp({
  id,
  children,
}: {
  readonly id: string;
  readonly children: (settings: HttpSettings) => React.ReactNode;
}) {
  const settings = useQuery(httpQuery(id));
  if (settings.isPending) return <Loading />;
  if (settings.isError) return <ProblemNote error={settings.error} retry={() => void settings.refetch()} />;
  return children(settings.data);
}
