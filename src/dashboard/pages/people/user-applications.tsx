import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { answerOf } from '../../../api/client.ts';
import { api } from '../../frame/client.ts';
import { Button } from '../../look/button.tsx';
import { Card } from '../../look/page.tsx';
import { ProblemNote } from '../../look/problem.tsx';
import { TEXTS } from '../../texts/index.ts';

const texts = TEXTS.people;
const SHOWN_FIRST = 12;

export function UserApplications({ userId }: { readonly userId: string }) {
  const [isWhole, setWhole] = useState(false);
  const applications = useQuery({
    queryKey: ['users', userId, 'applications'],
    queryFn: () => answerOf(api.GET('/users/{id}/applications', { params: { path: { id: userId } } })),
  });
  const items = applications.data?.items ?? [];
  const shown = isWhole ? items : items.slice(0, SHOWN_FIRST);
  return (
    <Card title={texts.mayOpen} lead={texts.mayOpenLead}>
      {applications.isError && <ProblemNote error={applications.error} />}
      {applications.data && items.length === 0 && <p className="text-quiet">{texts.mayOpenNone}</p>}
      <ul className="flex flex-wrap gap-2">
        {shown.map(({ id, name, host }) => (
          <li key={id}>
            <Link
              to="/applications/$id"
              params={{ id }}
              title={host}
              className="block rounded-lg border bg-ground px-3 py-1.5 text-sm hover:border-faint"
            >
              {name}
            </Link>
          </li>
        ))}
      </ul>
      {items.length > shown.length && (
        <Button kind="quiet" className="mt-2" onClick={() => setWhole(true)}>
          {TEXTS.frame.more}
        </Button>
      )}
    </Card>
  );
}
