import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { MonitorSmartphone } from 'lucide-react';
import { useState } from 'react';
import { answerOf, type paths } from '../../../api/client.ts';
import { all, api, paged, usersQuery } from '../../frame/client.ts';
import { Button } from '../../look/button.tsx';
import { Confirm } from '../../look/dialog.tsx';
import { Card, Empty, Page } from '../../look/page.tsx';
import { Loading, ProblemNote, problemText } from '../../look/problem.tsx';
import { type Column, Table } from '../../look/table.tsx';
import { Ago } from '../../look/time.tsx';
import { useToast } from '../../look/toast.tsx';
import { TEXTS } from '../../texts/index.ts';

const texts = TEXTS.people;
type Session = paths['/sessions']['get']['responses'][200]['content']['application/json']['items'][number];

export function SessionsPage() {
  const queryClient = useQueryClient();
  const toast = useToast();
  const [ending, setEnding] = useState<Session>();
  const sessions = useQuery({
    queryKey: ['sessions'],
    queryFn: () => all((after) => answerOf(api.GET('/sessions', paged(after)))),
  });
  const users = useQuery(usersQuery);
  const end = useMutation({
    mutationFn: ({ id }: Session) => answerOf(api.DELETE('/sessions/{id}', { params: { path: { id } } })),
    onSuccess: () => toast('good', texts.ended),
    onError: (error) => toast('bad', problemText(error)),
    onSettled: () => {
      setEnding(undefined);
      return queryClient.invalidateQueries({ queryKey: ['sessions'] });
    },
  });
  const names = new Map((users.data ?? []).map(({ id, name, email }) => [id, name || email]));
  const columns: readonly Column<Session>[] = [
    { name: texts.who, cell: ({ userId }) => <span className="font-medium">{names.get(userId) ?? userId}</span> },
    { name: texts.from, cell: ({ clientAddress }) => <span className="font-mono text-[13px]">{clientAddress}</span> },
    {
      name: texts.browser,
      isWide: true,
      cell: ({ userAgent }) => (
        <span className="block max-w-xs truncate text-quiet" title={userAgent}>
          {userAgent}
        </span>
      ),
    },
    { name: texts.began, isWide: true, cell: ({ createdUnixMs }) => <Ago unixMs={createdUnixMs} /> },
    { name: texts.ends, isWide: true, cell: ({ expiresUnixMs }) => <Ago unixMs={expiresUnixMs} /> },
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
    <Page title={texts.sessions} lead={texts.sessionsLead}>
      {sessions.isPending && <Loading />}
      {sessions.isError && <ProblemNote error={sessions.error} retry={() => void sessions.refetch()} />}
      {sessions.data && (
        <Card isFlush className="pt-1">
          {sessions.data.length === 0 ? (
            <Empty icon={<MonitorSmartphone />} title={texts.noSessions} />
          ) : (
            <Table caption={texts.sessions} columns={columns} rows={sessions.data} keyOf={({ id }) => id} />
          )}
        </Card>
      )}
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
    </Page>
  );
}
