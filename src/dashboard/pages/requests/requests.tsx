import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { Activity, Download } from 'lucide-react';
import { useState } from 'react';
import { answerOf } from '../../../api/client.ts';
import { api } from '../../frame/client.ts';
import { Button } from '../../look/button.tsx';
import { Card, Empty, Page } from '../../look/page.tsx';
import { Loading, ProblemNote } from '../../look/problem.tsx';
import { TEXTS } from '../../texts/index.ts';
import { AnalyticsView } from './analytics.tsx';
import { saveExport } from './export.ts';
import { apiQuery, type Filter, readFilter } from './filter.ts';
import { FilterForm } from './filter-form.tsx';
import { RequestRows } from './request-rows.tsx';
import { TailView } from './tail.tsx';

const texts = TEXTS.requests;
const ROWS = 100;
const VIEWS = ['log', 'live', 'analytics'] as const;
type View = (typeof VIEWS)[number];
/** What analytics look at has an end; what comes live has no beginning. */
const SPANS_OF_VIEW = { log: ['', '15m', '1h', '24h', '7d'], live: [], analytics: ['24h', '15m', '1h', '7d'] } as const;

export function RequestsPage() {
  const search = useSearch({ strict: false }) as Readonly<Record<string, unknown>>;
  const navigate = useNavigate();
  const filter = readFilter(search);
  const view = VIEWS.find((one) => one === search.view) ?? 'log';
  const go = (next: Filter, nextView: View = view): void =>
    void navigate({
      to: '/requests',
      search: { ...next, ...(nextView !== 'log' && { view: nextView }) } as never,
      replace: true,
    });
  return (
    <Page title={texts.title} lead={texts.lead} actions={<Exports filter={filter} />}>
      <fieldset className="flex w-fit gap-1 rounded-lg border bg-sheet p-1">
        <legend className="sr-only">{texts.title}</legend>
        {VIEWS.map((one) => (
          <button
            key={one}
            type="button"
            aria-pressed={one === view}
            onClick={() => go(filter, one)}
            className={`min-h-8 rounded-md px-3.5 text-sm font-medium ${one === view ? 'bg-accent-soft text-accent' : 'text-quiet hover:text-ink'}`}
          >
            {texts.views[one]}
          </button>
        ))}
      </fieldset>
      <FilterForm filter={filter} change={go} spans={SPANS_OF_VIEW[view]} />
      {view === 'log' && <LogView filter={filter} />}
      {view === 'live' && <TailView key={JSON.stringify(filter)} filter={filter} />}
      {view === 'analytics' && <AnalyticsView filter={filter} />}
    </Page>
  );
}

function Exports({ filter }: { readonly filter: Filter }) {
  const [busy, setBusy] = useState<string | null>(null);
  const save = (format: 'csv' | 'jsonl'): void => {
    setBusy(format);
    void saveExport(filter, format).finally(() => setBusy(null));
  };
  const icon = <Download size={16} aria-hidden="true" />;
  return (
    <>
      <Button icon={icon} isBusy={busy === 'csv'} onClick={() => save('csv')}>
        {texts.exportCsv}
      </Button>
      <Button icon={icon} isBusy={busy === 'jsonl'} onClick={() => save('jsonl')}>
        {texts.exportJson}
      </Button>
    </>
  );
}

function LogView({ filter }: { readonly filter: Filter }) {
  const query = useInfiniteQuery({
    queryKey: ['requests', 'log', filter],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam }) =>
      answerOf(
        api.GET('/requests', {
          params: {
            query: { ...apiQuery(filter, Date.now()), limit: ROWS, ...(pageParam !== null && { after: pageParam }) },
          },
        }),
      ),
    getNextPageParam: ({ next }) => next,
  });
  const rows = query.data?.pages.flatMap(({ items }) => items) ?? [];
  const isFiltered = Object.keys(filter).length > 0;
  if (query.isPending) return <Loading />;
  if (query.isError) return <ProblemNote error={query.error} retry={() => void query.refetch()} />;
  return (
    <Card isFlush className="pt-1">
      {rows.length === 0 ? (
        <Empty icon={<Activity />} title={isFiltered ? texts.noneFound : texts.none}>
          {!isFiltered && texts.noneLead}
        </Empty>
      ) : (
        <RequestRows rows={rows} />
      )}
      {query.hasNextPage && (
        <div className="flex justify-center border-t p-3">
          <Button kind="quiet" isBusy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            {texts.more}
          </Button>
        </div>
      )}
    </Card>
  );
}
