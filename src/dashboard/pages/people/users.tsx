import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { UserPlus } from 'lucide-react';
import { useDeferredValue, useState } from 'react';
import { answerOf, type paths } from '../../../api/client.ts';
import { api, usersQuery } from '../../frame/client.ts';
import { Badge } from '../../look/badge.tsx';
import { Button } from '../../look/button.tsx';
import { Confirm } from '../../look/dialog.tsx';
import { Card, Page } from '../../look/page.tsx';
import { Loading, ProblemNote, problemText } from '../../look/problem.tsx';
import { SearchField } from '../../look/search.tsx';
import { type Column, Table } from '../../look/table.tsx';
import { Ago } from '../../look/time.tsx';
import { useToast } from '../../look/toast.tsx';
import { TEXTS } from '../../texts/index.ts';
import { Invite } from './invite.tsx';

const texts = TEXTS.people;
const { queryKey: KEY } = usersQuery;
type User = paths['/users']['get']['responses'][200]['content']['application/json']['items'][number];

const COLUMNS: readonly Column<User>[] = [
  { name: texts.name, cell: ({ name, email }) => <span className="font-medium">{name || email}</span> },
  { name: texts.email, isWide: true, cell: ({ email }) => <span className="text-quiet">{email}</span> },
  { name: texts.roles, cell: ({ roles }) => <Words words={roles} /> },
  { name: texts.groups, isWide: true, cell: ({ groups }) => <Words words={groups} /> },
  {
    name: texts.state,
    cell: ({ disabled }) => (
      <Badge standing={disabled ? 'bad' : 'good'}>{disabled ? texts.disabled : texts.active}</Badge>
    ),
  },
  { name: texts.since, isWide: true, cell: ({ createdUnixMs }) => <Ago unixMs={createdUnixMs} /> },
];

export function UsersPage() {
  const users = useQuery(usersQuery);
  const [search, setSearch] = useState('');
  const [isInviting, setInviting] = useState(false);
  const [disabling, setDisabling] = useState<User>();
  const change = useChange(() => setDisabling(undefined));
  const wanted = useDeferredValue(search.trim().toLowerCase());
  const found = (users.data ?? []).filter(({ name, email }) => `${name} ${email}`.toLowerCase().includes(wanted));
  const columns: readonly Column<User>[] = [
    ...COLUMNS,
    {
      name: TEXTS.frame.actions,
      isAction: true,
      cell: (user) => (
        <Button
          kind="quiet"
          onClick={() => (user.disabled ? change.mutate({ user, disabled: false }) : setDisabling(user))}
        >
          {user.disabled ? texts.enable : texts.disable}
        </Button>
      ),
    },
  ];
  return (
    <Page
      title={texts.users}
      lead={texts.usersLead}
      actions={
        <Button kind="first" icon={<UserPlus size={16} aria-hidden="true" />} onClick={() => setInviting(true)}>
          {texts.invite}
        </Button>
      }
    >
      {users.isPending && <Loading />}
      {users.isError && <ProblemNote error={users.error} retry={() => void users.refetch()} />}
      {users.data && (
        <Card isFlush className="pt-4">
          <SearchField label={texts.searchLabel} value={search} onChange={setSearch} />
          {found.length === 0 ? (
            <p className="px-5 pb-5 text-quiet">{texts.noneFound}</p>
          ) : (
            <Table caption={texts.users} columns={columns} rows={found} keyOf={({ id }) => id} />
          )}
        </Card>
      )}
      {isInviting && <Invite onClose={() => setInviting(false)} />}
      {disabling && (
        <Confirm
          isOpen
          onClose={() => setDisabling(undefined)}
          title={texts.disableAsk(disabling.name || disabling.email)}
          consequence={texts.disableConsequence}
          action={texts.disable}
          isBusy={change.isPending}
          onConfirm={() => change.mutate({ user: disabling, disabled: true })}
        />
      )}
    </Page>
  );
}

function Words({ words }: { readonly words: readonly string[] }) {
  if (words.length === 0) return <span className="text-quiet">–</span>;
  return (
    <span className="flex flex-wrap gap-1">
      {words.map((word) => (
        <Badge key={word}>{word}</Badge>
      ))}
    </span>
  );
}

/** Disables or enables: shown at once, and taken back where it was refused. */
function useChange(onSettled: () => void) {
  const queryClient = useQueryClient();
  const toast = useToast();
  return useMutation({
    mutationFn: ({ user: { id }, disabled }: { user: User; disabled: boolean }) =>
      answerOf(api.PATCH('/users/{id}', { params: { path: { id } }, body: { disabled } })),
    onMutate: async ({ user, disabled }) => {
      await queryClient.cancelQueries({ queryKey: KEY });
      const before = queryClient.getQueryData<readonly User[]>(KEY);
      const after = before?.map((one) => (one.id === user.id ? { ...one, disabled } : one));
      queryClient.setQueryData(KEY, after);
      return before;
    },
    onSuccess: (_user, { user, disabled }) => {
      const name = user.name || user.email;
      toast('good', disabled ? texts.isDisabled(name) : texts.isEnabled(name));
    },
    onError: (error, _change, before) => {
      queryClient.setQueryData(KEY, before);
      toast('bad', problemText(error));
    },
    onSettled: () => {
      onSettled();
      return queryClient.invalidateQueries({ queryKey: KEY });
    },
  });
}
