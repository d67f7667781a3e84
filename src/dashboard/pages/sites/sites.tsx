import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Network, Plus } from 'lucide-react';
import { useState } from 'react';
import { answerOf } from '../../../api/client.ts';
import { AddNamed } from '../../frame/add-named.tsx';
import { api, sitesQuery, statusQuery } from '../../frame/client.ts';
import { Badge } from '../../look/badge.tsx';
import { Button } from '../../look/button.tsx';
import { Card, Empty, Page } from '../../look/page.tsx';
import { Loading, ProblemNote } from '../../look/problem.tsx';
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
  const tunnelsUp = (siteId: string) =>
    connectorsOf(siteId)
      .flatMap(({ tunnels }) => tunnels)
      .filter(({ state }) => state === 'up').length;
  const columns: readonly Column<Site>[] = [
    {
      name: TEXTS.applications.name,
      sortBy: ({ name }) => name,
      cell: ({ id, name }) => (
        <Link to="/sites/$id" params={{ id }} className="font-medium hover:text-accent hover:underline">
          {name}
        </Link>
      ),
    },
    {
      name: texts.connectors,
      sortBy: ({ id }) => shareUp(connectorsOf(id)),
      cell: ({ id }) => <Connectors connectors={connectorsOf(id)} />,
    },
    {
      name: texts.tunnels,
      sortBy: ({ id }) => tunnelsUp(id),
      isNumber: true,
      isWide: true,
      cell: ({ id }) => tunnelsUp(id),
    },
    {
      name: TEXTS.applications.created,
      sortBy: ({ createdUnixMs }) => createdUnixMs,
      isWide: true,
      cell: ({ createdUnixMs }) => <Ago unixMs={createdUnixMs} />,
    },
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
      {isAdding && (
        <AddNamed
          title={texts.addSite}
          lead={texts.sitesLead}
          label={texts.siteName}
          hint={texts.siteNameHint}
          make={(name) => answerOf(api.POST('/sites', { body: { name } }))}
          shows="sites"
          to="/sites/$id"
          onClose={() => setAdding(false)}
        />
      )}
    </Page>
  );
}

type Up = Parameters<typeof isUp>[0];

/** A site without a connector comes before one whose connectors are all down. */
function shareUp(connectors: readonly Up[]): number {
  return connectors.length === 0 ? -1 : connectors.filter(isUp).length / connectors.length;
}

function Connectors({ connectors }: { readonly connectors: readonly Up[] }) {
  if (connectors.length === 0) return <Badge>{TEXTS.frame.none}</Badge>;
  const up = connectors.filter(isUp).length;
  return (
    <Badge standing={up === connectors.length ? 'good' : up === 0 ? 'bad' : 'warn'}>
      {TEXTS.overview.ofAll(up, connectors.length)}
    </Badge>
  );
}
