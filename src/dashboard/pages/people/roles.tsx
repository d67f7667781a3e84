import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { answerOf } from '../../../api/client.ts';
import { useChange } from '../../frame/change.ts';
import { api, rolesQuery } from '../../frame/client.ts';
import { Badge } from '../../look/badge.tsx';
import { Button } from '../../look/button.tsx';
import { NameDialog } from '../../look/form-dialog.tsx';
import { Card, Page } from '../../look/page.tsx';
import { Loading, ProblemNote } from '../../look/problem.tsx';
import { RowLink } from '../../look/row-link.tsx';
import { SectionTabs } from '../../look/section-tabs.tsx';
import { type Column, Table } from '../../look/table.tsx';
import { TEXTS } from '../../texts/index.ts';
import { PEOPLE_TABS, type Role } from './people-shape.ts';
import { permissionWords } from './permission-picker.tsx';

const texts = TEXTS.people;

const COLUMNS: readonly Column<Role>[] = [
  {
    name: texts.name,
    sortBy: ({ name }) => name,
    cell: ({ id, name, builtIn }) => (
      <span className="flex flex-wrap items-center gap-2">
        <RowLink to="/users/roles/$id" params={{ id }}>
          {name}
        </RowLink>
        {builtIn && <Badge>{texts.builtIn}</Badge>}
      </span>
    ),
  },
  {
    name: texts.rights,
    cell: ({ permissions, builtIn }) => (
      <span className="text-quiet">
        {permissions.length === 0 && !builtIn ? texts.noRights : permissionWords(permissions)}
      </span>
    ),
  },
];

export function RolesPage() {
  const roles = useQuery(rolesQuery);
  const [isAdding, setAdding] = useState(false);
  return (
    <Page
      above={<SectionTabs label={texts.section} tabs={PEOPLE_TABS} />}
      title={texts.rolesTitle}
      lead={texts.rolesPageLead}
      actions={
        <Button kind="first" icon={<Plus size={16} aria-hidden="true" />} onClick={() => setAdding(true)}>
          {texts.addRole}
        </Button>
      }
    >
      {roles.isPending && <Loading />}
      {roles.isError && <ProblemNote error={roles.error} retry={() => void roles.refetch()} />}
      {roles.data && (
        <Card isFlush className="pt-1">
          <Table caption={texts.rolesTitle} columns={COLUMNS} rows={roles.data} keyOf={({ id }) => id} />
        </Card>
      )}
      {isAdding && <AddRole onClose={() => setAdding(false)} />}
    </Page>
  );
}

function AddRole({ onClose }: { readonly onClose: () => void }) {
  const [name, setName] = useState('');
  const navigate = useNavigate();
  const add = useChange<void, Role>({
    run: () => answerOf(api.POST('/roles', { body: { name } })),
    shows: ['roles'],
    isForm: true,
    onDone: ({ id }) => navigate({ to: '/users/roles/$id', params: { id } }),
  });
  return (
    <NameDialog
      title={texts.addRole}
      lead={texts.rolesPageLead}
      action={texts.addRole}
      label={texts.roleName}
      value={name}
      change={add}
      onChange={setName}
      onClose={onClose}
    />
  );
}
