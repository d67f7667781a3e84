import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { Trash2 } from 'lucide-react';
import { useState } from 'react';
import { answerOf } from '../../../api/client.ts';
import { api, popsQuery, sitesQuery, statusQuery } from '../../frame/client.ts';
import { Badge } from '../../look/badge.tsx';
import { Button } from '../../look/button.tsx';
import { Confirm } from '../../look/dialog.tsx';
import { Card, Page } from '../../look/page.tsx';
import { Loading, ProblemNote, problemText } from '../../look/problem.tsx';
import { type Column, Table } from '../../look/table.tsx';
import { Ago } from '../../look/time.tsx';
import { useToast } from '../../look/toast.tsx';
import { TEXTS } from '../../texts/index.ts';
import { Join } from './join.tsx';
import { type ConnectorStatus, TUNNEL_STANDINGS, type Tunnel } from './site-shape.ts';

const texts = TEXTS.network;

export function SitePage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const sites = useQuery(sitesQuery);
  const status = useQuery({ ...statusQuery, refetchInterval: 2_000 });
  const site = sites.data?.find((one) => one.id === id);
  if (sites.isPending || status.isPending) return <Loading />;
  if (!site)
    return (
      <Page title={texts.sites}>
        <ProblemNote error={sites.error ?? status.error} />
      </Page>
    );
  const connectors = (status.data?.connectors ?? []).filter(({ siteId }) => siteId === id);
  return (
    <Page title={site.name} actions={<RemoveSite id={id} name={site.name} />}>
      <Join siteId={id} hasConnector={connectors.length > 0} connectorIds={connectors.map((one) => one.id)} />
      {connectors.map((connector) => (
        <Connector key={connector.id} connector={connector} />
      ))}
    </Page>
  );
}

function Connector({ connector }: { readonly connector: ConnectorStatus }) {
  const pops = useQuery(popsQuery);
  const names = new Map((pops.data ?? []).map(({ id, name }) => [id, name]));
  const nameOf = (popId: string) => names.get(popId) ?? popId;
  const columns: readonly Column<Tunnel>[] = [
    { name: texts.tunnels, cell: ({ popId }) => texts.tunnelTo(nameOf(popId)) },
    {
      name: TEXTS.applications.state,
      cell: ({ state }) => <Badge standing={TUNNEL_STANDINGS[state]}>{texts.tunnelState[state]}</Badge>,
    },
    {
      name: texts.location,
      isWide: true,
      cell: ({ path, relayPopId }) => (
        <span>
          {texts.path[path]} {relayPopId && nameOf(relayPopId)}
        </span>
      ),
    },
    { name: texts.rtt, isNumber: true, cell: ({ rttMs }) => (rttMs === null ? '–' : `${rttMs.toFixed(1)} ms`) },
    { name: texts.since, isWide: true, cell: ({ sinceUnixMs }) => <Ago unixMs={sinceUnixMs} /> },
  ];
  return (
    <Card
      title={connector.name}
      isFlush
      actions={connector.draining && <Badge standing="warn">{texts.draining}</Badge>}
    >
      {connector.tunnels.length === 0 ? (
        <p className="px-5 pb-5">
          <Badge standing="bad">{texts.noTunnel}</Badge>
        </p>
      ) : (
        <Table caption={connector.name} columns={columns} rows={connector.tunnels} keyOf={({ popId }) => popId} />
      )}
    </Card>
  );
}

function RemoveSite({ id, name }: { readonly id: string; readonly name: string }) {
  const [isAsking, setAsking] = useState(false);
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const toast = useToast();
  const remove = useMutation({
    mutationFn: () => answerOf(api.DELETE('/sites/{id}', { params: { path: { id } } })),
    onSuccess: async () => {
      toast('good', texts.siteRemoved);
      await navigate({ to: '/sites' });
      await queryClient.invalidateQueries({ queryKey: ['sites'] });
    },
    onError: (error) => toast('bad', problemText(error)),
    onSettled: () => setAsking(false),
  });
  return (
    <>
      <Button kind="danger" icon={<Trash2 size={15} aria-hidden="true" />} onClick={() => setAsking(true)}>
        {TEXTS.frame.remove}
      </Button>
      <Confirm
        isOpen={isAsking}
        onClose={() => setAsking(false)}
        title={texts.removeSiteAsk(name)}
        consequence={texts.removeSiteConsequence}
        action={texts.removeSite}
        isBusy={remove.isPending}
        onConfirm={() => remove.mutate()}
      />
    </>
  );
}
