import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Plus, UsersRound } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { answerOf } from '../../../api/client.ts';
import { useChange } from '../../frame/change.ts';
import { api } from '../../frame/client.ts';
import { Button } from '../../look/button.tsx';
import { Dialog } from '../../look/dialog.tsx';
import { TextField } from '../../look/field.tsx';
import { FormActions } from '../../look/form-actions.tsx';
import { Card, Empty, Page } from '../../look/page.tsx';
import { faultOf, Loading, ProblemNote } from '../../look/problem.tsx';
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
    cell: ({ id, name }) => (
      <RowLink to="/users/groups/$id" params={{ id }}>
        {name}
      </RowLink>
    ),
  },
  { name: texts.roles, cell: ({ roles }) => <Words words={roles} /> },
  { name: texts.members, isNumber: true, cell: ({ memberIds }) => memberIds.length },
  { name: TEXTS.applications.created, isWide: true, cell: ({ createdUnixMs }) => <Ago unixMs={createdUnixMs} /> },
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
      {isAdding && <AddGroup onClose={() => setAdding(false)} />}
    </Page>
  );
}

function AddGroup({ onClose }: { readonly onClose: () => void }) {
  const [name, setName] = useState('');
  const navigate = useNavigate();
  const add = useChange<void, Group>({
    run: () => answerOf(api.POST('/groups', { body: { name } })),
    shows: ['groups'],
    isForm: true,
    onDone: ({ id }) => navigate({ to: '/users/groups/$id', params: { id } }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate();
  };
  return (
    <Dialog isOpen onClose={onClose} title={texts.addGroup} lead={texts.groupsPageLead}>
      <form onSubmit={submit} className="grid gap-5">
        <TextField
          label={texts.groupName}
          required
          value={name}
          fault={faultOf(add.error, 'name')}
          onChange={({ target }) => setName(target.value)}
        />
        {add.isError && !faultOf(add.error, 'name') && <ProblemNote error={add.error} />}
        <FormActions action={texts.addGroup} isBusy={add.isPending} onCancel={onClose} />
      </form>
    </Dialog>
  );
}
