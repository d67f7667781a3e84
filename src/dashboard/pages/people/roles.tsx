import { useQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { answerOf } from '../../../api/client.ts';
import { AddNamed } from '../../frame/add-named.tsx';
import { api, rolesQuery } from '../../frame/client.ts';
import { Badge } from '../../look/badge.tsx';
import { Button } from '../../look/button.tsx';
import { Card, Page } from '../../look/page.tsx';
import { Loading, ProblemNote } from '../../look/problem.tsx';
import { RowLink } from '../../look/row-link.tsx';
import { SectionTabs } from '../../look/section-tabs.tsx';
import { type Column, Table } from '../../look/table.tsx';
import { TEXTS } from '../../texts/index.ts';
import { PEOPLE_TABS, type Role } from './people-shape.ts';
import { rightsOf } from './permission-picker.tsx';

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
    sortBy: ({ permissions }) => permissions.length,
    cell: (role) => <span className="text-quiet">{rightsOf(role)}</span>,
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
      {isAdding && (
        <AddNamed
          title={texts.addRole}
          lead={texts.rolesPageLead}
          label={texts.roleName}
          make={(name) => answerOf(api.POST('/roles', { body: { name } }))}
          shows="roles"
          to="/users/roles/$id"
          onClose={() => setAdding(false)}
        />
      )}
    </Page>
  );
}
