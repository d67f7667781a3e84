import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { Network, Plus } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { answerOf } from '../../../api/client.ts';
import { api, sitesQuery, statusQuery } from '../../frame/client.ts';
import { Badge } from '../../look/badge.tsx';
import { Button } from '../../look/button.tsx';
import { Dialog } from '../../look/dialog.tsx';
import { TextField } from '../../look/field.tsx';
import { FormActions } from '../../look/form-actions.tsx';
import { Card, Empty, Page } from '../../look/page.tsx';
import { faultOf, Loading, ProblemNote } from '../../look/problem.tsx';
import { type Column, Table } from '../../look/table.tsx';
import { Ago } from '../../look/time.tsx';
import { TEXTS } from '../../texts/index.ts';
import { isUp } from '../overview/standings.ts';
import type { Site } from '../overview/status.ts';

const texts = TEXTS.network;

export function SitesPage() {
  const sites = useQuery(sitesQuery);
  const status = useQuery(statusQuery);
  const [isAdding, setAdding] = useState(false);
  const connectorsOf = (siteId: string) => (status.data?.connectors ?? []).filter((one) => one.siteId === siteId);
  const columns: readonly Column<Site>[] = [
    {
      name: texts.siteName,
      cell: ({ id, name }) => (
        <Link to="/sites/$id" params={{ id }} className="font-medium hover:text-accent hover:underline">
          {name}
        </Link>
      ),
    },
    { name: texts.connectors, cell: ({ id }) => <Connectors connectors={connectorsOf(id)} /> },
    {
      name: texts.tunnels,
      isNumber: true,
      isWide: true,
      cell: ({ id }) =>
        connectorsOf(id)
          .flatMap(({ tunnels }) => tunnels)
          .filter(({ state }) => state === 'up').length,
    },
    { name: TEXTS.applications.created, isWide: true, cell: ({ createdUnixMs }) => <Ago unixMs={createdUnixMs} /> },
  ];
  const add = (
    <Button kind="first" icon={<Plus size={16} aria-hidden="true" />} onClick={() => setAdding(true)}>
      {texts.addSite}
    </Button>
  );
  return (
    <Page title={texts.sites} lead={texts.sitesLead} actions={add}>
      {sites.isPending && <Loading />}
      {sites.isError && <ProblemNote error={sites.error} retry={() => void sites.refetch()} />}
      {sites.data && (
        <Card isFlush className={sites.data.length > 0 ? 'pt-1' : ''}>
          {sites.data.length === 0 ? (
            <Empty icon={<Network />} title={texts.noSites} actions={add}>
              {texts.noSitesLead}
            </Empty>
          ) : (
            <Table caption={texts.sites} columns={columns} rows={sites.data} keyOf={({ id }) => id} />
          )}
        </Card>
      )}
      {isAdding && <AddSite onClose={() => setAdding(false)} />}
    </Page>
  );
}

function Connectors({ connectors }: { readonly connectors: Parameters<typeof isUp>[0][] }) {
  if (connectors.length === 0) return <Badge>{TEXTS.frame.none}</Badge>;
  const up = connectors.filter(isUp).length;
  return (
    <Badge standing={up === connectors.length ? 'good' : up === 0 ? 'bad' : 'warn'}>
      {TEXTS.overview.ofAll(up, connectors.length)}
    </Badge>
  );
}

function AddSite({ onClose }: { readonly onClose: () => void }) {
  const [name, setName] = useState('');
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const add = useMutation({
    mutationFn: () => answerOf(api.POST('/sites', { body: { name } })),
    onSuccess: async ({ id }) => {
      await queryClient.invalidateQueries({ queryKey: ['sites'] });
      await navigate({ to: '/sites/$id', params: { id } });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate();
  };
  return (
    <Dialog isOpen onClose={onClose} title={texts.addSite} lead={texts.sitesLead}>
      <form onSubmit={submit} className="grid gap-5">
        <TextField
          label={texts.siteName}
          hint={texts.siteNameHint}
          required
          value={name}
          fault={faultOf(add.error, 'name')}
          onChange={({ target }) => setName(target.value)}
        />
        {add.isError && !faultOf(add.error, 'name') && <ProblemNote error={add.error} />}
        <FormActions action={texts.addSite} isBusy={add.isPending} onCancel={onClose} />
      </form>
    </Dialog>
  );
}
