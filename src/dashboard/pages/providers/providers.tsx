import { useQuery } from '@tanstack/react-query';
import { KeySquare, Plus } from 'lucide-react';
import { Badge } from '../../look/badge.tsx';
import { ButtonLink } from '../../look/button.tsx';
import { Card, Empty, Page } from '../../look/page.tsx';
import { Loading, ProblemNote } from '../../look/problem.tsx';
import { RowLink } from '../../look/row-link.tsx';
import { type Column, Table } from '../../look/table.tsx';
import { TEXTS } from '../../texts/index.ts';
import { type Provider, providersQuery } from './provider-shape.ts';

const texts = TEXTS.providers;

const kindOf = ({ preset }: Provider) => texts.presets[preset].label;

const COLUMNS: readonly Column<Provider>[] = [
  {
    name: texts.name,
    sortBy: ({ label }) => label,
    cell: ({ id, label }) => (
      <RowLink to="/providers/$id" params={{ id }}>
        {label}
      </RowLink>
    ),
  },
  { name: texts.kind, sortBy: kindOf, isWide: true, cell: kindOf },
  {
    name: texts.state,
    stacked: 'corner',
    sortBy: ({ enabled }) => Number(enabled),
    cell: ({ enabled }) => (
      <Badge standing={enabled ? 'good' : 'none'}>{enabled ? texts.enabled : texts.disabled}</Badge>
    ),
  },
  {
    name: texts.newAccounts,
    sortBy: ({ provisioning }) => texts.provisioningWays[provisioning].label,
    isWide: true,
    cell: ({ provisioning }) => <span className="text-quiet">{texts.provisioningWays[provisioning].label}</span>,
  },
];

export function ProvidersPage() {
  const providers = useQuery(providersQuery);
  const add = (
    <ButtonLink kind="first" icon={<Plus size={16} aria-hidden="true" />} to="/providers/new">
      {texts.add}
    </ButtonLink>
  );
  return (
    <Page title={texts.title} lead={texts.lead} actions={providers.data && providers.data.length > 0 && add}>
      {providers.isPending && <Loading />}
      {providers.isError && <ProblemNote error={providers.error} retry={() => void providers.refetch()} />}
      {providers.data && (
        <Card isFlush className={providers.data.length > 0 ? 'pt-1' : ''}>
          {providers.data.length === 0 ? (
            <Empty icon={<KeySquare />} title={texts.none} actions={add}>
              {texts.noneLead}
            </Empty>
          ) : (
            <Table caption={texts.title} columns={COLUMNS} rows={providers.data} keyOf={({ id }) => id} />
          )}
        </Card>
      )}
    </Page>
  );
}
