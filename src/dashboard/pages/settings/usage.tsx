import { queryOptions, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { answerOf, type paths } from '../../../api/client.ts';
import { useChange } from '../../frame/change.ts';
import { api } from '../../frame/client.ts';
import { Bar } from '../../look/bar.tsx';
import { TextField } from '../../look/field.tsx';
import { FormDialog } from '../../look/form-dialog.tsx';
import { Card } from '../../look/page.tsx';
import { Loading, ProblemNote } from '../../look/problem.tsx';
import { TEXTS } from '../../texts/index.ts';
import type { Organisation } from './settings-shape.ts';

const texts = TEXTS.settings;
const QUOTA_MAX = 10_000_000;

type Usage = paths['/organisation/usage']['get']['responses'][200]['content']['application/json']['quotas'][number];

const usageQuery = queryOptions({
  queryKey: ['organisation', 'usage'],
  queryFn: () => answerOf(api.GET('/organisation/usage')),
});

/** What the organisation has of each, and how much of its bound that is. */
export function UsageCard() {
  const usage = useQuery(usageQuery);
  const quotas = usage.data?.quotas ?? [];
  const isFree = quotas.every(({ noun, most }) => most === null || noun === 'captureMegabytes');
  return (
    <Card title={texts.quotas} lead={isFree ? texts.quotasNone : texts.quotasLead}>
      {usage.isPending && <Loading />}
      {usage.isError && <ProblemNote error={usage.error} retry={() => void usage.refetch()} />}
      <ul className="grid gap-2.5 text-sm">
        {quotas.map((quota) => (
          <UsageRow key={quota.noun} quota={quota} />
        ))}
      </ul>
    </Card>
  );
}

/** Nearly used up is told by the colour, and by the numbers to everybody. */
const NEARLY = 0.9;

function UsageRow({ quota: { noun, used, most } }: { readonly quota: Usage }) {
  const share = most === null ? 0 : Math.min(1, used / Math.max(1, most));
  const said = used.toLocaleString('en');
  return (
    <li className="grid grid-cols-[1fr_auto] gap-x-4 gap-y-1">
      <span className="text-quiet">{texts.quotaNames[noun] ?? noun}</span>
      <span className="tabular-nums">{most === null ? said : texts.usedOf(said, most.toLocaleString('en'))}</span>
      {most !== null && <Bar share={share} isBad={share >= NEARLY} />}
    </li>
  );
}

interface BoundsDialogProps {
  readonly organisation: Organisation;
  readonly onClose: () => void;
}

/** For administrators of the installation: how many of each an organisation may have. */
export function BoundsDialog({ organisation: { id, name }, onClose }: BoundsDialogProps) {
  const path = { params: { path: { id } } };
  const usage = useQuery({
    queryKey: ['organisations', id, 'usage'],
    queryFn: () => answerOf(api.GET('/organisations/{id}/usage', path)),
  });
  const [changed, setChanged] = useState<Readonly<Record<string, string>>>({});
  const save = useChange({
    run: () => {
      const quotas = Object.entries(changed).map(([noun, most]) => [noun, most === '' ? null : Number(most)]);
      return answerOf(api.PATCH('/organisations/{id}', { ...path, body: { quotas: Object.fromEntries(quotas) } }));
    },
    shows: ['organisations', 'organisation'],
    isForm: true,
    done: texts.boundsSaved(name),
    onDone: onClose,
  });
  return (
    <FormDialog
      title={texts.boundsOf(name)}
      lead={texts.boundsLead}
      action={TEXTS.frame.save}
      change={save}
      onClose={onClose}
    >
      {usage.isPending && <Loading />}
      {usage.isError && <ProblemNote error={usage.error} />}
      <div className="grid gap-4 sm:grid-cols-2">
        {usage.data?.quotas.map(({ noun, used, most }) => (
          <TextField
            key={noun}
            label={texts.quotaNames[noun] ?? noun}
            hint={texts.usedNow(used.toLocaleString('en'))}
            type="number"
            min={0}
            max={QUOTA_MAX}
            value={changed[noun] ?? most ?? ''}
            onChange={({ target }) => setChanged({ ...changed, [noun]: target.value })}
          />
        ))}
      </div>
    </FormDialog>
  );
}
