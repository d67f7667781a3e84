import { useInfiniteQuery } from '@tanstack/react-query';
import { ScrollText } from 'lucide-react';
import { useDeferredValue, useState } from 'react';
import { answerOf, type paths } from '../../../api/client.ts';
import { api } from '../../frame/client.ts';
import { useNames } from '../../frame/names.ts';
import { Badge, type Standing } from '../../look/badge.tsx';
import { Button } from '../../look/button.tsx';
import { SelectField, TextField } from '../../look/field.tsx';
import { Card, Empty, Page } from '../../look/page.tsx';
import { Loading, ProblemNote } from '../../look/problem.tsx';
import { type Column, Table } from '../../look/table.tsx';
import { Ago } from '../../look/time.tsx';
import { TEXTS } from '../../texts/index.ts';

const texts = TEXTS.watch;
const ROWS = 100;
const REFRESH_MS = 5_000;
const OUTCOMES = ['allow', 'deny', 'challenge', 'error', 'done', 'refused'] as const;
type AuditEvent = paths['/audit']['get']['responses'][200]['content']['application/json']['items'][number];

const STANDINGS: Readonly<Record<string, Standing>> = {
  allow: 'good',
  done: 'good',
  deny: 'bad',
  refused: 'bad',
  error: 'bad',
  challenge: 'info',
};

type Names = ReadonlyMap<string, string>;

const columnsOf = (names: Names): readonly Column<AuditEvent>[] => [
  {
    name: texts.when,
    cell: ({ unixMs }) => (
      <span className="whitespace-nowrap">
        <Ago unixMs={unixMs} />
      </span>
    ),
  },
  { name: texts.who, stacked: 'bare', cell: ({ actor }) => <Actor actor={actor} names={names} /> },
  { name: texts.what, stacked: 'bare', cell: ({ action }) => <span className="font-mono text-[13px]">{action}</span> },
  {
    name: texts.subject,
    isWide: true,
    cell: ({ subject }) => names.get(subject ?? '') ?? <Short text={subject ?? '–'} />,
  },
  {
    name: texts.outcome,
    stacked: 'corner',
    cell: ({ outcome }) => <Badge standing={STANDINGS[outcome] ?? 'none'}>{texts.outcomes[outcome] ?? outcome}</Badge>,
  },
  {
    name: texts.rule,
    isWide: true,
    cell: ({ detail }) => ruleOf(detail),
  },
  {
    name: texts.from,
    isWide: true,
    cell: ({ clientAddress }) => <span className="font-mono text-[13px]">{clientAddress}</span>,
  },
];

/** People by name, everything else by its kind and id. */
function Actor({ actor, names }: { readonly actor: string | null; readonly names: Names }) {
  if (actor === null) return <span className="text-quiet">{texts.nobody}</span>;
  const [kind = '', id = ''] = actor.split(/:(.*)/, 2);
  const name = names.get(id);
  if (name !== undefined) return <span className="font-medium">{name}</span>;
  return (
    <span>
      {kind} <Short text={id} />
    </span>
  );
}

/** An id whose middle nobody reads; the whole is on hover and for screen readers. */
function Short({ text }: { readonly text: string }) {
  return (
    <span className="inline-block max-w-24 truncate align-bottom text-quiet" title={text}>
      {text}
    </span>
  );
}

function ruleOf(detail: AuditEvent['detail']): string {
  const { ruleName, reason } = detail as { readonly ruleName?: unknown; readonly reason?: unknown };
  return typeof ruleName === 'string' ? ruleName : typeof reason === 'string' ? reason : '–';
}

export function AuditPage() {
  const [actor, setActor] = useState('');
  const [action, setAction] = useState('');
  const [outcome, setOutcome] = useState('');
  const wanted = useDeferredValue({ actor: actor.trim(), action: action.trim(), outcome });
  const events = useInfiniteQuery({
    queryKey: ['audit', wanted],
    initialPageParam: null as string | null,
    refetchInterval: REFRESH_MS,
    queryFn: ({ pageParam }) =>
      answerOf(
        api.GET('/audit', {
          params: {
            query: {
              limit: ROWS,
              ...(pageParam !== null && { after: pageParam }),
              ...(wanted.actor && { actor: wanted.actor }),
              ...(wanted.action && { action: wanted.action }),
              ...(wanted.outcome && { outcome: wanted.outcome }),
            },
          },
        }),
      ),
    getNextPageParam: ({ next }) => next,
  });
  const rows = events.data?.pages.flatMap(({ items }) => items) ?? [];
  const names = useNames(rows.flatMap(({ actor, subject }) => [actor?.split(/:(.*)/, 2)[1] ?? '', subject ?? '']));
  return (
    <Page title={texts.audit} lead={texts.auditLead}>
      <Card>
        <div className="grid gap-4 sm:grid-cols-3">
          <TextField label={texts.filterActor} value={actor} onChange={({ target }) => setActor(target.value)} />
          <TextField label={texts.filterAction} value={action} onChange={({ target }) => setAction(target.value)} />
          <SelectField label={texts.filterOutcome} value={outcome} onChange={({ target }) => setOutcome(target.value)}>
            <option value="">{texts.anyOutcome}</option>
            {OUTCOMES.map((one) => (
              <option key={one} value={one}>
                {texts.outcomes[one]}
              </option>
            ))}
          </SelectField>
        </div>
      </Card>
      {events.isPending && <Loading />}
      {events.isError && <ProblemNote error={events.error} retry={() => void events.refetch()} />}
      {events.data && (
        <Card isFlush className="pt-1">
          {rows.length === 0 ? (
            <Empty icon={<ScrollText />} title={texts.none} />
          ) : (
            <Table caption={texts.audit} columns={columnsOf(names)} rows={rows} keyOf={({ id }) => id} />
          )}
          {events.hasNextPage && (
            <div className="flex justify-center border-t p-3">
              <Button kind="quiet" isBusy={events.isFetchingNextPage} onClick={() => void events.fetchNextPage()}>
                {texts.more}
              </Button>
            </div>
          )}
        </Card>
      )}
    </Page>
  );
}
