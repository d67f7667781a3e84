import { useQuery } from '@tanstack/react-query';
import { Plus, UsersRound } from 'lucide-react';
import { useState } from 'react';
import { answerOf } from '../../../api/client.ts';
import { AddNamed } from '../../frame/add-named.tsx';
import { api } from '../../frame/client.ts';
import { Button } from '../../look/button.tsx';
import { Card, Empty, Page } from '../../look/page.tsx';
import { Loading, ProblemNote } from '../../look/problem.tsx';
import { RowLink } from '../../look/row-link.tsx';
import { SectionTabs } from '../../look/section-tabs.tsx';
import { type Column, Table } from '../../look/table.tsx';
import { Ago } from '../../look/time.tsx';
import { Words } from '../../look/words.tsx';
import { TEXTS } from '../../texts/index.ts';
import { type Group, groupsQuery, PEOPLE_TABS } from './people-shape.ts';

const texts = TEXTS.people;

const COLUMNS: readonly Column<Group>[] = [
  {
    name: texts.name,
    sortBy: ({ name }) => name,
    cell: ({ id, name }) => (
      <RowLink to="/users/groups/$id" params={{ id }}>
        {name}
      </RowLink>
    ),
  },
  { name: texts.roles, sortBy: ({ roles }) => roles.join(' '), cell: ({ roles }) => <Words words={roles} /> },
  {
    name: texts.members,
    sortBy: ({ memberIds }) => memberIds.length,
    isNumber: true,
    cell: ({ memberIds }) => memberIds.length,
  },
  {
    name: TEXTS.applications.created,
    sortBy: ({ createdUnixMs }) => createdUnixMs,
    isWide: true,
    cell: ({ createdUnixMs }) => <Ago unixMs={createdUnixMs} />,
  },
];

export function GroupsPage() {
  const groups = useQuery(groupsQuery);
  const [isAdding, setAdding] = useState(false);
  const add = (
    <Button kind="first" icon={<Plus size={16} aria-hidden="true" />} onClick={() => setAdding(true)}>
      {texts.addGroup}
    </Button>
  );
  return (
    <Page
      above={<SectionTabs label={texts.section} tabs={PEOPLE_TABS} />}
      title={texts.groupsTitle}
      lead={texts.groupsPageLead}
      actions={groups.data && groups.data.length > 0 && add}
    >
      {groups.isPending && <Loading />}
      {groups.isError && <ProblemNote error={groups.error} retry={() => void groups.refetch()} />}
      {groups.data && (
        <Card isFlush className={groups.data.length > 0 ? 'pt-1' : ''}>
          {groups.data.length === 0 ? (
            <Empty icon={<UsersRound />} title={texts.noGroups} actions={add}>
              {texts.noGroupsLead}
            </Empty>
          ) : (
            <Table caption={texts.groupsTitle} columns={COLUMNS} rows={groups.data} keyOf={({ id }) => id} />
          )}
        </Card>
      )}
      {isAdding && (
        <AddNamed
          title={texts.addGroup}
          lead={texts.groupsPageLead}
          label={texts.groupName}
          make={(name) => answerOf(api.POST('/groups', { body: { name } }))}
          shows="groups"
          to="/users/groups/$id"
          onClose={() => setAdding(false)}
        />
      )}
    </Page>
  );
}
