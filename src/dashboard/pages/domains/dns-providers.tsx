import { useMutation, useQuery } from '@tanstack/react-query';
import { FlaskConical, KeyRound, Pencil, Plus } from 'lucide-react';
import { useState } from 'react';
import { answerOf } from '../../../api/client.ts';
import { ahead, useChange } from '../../frame/change.ts';
import { api } from '../../frame/client.ts';
import { withoutRow } from '../../frame/rows.ts';
import { Button } from '../../look/button.tsx';
import { TextField } from '../../look/field.tsx';
import { FormDialog } from '../../look/form-dialog.tsx';
import { Card, Empty, Page } from '../../look/page.tsx';
import { Loading, ProblemNote } from '../../look/problem.tsx';
import { RemoveButton } from '../../look/remove-button.tsx';
import { type Column, Table } from '../../look/table.tsx';
import { Ago } from '../../look/time.tsx';
import { TEXTS } from '../../texts/index.ts';
import { DnsProviderForm } from './dns-provider-form.tsx';
import { type DnsProvider, dnsProvidersQuery } from './domain-shape.ts';
import { DomainTabs } from './domain-tabs.tsx';

const texts = TEXTS.domains;

export function DnsProvidersPage() {
  const providers = useQuery(dnsProvidersQuery);
  const [edited, setEdited] = useState<DnsProvider | 'new'>();
  const [tested, setTested] = useState<DnsProvider>();
  const remove = useChange({
    run: ({ id }: DnsProvider) => answerOf(api.DELETE('/dns-providers/{id}', { params: { path: { id } } })),
    shows: ['dns-providers'],
    ahead: ahead(dnsProvidersQuery, (all, { id }: DnsProvider) => withoutRow(all, id)),
  });
  const columns: readonly Column<DnsProvider>[] = [
    {
      name: texts.providerName,
      sortBy: ({ name }) => name,
      cell: ({ name }) => <span className="font-medium">{name}</span>,
    },
    { name: texts.kind, sortBy: ({ kind }) => texts.kinds[kind], cell: ({ kind }) => texts.kinds[kind] },
    {
      name: TEXTS.applications.created,
      sortBy: ({ createdUnixMs }) => createdUnixMs,
      isWide: true,
      cell: ({ createdUnixMs }) => <Ago unixMs={createdUnixMs} />,
    },
    {
      name: TEXTS.frame.actions,
      isAction: true,
      cell: (provider) => (
        <span className="inline-flex justify-end gap-1">
          <Button icon={<FlaskConical size={15} aria-hidden="true" />} onClick={() => setTested(provider)}>
            {texts.test}
          </Button>
          <Button kind="quiet" aria-label={`${TEXTS.frame.edit} ${provider.name}`} onClick={() => setEdited(provider)}>
            <Pencil size={15} aria-hidden="true" />
          </Button>
          <RemoveButton
            label={TEXTS.frame.remove}
            ask={texts.removeProviderAsk(provider.name)}
            consequence={texts.removeProviderConsequence}
            onConfirm={() => remove.mutate(provider)}
          />
        </span>
      ),
    },
  ];
  const add = (
    <Button kind="first" icon={<Plus size={16} aria-hidden="true" />} onClick={() => setEdited('new')}>
      {texts.addProvider}
    </Button>
  );
  return (
    <Page title={texts.providers} lead={texts.providersLead} actions={add} above={<DomainTabs />}>
      {providers.isPending && <Loading />}
      {providers.isError && <ProblemNote error={providers.error} retry={() => void providers.refetch()} />}
      {providers.data && (
        <Card isFlush className="pt-1">
          {providers.data.length === 0 ? (
            <Empty icon={<KeyRound />} title={texts.noProviders} actions={add}>
              {texts.noProvidersLead}
            </Empty>
          ) : (
            <Table caption={texts.providers} columns={columns} rows={providers.data} keyOf={({ id }) => id} />
          )}
        </Card>
      )}
      {edited && (
        <DnsProviderForm provider={edited === 'new' ? undefined : edited} onClose={() => setEdited(undefined)} />
      )}
      {tested && <TestProvider provider={tested} onClose={() => setTested(undefined)} />}
    </Page>
  );
}

function TestProvider({ provider, onClose }: { readonly provider: DnsProvider; readonly onClose: () => void }) {
  const [name, setName] = useState('');
  const test = useMutation({
    mutationFn: () =>
      answerOf(api.POST('/dns-providers/{id}/test', { params: { path: { id: provider.id } }, body: { name } })),
  });
  return (
    <FormDialog
      title={`${texts.test}: ${provider.name}`}
      lead={texts.testLead}
      action={texts.test}
      change={test}
      onClose={onClose}
    >
      <TextField label={texts.testName} required isCode value={name} onChange={({ target }) => setName(target.value)} />
      {test.data && (
        <p role="status" className="rounded-lg bg-good-soft px-4 py-3 text-good">
          {texts.testGood(test.data.zone)}
        </p>
      )}
    </FormDialog>
  );
}
