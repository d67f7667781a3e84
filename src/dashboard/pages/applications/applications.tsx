import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { AppWindow, ExternalLink, Plus } from 'lucide-react';
import { useDeferredValue, useState } from 'react';
import { applicationsQuery } from '../../frame/client.ts';
import { Badge } from '../../look/badge.tsx';
import { Button, ButtonLink } from '../../look/button.tsx';
import { Card, Empty, Page } from '../../look/page.tsx';
import { Loading, ProblemNote } from '../../look/problem.tsx';
import { SearchField } from '../../look/search.tsx';
import { type Column, Table } from '../../look/table.tsx';
import { Ago } from '../../look/time.tsx';
import { TEXTS } from '../../texts/index.ts';
import { type Application, originOf } from './application-shape.ts';

const texts = TEXTS.applications;
/** Rows shown at first and with each "show more". */
const ROWS = 100;

const COLUMNS: readonly Column<Application>[] = [
  {
    name: texts.name,
    cell: ({ id, name }) => (
      <Link to="/applications/$id" params={{ id }} className="font-medium hover:text-accent hover:underline">
        {name}
      </Link>
    ),
  },
  {
    name: texts.host,
    cell: ({ host, enabled }) =>
      host.startsWith('*.') || !enabled ? (
        <span className="text-quiet">{host}</span>
      ) : (
        <a
          href={originOf(host)}
          className="inline-flex items-center gap-1.5 text-quiet hover:text-accent hover:underline"
        >
          {host}
          <ExternalLink size={13} aria-hidden="true" />
        </a>
      ),
  },
  {
    name: texts.state,
    cell: ({ enabled }) => (
      <Badge standing={enabled ? 'good' : 'none'}>{enabled ? texts.enabled : texts.disabled}</Badge>
    ),
  },
  { name: texts.created, isWide: true, cell: ({ createdUnixMs }) => <Ago unixMs={createdUnixMs} /> },
];

export function ApplicationsPage() {
  const applications = useQuery(applicationsQuery);
  const [search, setSearch] = useState('');
  const [shown, setShown] = useState(ROWS);
  const wanted = useDeferredValue(search.trim().toLowerCase());
  const items = applications.data ?? [];
  const found =
    wanted === '' ? items : items.filter(({ name, host }) => `${name} ${host}`.toLowerCase().includes(wanted));
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
      {applications.isPending && <Loading />}
      {applications.isError && <ProblemNote error={applications.error} retry={() => void applications.refetch()} />}
      {applications.data && items.length === 0 && (
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
      )}
      {items.length > 0 && (
        <Card isFlush className="pt-4">
          <SearchField
            label={texts.searchLabel}
            value={search}
            onChange={(value) => {
              setSearch(value);
              setShown(ROWS);
            }}
          />
          {found.length === 0 ? (
            <p className="px-5 pb-5 text-quiet">{texts.noneFound}</p>
          ) : (
            <Table caption={texts.title} columns={COLUMNS} rows={found.slice(0, shown)} keyOf={({ id }) => id} />
          )}
          {found.length > shown && (
            <div className="flex justify-center border-t p-3">
              <Button kind="quiet" onClick={() => setShown(shown + ROWS)}>
                {TEXTS.frame.more}
              </Button>
            </div>
          )}
        </Card>
      )}
    </Page>
  );
}
