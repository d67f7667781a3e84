import { UserPlus } from 'lucide-react';
import { useCallback, useState } from 'react';
import { answerOf } from '../../../api/client.ts';
import { api } from '../../frame/client.ts';
import { type UserSort, useSearchedList } from '../../frame/lists.ts';
import { Badge } from '../../look/badge.tsx';
import { Button } from '../../look/button.tsx';
import { Card, Page } from '../../look/page.tsx';
import { Loading, ProblemNote } from '../../look/problem.tsx';
import { RowLink } from '../../look/row-link.tsx';
import { SearchField } from '../../look/search.tsx';
import { SectionTabs } from '../../look/section-tabs.tsx';
import type { Column } from '../../look/table.tsx';
import { Ago } from '../../look/time.tsx';
import { VirtualTable } from '../../look/virtual-table.tsx';
import { Words } from '../../look/words.tsx';
import { TEXTS } from '../../texts/index.ts';
import { Invite } from './invite.tsx';
import { nameOf, PEOPLE_TABS, type User } from './people-shape.ts';

const texts = TEXTS.people;

const COLUMNS: readonly Column<User>[] = [
  {
    name: texts.name,
    sort: 'name',
    cell: (user) => (
      <RowLink to="/users/$id" params={{ id: user.id }}>
        {nameOf(user)}
      </RowLink>
    ),
  },
  { name: texts.email, sort: 'email', isWide: true, cell: ({ email }) => <span className="text-quiet">{email}</span> },
  { name: texts.roles, cell: ({ roles }) => <Words words={roles} /> },
  { name: texts.groups, isWide: true, cell: ({ groups }) => <Words words={groups} /> },
  {
    name: texts.state,
    stacked: 'corner',
    cell: ({ disabled }) => (
      <Badge standing={disabled ? 'bad' : 'good'}>{disabled ? texts.disabled : texts.active}</Badge>
    ),
  },
  { name: texts.since, sort: 'created', isWide: true, cell: ({ createdUnixMs }) => <Ago unixMs={createdUnixMs} /> },
];

export function UsersPage() {
  const [search, setSearch] = useState('');
  const [sort, setSort] = useState<string>();
  const [isInviting, setInviting] = useState(false);
  const {
    query: users,
    items,
    count,
  } = useSearchedList(
    'users',
    search,
    (query) => answerOf(api.GET('/users', { params: { query } })),
    sort as UserSort | undefined,
  );
  const more = useCallback(() => void users.fetchNextPage(), [users.fetchNextPage]);
  return (
    <Page
      above={<SectionTabs label={texts.section} tabs={PEOPLE_TABS} />}
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
          {items.length === 0 ? (
            <p className="px-5 pb-5 text-quiet">{texts.noneFound}</p>
          ) : (
            <VirtualTable
              caption={texts.users}
              columns={COLUMNS}
              rows={items}
              count={count}
              keyOf={({ id }) => id}
              sorting={{ by: sort, onSort: setSort }}
              onEndNear={more}
            />
          )}
        </Card>
      )}
      {isInviting && <Invite onClose={() => setInviting(false)} />}
    </Page>
  );
}
