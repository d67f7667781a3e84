import { useQuery } from '@tanstack/react-query';
import { answerOf } from '../../../api/client.ts';
import { useChange } from '../../frame/change.ts';
import { api } from '../../frame/client.ts';
import { Card } from '../../look/page.tsx';
import { ProblemNote } from '../../look/problem.tsx';
import { RemoveButton } from '../../look/remove-button.tsx';
import { TEXTS } from '../../texts/index.ts';
import { nameOf, sessionsQuery, type User } from './people-shape.ts';
import { SessionTable } from './session-table.tsx';

const texts = TEXTS.people;

export function UserSessions({ user, onEnded }: { readonly user: User; readonly onEnded: () => unknown }) {
  const sessions = useQuery(sessionsQuery(user.id));
  const endAll = useChange({
    run: () => answerOf(api.DELETE('/users/{id}/sessions', { params: { path: { id: user.id } } })),
    shows: ['sessions'],
    done: texts.signedOut(nameOf(user)),
    onDone: onEnded,
  });
  const items = sessions.data ?? [];
  return (
    <Card
      title={texts.sessions}
      isFlush={items.length > 0}
      actions={
        items.length > 0 && (
          <RemoveButton
            kind="plain"
            label={texts.signOutAll}
            ask={texts.signOutAllAsk(nameOf(user))}
            consequence={texts.endConsequence}
            isBusy={endAll.isPending}
            onConfirm={() => endAll.mutate()}
          />
        )
      }
    >
      {sessions.isError && <ProblemNote error={sessions.error} />}
      {sessions.data && items.length === 0 && <p className="text-quiet">{texts.noSessionsOf}</p>}
      {items.length > 0 && <SessionTable sessions={items} onEnded={onEnded} />}
    </Card>
  );
}
