import { useQuery } from '@tanstack/react-query';
import { Globe, Plus } from 'lucide-react';
import { useState } from 'react';
import { meQuery, popsQuery, statusQuery } from '../../frame/client.ts';
import { Button } from '../../look/button.tsx';
import { Card, Empty, Page } from '../../look/page.tsx';
import { Loading, ProblemNote } from '../../look/problem.tsx';
import { RowLink } from '../../look/row-link.tsx';
import { type Column, Table } from '../../look/table.tsx';
import { TEXTS } from '../../texts/index.ts';
import type { Pop } from '../overview/status.ts';
import { softwareText } from '../sites/site-shape.ts';
import { AddPop } from './add-pop.tsx';
import { LoadShare, loadRank } from './pop-load.tsx';
import { LinkState, linkRank, SnapshotState } from './pop-state.tsx';

const texts = TEXTS.network;

export function PopsPage() {
  const pops = useQuery(popsQuery);
  const status = useQuery(statusQuery);
  const me = useQuery(meQuery);
  const [isAdding, setAdding] = useState(false);
  const liveOf = (id: string) => status.data?.pops.find((pop) => pop.id === id);
  const upAt = (id: string) =>
    (status.data?.connectors ?? []).filter(({ tunnels }) =>
      tunnels.some(({ popId, state }) => popId === id && state === 'up'),
    ).length;
  const softwareOf = ({ id }: Pop) => softwareText(liveOf(id)?.software) ?? '–';
  const columns: readonly Column<Pop>[] = [
    {
      name: texts.popName,
      sortBy: ({ name }) => name,
      cell: ({ id, name }) => (
        <RowLink to="/pops/$id" params={{ id }}>
          {name}
        </RowLink>
      ),
    },
    {
      name: texts.location,
      sortBy: ({ location }) => location.name,
      isWide: true,
      cell: ({ location }) => location.name,
    },
    {
      name: texts.link,
      stacked: 'corner',
      sortBy: ({ id }) => linkRank(liveOf(id)),
      cell: ({ id }) => <LinkState pop={liveOf(id)} />,
    },
    {
      name: texts.load,
      sortBy: ({ id }) => loadRank(liveOf(id)?.load),
      isNumber: true,
      cell: ({ id }) => <LoadShare load={liveOf(id)?.load} />,
    },
    { name: texts.users, sortBy: ({ id }) => upAt(id), isNumber: true, cell: ({ id }) => upAt(id) },
    {
      name: texts.snapshot,
      isWide: true,
      cell: ({ id }) => <SnapshotState pop={liveOf(id)} version={status.data?.version} />,
    },
    { name: texts.software, sortBy: softwareOf, isWide: true, cell: softwareOf },
    {
      name: texts.addresses,
      isWide: true,
      cell: ({ httpsEndpoints }) => (
        <span className="grid font-mono text-[13px]">
          {httpsEndpoints.map((endpoint) => (
            <span key={endpoint}>{endpoint}</span>
          ))}
        </span>
      ),
    },
  ];
  const mayAdd = (me.data?.permissions as readonly string[] | undefined)?.includes('pop.write') === true;
  return (
    <Page
      title={texts.pops}
      lead={texts.popsLead}
      actions={
        mayAdd && (
          <Button kind="first" icon={<Plus size={16} aria-hidden="true" />} onClick={() => setAdding(true)}>
            {texts.addPop}
          </Button>
        )
      }
    >
      {pops.isPending && <Loading />}
      {pops.isError && <ProblemNote error={pops.error} retry={() => void pops.refetch()} />}
      {pops.data && (
        <Card isFlush className="pt-1">
          {pops.data.length === 0 ? (
            <Empty icon={<Globe />} title={texts.noPops} />
          ) : (
            <Table caption={texts.pops} columns={columns} rows={pops.data} keyOf={({ id }) => id} />
          )}
        </Card>
      )}
      {isAdding && <AddPop onClose={() => setAdding(false)} />}
    </Page>
  );
}
