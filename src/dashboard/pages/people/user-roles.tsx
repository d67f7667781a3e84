import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { answerOf } from '../../../api/client.ts';
import { useChange } from '../../frame/change.ts';
import { api, rolesQuery } from '../../frame/client.ts';
import { LiveCheck } from '../../look/live-check.tsx';
import { Card } from '../../look/page.tsx';
import { TEXTS } from '../../texts/index.ts';
import { groupsQuery, type User } from './people-shape.ts';
import { permissionWords } from './permission-picker.tsx';

const texts = TEXTS.people;

export function UserRoles({ user }: { readonly user: User }) {
  const roles = useQuery(rolesQuery);
  const change = useChange<readonly string[]>({
    run: (next) =>
      answerOf(api.PATCH('/users/{id}', { params: { path: { id: user.id } }, body: { roles: [...next] } })),
    shows: ['users', 'me'],
  });
  return (
    <Card title={texts.roles} lead={texts.rolesLead}>
      <div className="grid gap-3">
        {(roles.data ?? []).map(({ id, name, permissions, builtIn }) => (
          <LiveCheck
            key={id}
            label={name}
            hint={permissions.length === 0 && !builtIn ? texts.noRights : permissionWords(permissions)}
            checked={user.roles.includes(name)}
            onChange={(checked) =>
              change.mutateAsync(checked ? [...user.roles, name] : user.roles.filter((role) => role !== name))
            }
          />
        ))}
      </div>
    </Card>
  );
}

export function UserGroups({ user }: { readonly user: User }) {
  const groups = useQuery(groupsQuery);
  const change = useChange<{ readonly id: string; readonly isIn: boolean }>({
    run: ({ id, isIn }) => {
      const params = { params: { path: { id, userId: user.id } } };
      return answerOf(
        isIn ? api.PUT('/groups/{id}/members/{userId}', params) : api.DELETE('/groups/{id}/members/{userId}', params),
      );
    },
    shows: ['groups', 'users'],
  });
  return (
    <Card title={texts.groups} lead={texts.groupsLead}>
      {groups.data?.length === 0 && (
        <p className="text-sm text-quiet">
          {texts.groupsNone}{' '}
          <Link to="/users/groups" className="text-accent underline">
            {texts.addGroup}
          </Link>
        </p>
      )}
      <div className="grid gap-3">
        {(groups.data ?? []).map(({ id, name, memberIds }) => (
          <LiveCheck
            key={id}
            label={name}
            checked={memberIds.includes(user.id)}
            onChange={(isIn) => change.mutateAsync({ id, isIn })}
          />
        ))}
      </div>
    </Card>
  );
}
