import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Globe } from 'lucide-react';
import { answerOf } from '../../../api/client.ts';
import { api, popsQuery, statusQuery } from '../../frame/client.ts';
import { Badge } from '../../look/badge.tsx';
import { Button } from '../../look/button.tsx';
import { Card, Empty, Page } from '../../look/page.tsx';
import { Loading, ProblemNote, problemText } from '../../look/problem.tsx';
import { type Column, Table } from '../../look/table.tsx';
import { useToast } from '../../look/toast.tsx';
import { TEXTS } from '../../texts/index.ts';
import type { Pop, Status } from '../overview/status.ts';

const texts = TEXTS.network;

export function PopsPage() {
  const pops = useQuery(popsQuery);
  const status = useQuery(statusQuery);
  const liveOf = (id: string) => status.data?.pops.find((pop) => pop.id === id);
  const columns: readonly Column<Pop>[] = [
    { name: texts.popName, cell: ({ name }) => <span className="font-medium">{name}</span> },
    { name: texts.location, isWide: true, cell: ({ location }) => location.name },
    { name: texts.link, cell: ({ id }) => <LinkState pop={liveOf(id)} /> },
    {
      name: texts.snapshot,
      isWide: true,
      cell: ({ id }) => <SnapshotState pop={liveOf(id)} version={status.data?.version} />,
    },
    { name: texts.software, isWide: true, cell: ({ id }) => liveOf(id)?.software ?? '–' },
    {
      name: texts.addresses,
      isWide: true,
      cell: ({ httpsEndpoints }) => <span className="font-mono text-[13px]">{httpsEndpoints.join(', ')}</span>,
    },
    { name: TEXTS.frame.actions, isAction: true, cell: (pop) => <DrainButton pop={pop} /> },
  ];
  return (
    <Page title={texts.pops} lead={texts.popsLead}>
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
    </Page>
  );
}

function LinkState({ pop }: { readonly pop: Status['pops'][number] | undefined }) {
  if (!pop?.connected) return <Badge standing="bad">{texts.unlinked}</Badge>;
  if (pop.draining) return <Badge standing="warn">{texts.draining}</Badge>;
  return <Badge standing="good">{texts.linked}</Badge>;
}

interface SnapshotProps {
  readonly pop: Status['pops'][number] | undefined;
  readonly version: Status['version'] | undefined;
}

function SnapshotState({ pop, version }: SnapshotProps) {
  if (!pop?.applied || !version) return <span className="text-quiet">–</span>;
  const isCurrent = pop.applied.epoch === version.epoch && pop.applied.revision >= version.revision;
  return (
    <span className={isCurrent ? 'text-quiet' : 'text-warn'}>
      {isCurrent ? texts.snapshotCurrent : texts.snapshotOld}
    </span>
  );
}

function DrainButton({ pop: { id, name, draining } }: { readonly pop: Pop }) {
  const queryClient = useQueryClient();
  const toast = useToast();
  const params = { path: { id } };
  const change = useMutation({
    mutationFn: () =>
      answerOf(draining ? api.POST('/pops/{id}/resume', { params }) : api.POST('/pops/{id}/drain', { params })),
    onSuccess: async () => {
      toast('good', draining ? texts.resumed(name) : texts.drained(name));
      await queryClient.invalidateQueries({ queryKey: ['pops'] });
      await queryClient.invalidateQueries({ queryKey: ['status'] });
    },
    onError: (error) => toast('bad', problemText(error)),
  });
  return (
    <Button isBusy={change.isPending} onClick={() => change.mutate()}>
      {draining ? texts.resume : texts.drain}
    </Button>
  );
}
