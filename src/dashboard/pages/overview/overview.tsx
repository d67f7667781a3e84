import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { AppWindow, CircleCheck, Network } from 'lucide-react';
import { lazy, type ReactNode, Suspense } from 'react';
import { popsQuery, sitesQuery, statusQuery } from '../../frame/client.ts';
import { applicationCountQuery } from '../../frame/lists.ts';
import { Badge, Dot } from '../../look/badge.tsx';
import { ButtonLink } from '../../look/button.tsx';
import { Card, Page } from '../../look/page.tsx';
import { Loading, ProblemNote } from '../../look/problem.tsx';
import { TEXTS } from '../../texts/index.ts';
import { NetworkFeed } from './network-feed.tsx';
import { type Attention, attentionOf, isUp } from './standings.ts';
import type { Status } from './status.ts';
import { DeniedCard, TrafficCard } from './traffic.tsx';

const NetworkMap = lazy(() =>
  import('./network-map.tsx').then(({ NetworkMap: component }) => ({ default: component })),
);
const texts = TEXTS.overview;

export function OverviewPage() {
  const status = useQuery(statusQuery);
  const pops = useQuery(popsQuery);
  const sites = useQuery(sitesQuery);
  const applications = useQuery(applicationCountQuery);
  if (status.isPending) return <Loading />;
  const attention = status.data ? attentionOf(status.data) : [];
  const isNew = sites.data?.length === 0 || applications.data === 0;
  return (
    <Page
      title={texts.title}
      lead={status.data && (attention.length === 0 ? texts.allWell : texts.someDown(attention.length))}
    >
      {status.isError && <ProblemNote error={status.error} retry={() => void status.refetch()} />}
      {isNew && <FirstSteps hasSite={(sites.data?.length ?? 0) > 0} />}
      {status.data && (
        <>
          {attention.length > 0 && <AttentionList items={attention} />}
          <Figures status={status.data} applications={applications.data ?? 0} />
          <TrafficCard />
          <Card title={texts.map} lead={texts.mapLead} isFlush className="overflow-hidden">
            <Suspense fallback={<Loading />}>
              <NetworkMap status={status.data} pops={pops.data ?? []} sites={sites.data ?? []} />
            </Suspense>
          </Card>
          <div className="grid grid-cols-1 gap-6 lg:grid-cols-2">
            <NetworkFeed status={status.data} />
            <DeniedCard />
          </div>
        </>
      )}
    </Page>
  );
}

function Figures({ status, applications }: { readonly status: Status; readonly applications: number }) {
  const popsUp = status.pops.filter(({ connected }) => connected).length;
  const connectorsUp = status.connectors.filter(isUp).length;
  const tunnels = status.connectors.flatMap((connector) => connector.tunnels).filter(({ state }) => state === 'up');
  return (
    <div className="grid grid-cols-2 gap-3 lg:grid-cols-4">
      <Figure label={texts.popsUp} to="/pops" isBad={popsUp < status.pops.length}>
        {texts.ofAll(popsUp, status.pops.length)}
      </Figure>
      <Figure label={texts.connectorsUp} to="/sites" isBad={connectorsUp < status.connectors.length}>
        {texts.ofAll(connectorsUp, status.connectors.length)}
      </Figure>
      <Figure label={texts.tunnels} to="/sites">
        {tunnels.length}
      </Figure>
      <Figure label={texts.applications} to="/applications">
        {applications}
      </Figure>
    </div>
  );
}

interface FigureProps {
  readonly label: string;
  readonly to: string;
  readonly isBad?: boolean;
  readonly children: ReactNode;
}

function Figure({ label, to, isBad, children }: FigureProps) {
  return (
    <Link to={to} className="rounded-xl border bg-sheet px-5 py-4 shadow-sheet hover:border-faint">
      <span className="flex items-center gap-2 text-sm text-quiet">
        {isBad !== undefined && <Dot standing={isBad ? 'bad' : 'good'} />}
        {label}
      </span>
      <span className={`mt-0.5 block text-2xl font-semibold tabular-nums ${isBad ? 'text-bad' : ''}`}>{children}</span>
    </Link>
  );
}

function AttentionList({ items }: { readonly items: readonly Attention[] }) {
  return (
    <Card title={texts.attention}>
      <ul className="grid gap-2.5">
        {items.map(({ key, standing, text }) => (
          <li key={key} className="flex flex-wrap items-center gap-3">
            <Badge standing={standing}>{texts.attentionWord[standing]}</Badge>
            <span>{text}</span>
          </li>
        ))}
      </ul>
    </Card>
  );
}

function FirstSteps({ hasSite }: { readonly hasSite: boolean }) {
  return (
    <Card title={texts.firstSteps}>
      <ol className="grid gap-4 sm:grid-cols-2">
        <Step
          isDone={hasSite}
          icon={<Network size={18} />}
          title={texts.firstSite}
          lead={texts.firstSiteLead}
          to="/sites"
        />
        <Step
          isDone={false}
          icon={<AppWindow size={18} />}
          title={texts.firstApplication}
          lead={texts.firstApplicationLead}
          to="/applications/new"
        />
      </ol>
    </Card>
  );
}

interface StepProps {
  readonly isDone: boolean;
  readonly icon: ReactNode;
  readonly title: string;
  readonly lead: string;
  readonly to: '/sites' | '/applications/new';
}

function Step({ isDone, icon, title, lead, to }: StepProps) {
  return (
    <li className="flex gap-4 rounded-lg border p-4">
      <span
        className={`grid size-9 shrink-0 place-items-center rounded-lg ${isDone ? 'bg-good-soft text-good' : 'bg-accent-soft text-accent'}`}
        aria-hidden="true"
      >
        {isDone ? <CircleCheck size={18} /> : icon}
      </span>
      <div className="grid justify-items-start gap-2">
        <div>
          <p className="font-medium">{title}</p>
          <p className="text-sm text-quiet">{lead}</p>
        </div>
        {!isDone && <ButtonLink to={to}>{title}</ButtonLink>}
      </div>
    </li>
  );
}
