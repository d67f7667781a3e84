import { useQuery } from '@tanstack/react-query';
import { answerOf } from '../../../api/client.ts';
import { useChange } from '../../frame/change.ts';
import { api } from '../../frame/client.ts';
import { Button } from '../../look/button.tsx';
import { Card } from '../../look/page.tsx';
import { Ago } from '../../look/time.tsx';
import { TEXTS } from '../../texts/index.ts';
import { providersQuery } from '../providers/provider-shape.ts';

const texts = TEXTS.people;

/** Accounts at identity providers by which the person signs in. */
export function UserIdentities({ userId }: { readonly userId: string }) {
  const identities = useQuery({
    queryKey: ['users', userId, 'identities'],
    queryFn: () => answerOf(api.GET('/users/{id}/identities', { params: { path: { id: userId } } })),
  });
  const providers = useQuery(providersQuery);
  const disconnect = useChange<string>({
    run: (providerId) =>
      answerOf(api.DELETE('/users/{id}/identities/{providerId}', { params: { path: { id: userId, providerId } } })),
    shows: ['users'],
  });
  const items = identities.data?.items ?? [];
  if (!identities.data || (items.length === 0 && providers.data?.length === 0)) return null;
  return (
    <Card title={texts.identities}>
      {items.length === 0 && <p className="text-quiet">{texts.identitiesNone}</p>}
      <ul className="grid gap-3">
        {items.map(({ providerId, email, subject, seenUnixMs }) => (
          <li key={providerId} className="flex items-center justify-between gap-3">
            <span className="min-w-0">
              <span className="block font-medium">
                {providers.data?.find(({ id }) => id === providerId)?.label ?? providerId}
              </span>
              <span className="block truncate text-sm text-quiet" title={subject}>
                {email ?? subject} · <Ago unixMs={seenUnixMs} />
              </span>
            </span>
            <Button kind="quiet" isBusy={disconnect.isPending} onClick={() => disconnect.mutate(providerId)}>
              {texts.disconnect}
            </Button>
          </li>
        ))}
      </ul>
    </Card>
  );
}
