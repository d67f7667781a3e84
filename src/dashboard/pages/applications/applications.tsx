import { AppWindow, ExternalLink, Plus } from 'lucide-react';
import { useCallback, useState } from 'react';
import { answerOf } from '../../../api/client.ts';
import { api } from '../../frame/client.ts';
import { type ApplicationSort, useSearchedList } from '../../frame/lists.ts';
import { Badge, type Standing } from '../../look/badge.tsx';
import { ButtonLink } from '../../look/button.tsx';
import { Card, Empty, Page } from '../../look/page.tsx';
import { Loading, ProblemNote } from '../../look/problem.tsx';
import { RowLink } from '../../look/row-link.tsx';
import { SearchField } from '../../look/search.tsx';
import type { Column } from '../../look/table.tsx';
import { Ago } from '../../look/time.tsx';
import { VirtualTable } from '../../look/virtual-table.tsx';
import { TEXTS } from '../../texts/index.ts';
import { type Application, type ListedApplication, originOf, placeOf } from './application-shape.ts';

const texts = TEXTS.applications;

const COLUMNS: readonly Column<ListedApplication>[] = [
  {
    name: texts.name,
    sort: 'name',
    cell: (application) => (
      <>
        <RowLink to="/applications/$id" params={{ id: application.id }}>
          {application.name}
        </RowLink>
        <span className="block text-sm break-all text-quiet sm:hidden">{placeOf(application)}</span>
      </>
    ),
  },
  { name: texts.where, sort: 'host', isWide: true, cell: (application) => <Place application={application} /> },
  {
    name: texts.kind,
    sort: 'kind',
    isWide: true,
    cell: ({ kind }) => <span className="text-quiet">{texts.kinds[kind]}</span>,
  },
  {
    name: texts.state,
    stacked: 'corner',
    cell: ({ enabled, domain, health }) => (
      <span className="flex flex-wrap gap-1.5">
        {enabled ? (
          <Badge standing={STANDINGS[health]}>{texts.standings[health]}</Badge>
        ) : (
          <Badge>{texts.disabled}</Badge>
        )}
        {domain && domain.state !== 'verified' && (
          <Badge standing={domain.state === 'failing' ? 'bad' : 'warn'}>{texts.domainStates[domain.state]}</Badge>
        )}
      </span>
    ),
  },
  { name: texts.created, sort: 'created', isWide: true, cell: ({ createdUnixMs }) => <Ago unixMs={createdUnixMs} /> },
];

const STANDINGS: Readonly<Record<ListedApplication['health'], Standing>> = {
  ...{ healthy: 'good', unknown: 'good', degraded: 'warn' },
  ...{ unhealthy: 'bad', none: 'warn' },
};

function Place({ application }: { readonly application: Application }) {
  const { kind, host, enabled } = application;
  if (kind !== 'http' || host.startsWith('*.') || !enabled)
    return <span className="text-quiet">{placeOf(application)}</span>;
  return (
    <a
      href={originOf(host)}
      className="inline-flex items-center gap-1.5 break-all text-quiet hover:text-accent hover:underline"
    >
      {host}
      <ExternalLink size={13} aria-hidden="true" className="shrink-0" />
    </a>
  );
}

export function ApplicationsPage() {
  const [search, setSearch] = useState('');
  const [sort, setSort] = useState<string>();
  const { query, items, count, isSearched } = useSearchedList(
    'applications',
    search,
    (asked) => answerOf(api.GET('/resources', { params: { query: asked } })),
    sort as ApplicationSort | undefined,
  );
  const { fetchNextPage } = query;
  const more = useCallback(() => void fetchNextPage({ cancelRefetch: false }), [fetchNextPage]);
  const isEmpty = query.data !== undefined && count === 0 && !isSearched && search === '';
  return (
    <Page
      title={texts.title}
      lead={texts.lead}
      actions={
        <ButtonLink kind="first" to="/applications/new" icon={<Plus size={16} aria-hidden="true" />}>
          {texts.publish}
        </ButtonLink>
      }
    >
      {query.isPending && <Loading />}
      {query.isError && <ProblemNote error={query.error} retry={() => void query.refetch()} />}
      {isEmpty && <NonePublished />}
      {query.data && !isEmpty && (
        <Card isFlush className="pt-4">
          <div className="flex flex-wrap items-start justify-between gap-x-4">
            <SearchField label={texts.searchLabel} value={search} onChange={setSearch} />
            <p role="status" className="px-5 pb-4 text-sm text-quiet tabular-nums sm:pt-1.5">
              {isSearched ? texts.foundCount(count) : texts.count(count)}
            </p>
          </div>
          {items.length === 0 ? (
            <p className="px-5 pb-5 text-quiet">{texts.noneFound}</p>
          ) : (
            <VirtualTable
              caption={texts.title}
              columns={COLUMNS}
              rows={items}
              count={count}
              keyOf={({ id }) => id}
              sorting={{ by: sort, onSort: setSort }}
              onEndNear={more}
            />
          )}
        </Card>
      )}
    </Page>
  );
}

function NonePublished() {
  return (
    <Card>
      <Empty
        icon={<AppWindow />}
        title={texts.none}
        actions={
          <ButtonLink kind="first" to="/applications/new">
            {texts.publish}
          </ButtonLink>
        }
      >
        {texts.noneLead}
      </Empty>
    </Card>
  );
}
