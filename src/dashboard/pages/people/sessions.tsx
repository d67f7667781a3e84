import { useQuery } from '@tanstack/react-query';
import { MonitorSmartphone } from 'lucide-react';
import { useNames } from '../../frame/names.ts';
import { Card, Empty, Page } from '../../look/page.tsx';
import { Loading, ProblemNote } from '../../look/problem.tsx';
import { TEXTS } from '../../texts/index.ts';
import { sessionsQuery } from './people-shape.ts';
import { RevocationProgress, useRevocation } from './revocation-progress.tsx';
import { SessionTable } from './session-table.tsx';
import { Visitors } from './visitors.tsx';

const texts = TEXTS.people;

export function SessionsPage() {
  const sessions = useQuery(sessionsQuery());
  const names = useNames((sessions.data ?? []).map(({ userId }) => userId));
  const { sequence, follow } = useRevocation();
  return (
    <Page title={texts.sessions} lead={texts.sessionsLead}>
      <RevocationProgress sequence={sequence} />
      {sessions.isPending && <Loading />}
      {sessions.isError && <ProblemNote error={sessions.error} retry={() => void sessions.refetch()} />}
      {sessions.data && (
        <Card isFlush className="pt-1">
          {sessions.data.length === 0 ? (
            <Empty icon={<MonitorSmartphone />} title={texts.noSessions} />
          ) : (
            <SessionTable sessions={sessions.data} names={names} onEnded={follow} />
          )}
        </Card>
      )}
      <Visitors onEnded={follow} />
    </Page>
  );
}
