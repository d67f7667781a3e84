import { useQuery } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { changeAsRead } from '../../../api/changes.ts';
import { answerOf } from '../../../api/client.ts';
import { ahead, useChange } from '../../frame/change.ts';
import { api, rolesQuery } from '../../frame/client.ts';
import { type Named, useNamed } from '../../frame/names.ts';
import { toggled } from '../../frame/rows.ts';
import { placeAt } from '../../frame/save.ts';
import { BackLink } from '../../look/back-link.tsx';
import { Button } from '../../look/button.tsx';
import { LiveCheck } from '../../look/live-check.tsx';
import { Card, Page } from '../../look/page.tsx';
import { Loading, ProblemNote } from '../../look/problem.tsx';
import { RemoveButton } from '../../look/remove-button.tsx';
import { RowLink } from '../../look/row-link.tsx';
import { type Column, Table } from '../../look/table.tsx';
import { TEXTS } from '../../texts/index.ts';
import { type Group, groupsQuery, type RoleTurn, withMember } from './people-shape.ts';
import { PersonPicker } from './person-picker.tsx';

const texts = TEXTS.people;
const SHOWS = ['groups', 'users'];

export function GroupPage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const groups = useQuery(groupsQuery);
  const group = groups.data?.find((one) => one.id === id);
  if (groups.isPending) return <Loading />;
  if (!group)
    return (
      <Page title={texts.groupsTitle}>
        <ProblemNote error={groups.error} />
      </Page>
    );
  return <GroupView group={group} />;
}

function GroupView({ group: { id, name, roles, memberIds } }: { readonly group: Group }) {
  const navigate = useNavigate();
  const remove = useChange({
    run: () => answerOf(api.DELETE('/groups/{id}', { params: { path: { id } } })),
    shows: SHOWS,
    done: texts.groupRemoved(name),
    leave: () => navigate({ to: '/users/groups' }),
  });
  return (
    <Page
      above={<BackLink to="/users/groups">{texts.groupsTitle}</BackLink>}
      title={name}
      actions={
        <RemoveButton
          ask={texts.removeGroupAsk(name)}
          consequence={texts.removeGroupConsequence}
          isBusy={remove.isPending}
          onConfirm={() => remove.mutate()}
        />
      }
    >
      <div className="grid grid-cols-1 items-start gap-6 lg:grid-cols-[1fr_20rem]">
        <Members groupId={id} memberIds={memberIds} />
        <Roles groupId={id} roles={roles} />
      </div>
    </Page>
  );
}

function Members({ groupId, memberIds }: { readonly groupId: string; readonly memberIds: readonly string[] }) {
  const members = useNamed(memberIds);
  const params = (userId: string) => ({ params: { path: { id: groupId, userId } } });
  const add = useChange<string>({
    run: (userId) => answerOf(api.PUT('/groups/{id}/members/{userId}', params(userId))),
    shows: SHOWS,
  });
  const takeOut = useChange<string>({
    run: (userId) => answerOf(api.DELETE('/groups/{id}/members/{userId}', params(userId))),
    shows: SHOWS,
    ahead: ahead(groupsQuery, (shown, userId: string) => withMember(shown, groupId, userId, false)),
  });
  const columns: readonly Column<Named>[] = [
    {
      name: texts.name,
      sortBy: ({ name, email = '' }) => name || email,
      cell: ({ id, name, email }) => (
        <RowLink to="/users/$id" params={{ id }}>
          {name || email}
        </RowLink>
      ),
    },
    {
      name: texts.email,
      sortBy: ({ email = '' }) => email,
      isWide: true,
      cell: ({ email }) => <span className="text-quiet">{email}</span>,
    },
    {
      name: TEXTS.frame.actions,
      isAction: true,
      cell: ({ id }) => (
        <Button kind="quiet" onClick={() => takeOut.mutate(id)}>
          {texts.takeOut}
        </Button>
      ),
    },
  ];
  return (
    <Card title={texts.members} isFlush>
      <div className="px-5 pb-4">
        <PersonPicker except={memberIds} onChoose={({ id }) => add.mutate(id)} />
      </div>
      {members.length === 0 ? (
        <p className="px-5 pb-5 text-quiet">{texts.membersNone}</p>
      ) : (
        <Table caption={texts.members} columns={columns} rows={members} keyOf={({ id }) => id} />
      )}
    </Card>
  );
}

function Roles({ groupId, roles }: { readonly groupId: string; readonly roles: readonly string[] }) {
  const known = useQuery(rolesQuery);
  const { read, write } = placeAt('patch', '/groups/{id}', { id: groupId });
  const change = useChange({
    // One role is given or taken: the others are as they are then, not as this page has them.
    run: ({ role, isIn }: RoleTurn) =>
      changeAsRead(read, (now, condition) => write({ roles: toggled(now.roles, role, isIn) }, condition)),
    shows: SHOWS,
    ahead: ahead(groupsQuery, (shown, { role, isIn }: RoleTurn) =>
      shown.map((one) => (one.id === groupId ? { ...one, roles: toggled(one.roles, role, isIn) } : one)),
    ),
  });
  return (
    <Card title={texts.roles} lead={texts.groupRolesLead}>
      <div className="grid gap-3">
        {(known.data ?? []).map(({ id, name }) => (
          <LiveCheck
            key={id}
            label={name}
            checked={roles.includes(name)}
            onChange={(isIn) => change.mutateAsync({ role: name, isIn })}
          />
        ))}
      </div>
    </Card>
  );
}
