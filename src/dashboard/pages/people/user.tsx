import { useQuery } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { answerOf } from '../../../api/client.ts';
import { ahead, useChange } from '../../frame/change.ts';
import { api, meQuery } from '../../frame/client.ts';
import { BackLink } from '../../look/back-link.tsx';
import { Badge } from '../../look/badge.tsx';
import { Button } from '../../look/button.tsx';
import { Page } from '../../look/page.tsx';
import { Loading, ProblemNote } from '../../look/problem.tsx';
import { RemoveButton } from '../../look/remove-button.tsx';
import { TEXTS } from '../../texts/index.ts';
import { nameOf, type User, userQuery } from './people-shape.ts';
import { RevocationProgress, useRevocation } from './revocation-progress.tsx';
import { UserAccount } from './user-account.tsx';
import { UserApplications } from './user-applications.tsx';
import { UserDevices } from './user-devices.tsx';
import { UserFactors } from './user-factors.tsx';
import { UserIdentities } from './user-identities.tsx';
import { UserGroups, UserRoles } from './user-roles.tsx';
import { UserSessions } from './user-sessions.tsx';

const texts = TEXTS.people;

export function UserPage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const user = useQuery(userQuery(id));
  const { sequence, follow } = useRevocation();
  if (user.isPending) return <Loading />;
  if (user.isError)
    return (
      <Page title={texts.users} above={<BackLink to="/users">{texts.users}</BackLink>}>
        <ProblemNote error={user.error} retry={() => void user.refetch()} />
      </Page>
    );
  return (
    <Page
      above={<BackLink to="/users">{texts.users}</BackLink>}
      title={nameOf(user.data)}
      lead={user.data.email}
      actions={<UserActions user={user.data} onRevoked={follow} />}
    >
      <RevocationProgress sequence={sequence} />
      <div className="grid grid-cols-1 items-start gap-6 lg:grid-cols-[1fr_21rem]">
        <div className="grid min-w-0 grid-cols-1 gap-6">
          <UserSessions user={user.data} onEnded={follow} />
          <UserFactors user={user.data} onReset={follow} />
          <UserApplications userId={id} />
          <UserDevices userId={id} />
        </div>
        <div className="grid min-w-0 grid-cols-1 gap-6">
          <UserAccount user={user.data} />
          <UserRoles user={user.data} />
          <UserGroups user={user.data} />
          <UserIdentities userId={id} />
        </div>
      </div>
    </Page>
  );
}

interface UserActionsProps {
  readonly user: User;
  readonly onRevoked: () => unknown;
}

/** Nobody shuts themselves out: one's own account has no such buttons. */
function UserActions({ user, onRevoked }: UserActionsProps) {
  const me = useQuery(meQuery);
  const navigate = useNavigate();
  const params = { path: { id: user.id } };
  const name = nameOf(user);
  const change = useChange<boolean, User>({
    run: (disabled) => answerOf(api.PATCH('/users/{id}', { params, body: { disabled } })),
    shows: ['users', 'sessions'],
    ahead: ahead(userQuery(user.id), (shown, disabled: boolean) => ({ ...shown, disabled })),
    done: (_user, disabled) => (disabled ? texts.isDisabled(name) : texts.isEnabled(name)),
    onDone: (_user, disabled) => (disabled ? onRevoked() : undefined),
  });
  const remove = useChange({
    run: () => answerOf(api.DELETE('/users/{id}', { params })),
    shows: ['sessions', 'groups'],
    done: texts.removed(name),
    leave: () => navigate({ to: '/users' }),
  });
  if (me.data?.id === user.id) return <Badge standing="info">{texts.you}</Badge>;
  return (
    <>
      {user.disabled ? (
        <Button isBusy={change.isPending} onClick={() => change.mutate(false)}>
          {texts.enable}
        </Button>
      ) : (
        <RemoveButton
          kind="plain"
          label={texts.disable}
          ask={texts.disableAsk(name)}
          consequence={texts.disableConsequence}
          isBusy={change.isPending}
          onConfirm={() => change.mutate(true)}
        />
      )}
      <RemoveButton
        ask={texts.removeAsk(name)}
        consequence={texts.removeConsequence}
        isBusy={remove.isPending}
        onConfirm={() => remove.mutate()}
      />
    </>
  );
}
