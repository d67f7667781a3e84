import { Link } from '@tanstack/react-router';
import type { LoggedRequest } from '../../frame/live-state.ts';
import { Badge, type Standing } from '../../look/badge.tsx';
import { type Column, Table } from '../../look/table.tsx';
import { TEXTS } from '../../texts/index.ts';

const texts = TEXTS.requests;
const time = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });
const whole = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });
const DAY_MS = 86_400_000;

export const STANDINGS: Readonly<Record<LoggedRequest['outcome'], Standing>> = {
  allowed: 'good',
  denied: 'bad',
  challenged: 'info',
  failed: 'warn',
};

const COLUMNS: readonly Column<LoggedRequest>[] = [
  {
    name: texts.time,
    stacked: 'bare',
    isWide: true,
    cell: ({ unixMs }) => <Moment unixMs={unixMs} />,
  },
  {
    name: texts.request,
    stacked: 'title',
    cell: ({ id, unixMs, method, host, path, resourceName }) => (
      <Link to="/requests/$id" params={{ id }} className="group block max-w-96 min-w-32">
        <span className="block truncate font-mono text-[13px] group-hover:text-accent group-hover:underline">
          {method} {path}
        </span>
        <span className="block truncate text-quiet">{resourceName ?? host}</span>
        <span className="block text-xs sm:hidden">
          <Moment unixMs={unixMs} />
        </span>
      </Link>
    ),
  },
  {
    name: texts.outcome,
    stacked: 'corner',
    cell: ({ outcome, status }) => (
      <span className="inline-flex items-center gap-2 tabular-nums">
        <Badge standing={STANDINGS[outcome]}>{texts.outcomes[outcome]}</Badge>
        {status > 0 && <span className="text-quiet">{status}</span>}
      </span>
    ),
  },
  {
    name: texts.who,
    isWide: true,
    cell: ({ subject }) =>
      subject ? <span className="block max-w-48 truncate">{subject.name}</span> : <span className="text-quiet">–</span>,
  },
  {
    name: texts.from,
    isWide: true,
    cell: ({ address, country }) => (
      <span className="whitespace-nowrap">
        <span className="font-mono text-[13px]">{address}</span>
        {country && <span className="text-quiet"> {country}</span>}
      </span>
    ),
  },
  {
    name: texts.took,
    isWide: true,
    isNumber: true,
    cell: ({ stageMs }) => <span className="whitespace-nowrap">{tookText(stageMs.total)}</span>,
  },
];

function Moment({ unixMs }: { readonly unixMs: number }) {
  return (
    <time dateTime={new Date(unixMs).toISOString()} className="whitespace-nowrap text-quiet tabular-nums">
      {(Date.now() - unixMs < DAY_MS ? time : whole).format(unixMs)}
    </time>
  );
}

export function RequestRows({ rows }: { readonly rows: readonly LoggedRequest[] }) {
  return <Table caption={texts.title} columns={COLUMNS} rows={rows} keyOf={({ id }) => id} />;
}

export function tookText(ms: number | null): string {
  if (ms === null) return '–';
  // A number stays with its unit.
  return ms < 10
    ? `${ms.toFixed(1)}\u00a0ms`
    : ms < 1_000
      ? `${Math.round(ms)}\u00a0ms`
      : `${(ms / 1_000).toFixed(1)}\u00a0s`;
}
