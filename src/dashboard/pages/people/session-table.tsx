import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { answerOf } from '../../../api/client.ts';
import { useChange } from '../../frame/change.ts';
import { api, meQuery } from '../../frame/client.ts';
import { Badge } from '../../look/badge.tsx';
import { Button } from '../../look/button.tsx';
import { Confirm } from '../../look/dialog.tsx';
import { RowLink } from '../../look/row-link.tsx';
import { type Column, Table } from '../../look/table.tsx';
import { Ago } from '../../look/time.tsx';
import { TEXTS } from '../../texts/index.ts';
import { browserName } from './browser-name.ts';
import type { Session } from './people-shape.ts';

const texts = TEXTS.people;

interface SessionTableProps {
  readonly sessions: readonly Session[];
  /** Names of the users; left out: it is one user's page. */
  readonly names?: ReadonlyMap<string, string>;
  readonly onEnded: () => unknown;
}

export function SessionTable({ sessions, names, onEnded }: SessionTableProps) {
  const me = useQuery(meQuery);
  const [ending, setEnding] = useState<Session>();
  const end = useChange<Session>({
    run: ({ id }) => answerOf(api.DELETE('/sessions/{id}', { params: { path: { id } } })),
    shows: ['sessions'],
    onDone: onEnded,
    onSettled: () => setEnding(undefined),
  });
  const who: Column<Session> = {
    name: texts.who,
    sortBy: ({ userId }) => names?.get(userId) ?? '',
    cell: ({ userId }) => (
      <RowLink to="/users/$id" params={{ id: userId }}>
        {names?.get(userId) ?? userId}
      </RowLink>
    ),
  };
  const columns: readonly Column<Session>[] = [
    ...(names ? [who] : []),
    {
      name: texts.browser,
      sortBy: ({ userAgent }) => browserName(userAgent),
      cell: ({ id, userAgent }) => (
        <span title={userAgent} className="flex flex-wrap items-center gap-2">
          {browserName(userAgent)}
          {id === me.data?.sessionId && <Badge standing="info">{texts.thisSession}</Badge>}
        </span>
      ),
    },
    {
      name: texts.from,
      sortBy: ({ clientAddress }) => clientAddress,
      isWide: true,
      cell: ({ clientAddress }) => <span className="font-mono text-[13px]">{clientAddress}</span>,
    },
    {
      name: texts.began,
      sortBy: ({ createdUnixMs }) => createdUnixMs,
      isWide: true,
      cell: ({ createdUnixMs }) => <Ago unixMs={createdUnixMs} />,
    },
    {
      name: texts.ends,
      sortBy: ({ expiresUnixMs }) => expiresUnixMs,
      isWide: true,
      cell: ({ expiresUnixMs }) => <Ago unixMs={expiresUnixMs} />,
    },
    {
      name: TEXTS.frame.actions,
      isAction: true,
      cell: (session) => (
        <Button kind="quiet" onClick={() => setEnding(session)}>
          {texts.end}
        </Button>
      ),
    },
  ];
  return (
    <>
      <Table caption={texts.sessions} columns={columns} rows={sessions} keyOf={({ id }) => id} />
      {ending && (
        <Confirm
          isOpen
          onClose={() => setEnding(undefined)}
          title={texts.endAsk}
          consequence={texts.endConsequence}
          action={texts.end}
          isBusy={end.isPending}
          onConfirm={() => end.mutate(ending)}
        />
      )}
    </>
  );
}
