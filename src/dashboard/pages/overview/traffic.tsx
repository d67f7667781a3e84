/** Traffic of the last two minutes, as it comes. */
import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { meQuery } from '../../frame/client.ts';
import { type TrafficSecond, useLive } from '../../frame/live-state.ts';
import { Badge } from '../../look/badge.tsx';
import { ButtonLink } from '../../look/button.tsx';
import { Card } from '../../look/page.tsx';
import { ShareBars } from '../../look/share-bars.tsx';
import { TimeChart } from '../../look/time-chart.tsx';
import { TEXTS } from '../../texts/index.ts';

const texts = TEXTS.overview;
const SPAN_S = 120;

export function TrafficCard() {
  const { isOpen, traffic } = useLive();
  const me = useQuery(meQuery);
  const seconds = useSeconds(traffic);
  const all = sum(seconds, ({ requests }) => requests);
  const errors = sum(seconds, (second) => second.errors);
  const refused = sum(seconds, ({ denied }) => Object.values(denied).reduce((total, count) => total + count, 0));
  const lately = seconds.slice(-10);
  const rate = sum(lately, ({ requests }) => requests) / 10;
  const last = seconds.findLast((second) => second?.p95Ms != null);
  return (
    <Card
      title={
        <span className="flex items-center gap-2.5">
          {texts.traffic}
          <Badge standing={isOpen ? 'good' : 'warn'}>{isOpen ? texts.live : texts.notLive}</Badge>
        </span>
      }
      lead={texts.trafficLead}
      actions={
        me.data?.permissions.includes('audit.read') && <ButtonLink to="/requests">{texts.toRequests}</ButtonLink>
      }
    >
      <dl className="mb-5 grid grid-cols-2 gap-4 sm:grid-cols-4">
        <Value name={texts.rate}>{rate.toFixed(rate < 10 ? 1 : 0)}</Value>
        <Value name={texts.latency}>{last ? `${milliseconds(last.p50Ms)} / ${milliseconds(last.p95Ms)}` : '–'}</Value>
        <Value name={texts.errors} isBad={errors > 0}>
          {errors}
        </Value>
        <Value name={texts.refused}>{refused}</Value>
      </dl>
      <div className="grid gap-6 lg:grid-cols-2">
        <TimeChart
          kind="columns"
          label={texts.rateChart(all, errors)}
          format={(value) => `${value} / s`}
          from={texts.spanStart}
          until={texts.now}
          empty={texts.noTraffic}
          series={[
            {
              name: texts.answered,
              values: seconds.map((second) => (second ? second.requests - second.errors : 0)),
              className: 'fill-accent',
              dotClassName: 'bg-accent',
            },
            {
              name: texts.errors,
              values: seconds.map((second) => second?.errors ?? 0),
              className: 'fill-bad',
              dotClassName: 'bg-bad',
            },
          ]}
        />
        <TimeChart
          kind="lines"
          label={texts.latencyChart(milliseconds(last?.p50Ms ?? null), milliseconds(last?.p95Ms ?? null))}
          format={(value) => milliseconds(value)}
          from={texts.spanStart}
          until={texts.now}
          empty={texts.noTraffic}
          series={[
            {
              name: 'p95',
              values: seconds.map((second) => second?.p95Ms ?? null),
              className: 'stroke-info',
              dotClassName: 'bg-info',
            },
            {
              name: 'p50',
              values: seconds.map((second) => second?.p50Ms ?? null),
              className: 'stroke-good',
              dotClassName: 'bg-good',
            },
          ]}
        />
      </div>
    </Card>
  );
}

export function DeniedCard() {
  const { traffic } = useLive();
  const counts = new Map<string, number>();
  for (const { denied } of traffic)
    for (const [reason, count] of Object.entries(denied)) counts.set(reason, (counts.get(reason) ?? 0) + count);
  const shares = [...counts].sort(([, a], [, b]) => b - a).slice(0, 6);
  return (
    <Card title={texts.denied} lead={texts.deniedLead}>
      <ShareBars
        empty={texts.noneDenied}
        shares={shares.map(([reason, value]) => ({
          key: reason,
          name: <span title={reason}>{texts.reasonNames[reason] ?? reason}</span>,
          value,
        }))}
      />
    </Card>
  );
}

function Value({
  name,
  isBad,
  children,
}: {
  readonly name: string;
  readonly isBad?: boolean;
  readonly children: string | number;
}) {
  return (
    <div>
      <dt className="text-sm text-quiet">{name}</dt>
      <dd className={`text-xl font-semibold tabular-nums ${isBad ? 'text-bad' : ''}`}>{children}</dd>
    </div>
  );
}

/** One for each second of the span; undefined where there was no traffic. It goes on while nothing comes. */
function useSeconds(traffic: readonly TrafficSecond[]): readonly (TrafficSecond | undefined)[] {
  const [nowUnixMs, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  // The clock of control may be another: its newest second is now, where it is near.
  const newest = traffic.at(-1)?.unixMs ?? 0;
  const now = Math.max(newest, nowUnixMs);
  const seconds = new Array<TrafficSecond | undefined>(SPAN_S).fill(undefined);
  for (const second of traffic) {
    const i = SPAN_S - 1 - Math.round((now - second.unixMs) / 1_000);
    if (i >= 0) seconds[i] = second;
  }
  return seconds;
}

function sum(seconds: readonly (TrafficSecond | undefined)[], of: (second: TrafficSecond) => number): number {
  return seconds.reduce((total, second) => total + (second ? of(second) : 0), 0);
}

function milliseconds(ms: number | null): string {
  if (ms === null) return '–';
  // A number stays with its unit.
  return ms < 10
    ? `${ms.toFixed(1)}\u00a0ms`
    : ms < 1_000
      ? `${Math.round(ms)}\u00a0ms`
      : `${(ms / 1_000).toFixed(1)}\u00a0s`;
}
