import { useQuery } from '@tanstack/react-query';
import { answerOf, type paths } from '../../../api/client.ts';
import { useChange } from '../../frame/change.ts';
import { api } from '../../frame/client.ts';
import { useNames } from '../../frame/names.ts';
import { Button } from '../../look/button.tsx';
import { Card } from '../../look/page.tsx';
import { type Column, Table } from '../../look/table.tsx';
import { Ago } from '../../look/time.tsx';
import { TEXTS } from '../../texts/index.ts';
import { credentialsQuery } from '../credentials/credential-shape.ts';

const texts = TEXTS.people;
type Visitor = paths['/sessions/visitors']['get']['responses'][200]['content']['application/json']['items'][number];
const GUEST = 'guest:';

/** People whom a mailed code, a link or a PIN let in: their sessions live at the points of presence alone. */
export function Visitors({ onEnded }: { readonly onEnded: () => unknown }) {
  const visitors = useQuery({
    queryKey: ['sessions', 'visitors'],
    queryFn: () => answerOf(api.GET('/sessions/visitors')),
  });
  const items = visitors.data?.items ?? [];
  const applications = useNames(items.map(({ resourceId }) => resourceId));
  const credentials = useQuery({ ...credentialsQuery, enabled: items.length > 0 });
  const names = new Map((credentials.data ?? []).map(({ id, name }) => [`credential:${id}`, name]));
  const end = useChange<string>({
    run: (email) => answerOf(api.POST('/guests/revoke', { body: { email } })),
    shows: ['sessions'],
    done: (_done, email) => texts.endedGuest(email),
    onDone: onEnded,
  });
  const applicationOf = ({ resourceId }: Visitor) => applications.get(resourceId) ?? resourceId;
  const columns: readonly Column<Visitor>[] = [
    {
      name: texts.who,
      sortBy: ({ actor }) => (actor.startsWith(GUEST) ? actor.slice(GUEST.length) : (names.get(actor) ?? actor)),
      cell: ({ actor }) =>
        actor.startsWith(GUEST) ? (
          <span className="font-medium">{actor.slice(GUEST.length)}</span>
        ) : (
          <span>
            {texts.credential} <span className="font-medium">{names.get(actor) ?? actor}</span>
          </span>
        ),
    },
    { name: texts.application, sortBy: applicationOf, cell: applicationOf },
    {
      name: texts.lastSeen,
      sortBy: ({ lastUnixMs }) => lastUnixMs,
      isWide: true,
      cell: ({ lastUnixMs }) => <Ago unixMs={lastUnixMs} />,
    },
    {
      name: TEXTS.frame.actions,
      isAction: true,
      cell: ({ actor }) =>
        actor.startsWith(GUEST) && (
          <Button kind="quiet" isBusy={end.isPending} onClick={() => end.mutate(actor.slice(GUEST.length))}>
            {texts.endGuest}
          </Button>
        ),
    },
  ];
  if (items.length === 0) return null;
  return (
    <Card title={texts.visitors} lead={texts.visitorsLead} isFlush>
      <Table
        caption={texts.visitors}
        columns={columns}
        rows={items}
        keyOf={({ actor, resourceId }) => `${actor} ${resourceId}`}
      />
    </Card>
  );
}
