import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { answerOf, type paths } from '../../../api/client.ts';
import { api } from '../../frame/client.ts';
import { Card } from '../../look/page.tsx';
import { Loading, ProblemNote } from '../../look/problem.tsx';
import { type Share, ShareBars } from '../../look/share-bars.tsx';
import { TimeChart } from '../../look/time-chart.tsx';
import { TEXTS } from '../../texts/index.ts';
import { apiQuery, type Filter } from './filter.ts';
import { tookText } from './request-rows.tsx';

const texts = TEXTS.requests;
const AGAIN_MS = 30_000;
const moment = new Intl.DateTimeFormat('en-GB', { dateStyle: 'short', timeStyle: 'short' });
const countries = new Intl.DisplayNames('en', { type: 'region' });

type Analytics = paths['/requests/analytics']['get']['responses'][200]['content']['application/json'];
type Counted = Analytics['byResource'];

export function AnalyticsView({ filter }: { readonly filter: Filter }) {
  const query = useQuery({
    queryKey: ['requests', 'analytics', filter],
    queryFn: () => answerOf(api.GET('/requests/analytics', { params: { query: apiQuery(filter, Date.now()) } })),
    refetchInterval: AGAIN_MS,
    placeholderData: keepPreviousData,
  });
  if (query.isPending) return <Loading />;
  if (query.isError) return <ProblemNote error={query.error} retry={() => void query.refetch()} />;
  const { data } = query;
  return (
    <>
      <Totals data={data} />
      <div className="grid grid-cols-1 gap-6 lg:grid-cols-2">
        <Group title={texts.byResource} counted={data.byResource} />
        <Group title={texts.byCountry} counted={data.byCountry} nameOf={countryName} />
        <Group title={texts.byUser} counted={data.byUser} nameOf={(key, name) => (key === '' ? texts.nobody : name)} />
        <Group title={texts.byStatus} counted={data.byStatus} nameOf={(key) => (key === '0' ? '–' : key)} />
        <Group
          title={texts.byReason}
          counted={data.byReason}
          nameOf={(key) => TEXTS.overview.reasonNames[key] ?? key}
        />
      </div>
    </>
  );
}

function Totals({ data }: { readonly data: Analytics }) {
  const { requests, errors, refused, overTime } = data;
  const at = (i: number): string => {
    const step = overTime.at(i);
    return step ? moment.format(step.unixMs) : '';
  };
  const values = (of: (step: Analytics['overTime'][number]) => number) => overTime.map(of);
  const totals: readonly (readonly [string, string])[] = [
    [texts.all, requests.toLocaleString('en')],
    [texts.errors, errors.toLocaleString('en')],
    [texts.refusedCount, refused.toLocaleString('en')],
    [texts.p50p95, `${tookText(data.p50Ms)} / ${tookText(data.p95Ms)}`],
  ];
  return (
    <Card title={texts.overTime} lead={data.isPartial ? texts.partial(requests) : undefined}>
      <dl className="mb-5 grid grid-cols-2 gap-4 sm:grid-cols-4">
        {totals.map(([name, value]) => (
          <div key={name}>
            <dt className="text-sm text-quiet">{name}</dt>
            <dd className="text-xl font-semibold tabular-nums">{value}</dd>
          </div>
        ))}
      </dl>
      <TimeChart
        kind="columns"
        label={texts.overTimeChart(requests, errors, refused)}
        format={(value) => String(value)}
        from={at(0)}
        until={at(-1)}
        series={[
          {
            name: texts.allowed,
            values: values((step) => Math.max(0, step.requests - step.errors - step.refused)),
            className: 'fill-accent',
            dotClassName: 'bg-accent',
          },
          {
            name: texts.refusedCount,
            values: values((step) => step.refused),
            className: 'fill-info',
            dotClassName: 'bg-info',
          },
          { name: texts.errors, values: values((step) => step.errors), className: 'fill-bad', dotClassName: 'bg-bad' },
        ]}
      />
    </Card>
  );
}

interface GroupProps {
  readonly title: string;
  readonly counted: Counted;
  readonly nameOf?: (key: string, name: string) => string;
}

function Group({ title, counted, nameOf = (_, name) => name }: GroupProps) {
  const shares = counted.map(
    ({ key, name, requests, errors }): Share => ({
      key,
      name: nameOf(key, name),
      value: requests,
      detail: errors > 0 ? texts.errorsShort(errors) : undefined,
    }),
  );
  return (
    <Card title={title}>
      <ShareBars shares={shares} empty={texts.nothing} />
    </Card>
  );
}

function countryName(key: string): string {
  return key === '' ? texts.unknownCountry : (countries.of(key) ?? key);
}
