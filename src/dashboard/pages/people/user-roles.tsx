import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { answerOf } from '../../../api/client.ts';
import { ahead, useChange } from '../../frame/change.ts';
import { api, rolesQuery } from '../../frame/client.ts';
import { toggled } from '../../frame/rows.ts';
import { LiveCheck } from '../../look/live-check.tsx';
import { Card } from '../../look/page.tsx';
import { TEXTS } from '../../texts/index.ts';
import { groupsQuery, type User, userQuery, withMember } from './people-shape.ts';
import { rightsOf } from './permission-picker.tsx';

const texts = TEXTS.people;

export function UserRoles({ user }: { readonly user: User }) {
  const roles = useQuery(rolesQuery);
  const change = useChange({
    run: (next: readonly string[]) =>
      answerOf(api.PATCH('/users/{id}', { params: { path: { id: user.id } }, body: { roles: [...next] } })),
    shows: ['users', 'me'],
    ahead: ahead(userQuery(user.id), (shown, next: readonly string[]) => ({ ...shown, roles: [...next] })),
  });
  return (
    <Card title={texts.roles} lead={texts.rolesLead}>
      <div className="grid gap-3">
        {(roles.data ?? []).map((role) => (
          <LiveCheck
            key={role.id}
            label={role.name}
            hint={rightsOf(role)}
            checked={user.roles.includes(role.name)}
            onChange={(isOn) => change.mutateAsync(toggled(user.roles, role.name, isOn))}
          />
        ))}
      </div>
    </Card>
  );
}

interface Membership {
  /** Of the group. */
  readonly id: string;
  readonly isIn: boolean;
}

export function UserGroups({ user }: { readonly user: User }) {
  const groups = useQuery(groupsQuery);
  const change = useChange({
    run: ({ id, isIn }: Membership) => {
      const params = { params: { path: { id, userId: user.id } } };
      return answerOf(
        isIn ? api.PUT('/groups/{id}/members/{userId}', params) : api.DELETE('/groups/{id}/members/{userId}', params),
      );
    },
    shows: ['groups', 'users'],
    ahead: ahead(groupsQuery, (shown, { id, isIn }: Membership) => withMember(shown, id, user.id, isIn)),
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
