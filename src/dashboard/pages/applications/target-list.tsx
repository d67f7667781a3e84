import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Trash2 } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { answerOf } from '../../../api/client.ts';
import { all, api, paged, sitesQuery } from '../../frame/client.ts';
import { SiteField, useSite } from '../../frame/site-field.tsx';
import { Badge, type Standing } from '../../look/badge.tsx';
import { Button } from '../../look/button.tsx';
import { Confirm, Dialog } from '../../look/dialog.tsx';
import { TextField } from '../../look/field.tsx';
import { FormActions } from '../../look/form-actions.tsx';
import { Card } from '../../look/page.tsx';
import { faultOf, Loading, ProblemNote, problemText } from '../../look/problem.tsx';
import { type Column, Table } from '../../look/table.tsx';
import { useToast } from '../../look/toast.tsx';
import { TEXTS } from '../../texts/index.ts';
import type { Target } from './application-shape.ts';

const texts = TEXTS.applications;
const REFRESH_MS = 5_000;

export function TargetList({ applicationId }: { readonly applicationId: string }) {
  const [isAdding, setAdding] = useState(false);
  const [removing, setRemoving] = useState<Target>();
  const sites = useQuery(sitesQuery);
  const targets = useQuery({
    queryKey: ['applications', applicationId, 'targets'],
    queryFn: () =>
      all((after) => {
        const { params } = paged(after);
        return answerOf(api.GET('/resources/{id}/targets', { params: { ...params, path: { id: applicationId } } }));
      }),
    refetchInterval: REFRESH_MS,
  });
  const siteNames = new Map((sites.data ?? []).map(({ id, name }) => [id, name]));
  const columns: readonly Column<Target>[] = [
    { name: texts.address, cell: ({ url }) => <span className="font-mono text-[13px]">{url}</span> },
    { name: texts.site, cell: ({ siteId }) => siteNames.get(siteId) ?? siteId },
    { name: texts.state, cell: (target) => <TargetHealth target={target} /> },
    { name: texts.priority, isNumber: true, isWide: true, cell: ({ priority }) => priority },
    { name: texts.weight, isNumber: true, isWide: true, cell: ({ weight }) => weight },
    {
      name: TEXTS.frame.actions,
      isAction: true,
      cell: (target) => (
        <Button kind="quiet" aria-label={`${TEXTS.frame.remove} ${target.url}`} onClick={() => setRemoving(target)}>
          <Trash2 size={15} aria-hidden="true" />
        </Button>
      ),
    },
  ];
  return (
    <Card
      title={texts.targets}
      lead={texts.targetsLead}
      isFlush
      actions={<Button onClick={() => setAdding(true)}>{texts.addTarget}</Button>}
    >
      {targets.isPending && <Loading />}
      {targets.isError && <ProblemNote error={targets.error} retry={() => void targets.refetch()} />}
      {targets.data && <Table caption={texts.targets} columns={columns} rows={targets.data} keyOf={({ id }) => id} />}
      {isAdding && <AddTarget applicationId={applicationId} onClose={() => setAdding(false)} />}
      {removing && <RemoveTarget target={removing} onClose={() => setRemoving(undefined)} />}
    </Card>
  );
}

const STANDINGS: Readonly<Record<keyof typeof texts.health, Standing>> = {
  healthy: 'good',
  degraded: 'warn',
  unhealthy: 'bad',
  unknown: 'none',
};

function TargetHealth({ target: { state, check } }: { readonly target: Target }) {
  if (check === null && state === 'unknown') return <Badge>{texts.unchecked}</Badge>;
  return <Badge standing={STANDINGS[state]}>{texts.health[state]}</Badge>;
}

function AddTarget({ applicationId, onClose }: { readonly applicationId: string; readonly onClose: () => void }) {
  const [url, setUrl] = useState('http://');
  const [chosen, setSite] = useState('');
  const siteId = useSite(chosen);
  const queryClient = useQueryClient();
  const add = useMutation({
    mutationFn: () =>
      answerOf(api.POST('/resources/{id}/targets', { params: { path: { id: applicationId } }, body: { siteId, url } })),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: ['applications', applicationId, 'targets'] });
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate();
  };
  return (
    <Dialog isOpen onClose={onClose} title={texts.addTarget}>
      <form onSubmit={submit} className="grid gap-5">
        <SiteField value={siteId} onChange={setSite} />
        <TextField
          label={texts.address}
          hint={texts.addressHint}
          isCode
          required
          value={url}
          fault={faultOf(add.error, 'url')}
          onChange={({ target }) => setUrl(target.value)}
        />
        {add.isError && !faultOf(add.error, 'url') && <ProblemNote error={add.error} />}
        <FormActions action={TEXTS.frame.add} isBusy={add.isPending} onCancel={onClose} />
      </form>
    </Dialog>
  );
}

function RemoveTarget({ target, onClose }: { readonly target: Target; readonly onClose: () => void }) {
  const queryClient = useQueryClient();
  const toast = useToast();
  const remove = useMutation({
    mutationFn: () => answerOf(api.DELETE('/targets/{id}', { params: { path: { id: target.id } } })),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ['applications', target.resourceId, 'targets'] }),
    onError: (error) => toast('bad', problemText(error)),
    onSettled: onClose,
  });
  return (
    <Confirm
      isOpen
      onClose={onClose}
      title={texts.removeTargetAsk}
      consequence={texts.removeTargetConsequence}
      action={TEXTS.frame.remove}
      isBusy={remove.isPending}
      onConfirm={() => remove.mutate()}
    />
  );
}
