import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { changeAsRead } from '../../../api/changes.ts';
import { answerOf } from '../../../api/client.ts';
import { ahead, useChange } from '../../frame/change.ts';
import { api, rolesQuery } from '../../frame/client.ts';
import { toggled } from '../../frame/rows.ts';
import { placeAt } from '../../frame/save.ts';
import { LiveCheck } from '../../look/live-check.tsx';
import { Card } from '../../look/page.tsx';
import { TEXTS } from '../../texts/index.ts';
import { groupsQuery, type RoleTurn, type User, userQuery, withMember } from './people-shape.ts';
import { rightsOf } from './permission-picker.tsx';

const texts = TEXTS.people;

export function UserRoles({ user }: { readonly user: User }) {
  const roles = useQuery(rolesQuery);
  const { read, write } = placeAt('patch', '/users/{id}', { id: user.id });
  const change = useChange({
    // One role is given or taken: the others are as they are then, not as this page has them.
    run: ({ role, isIn }: RoleTurn) =>
      changeAsRead(read, (now, condition) => write({ roles: toggled(now.roles, role, isIn) }, condition)),
    shows: ['users', 'me'],
    ahead: ahead(userQuery(user.id), (shown, { role, isIn }: RoleTurn) => ({
      ...shown,
      roles: toggled(shown.roles, role, isIn),
    })),
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
            onChange={(isIn) => change.mutateAsync({ role: role.name, isIn })}
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
