import { useQuery } from '@tanstack/react-query';
import { Pencil, Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { answerOf } from '../../../../api/client.ts';
import { ahead, useChange } from '../../../frame/change.ts';
import { api, sitesQuery } from '../../../frame/client.ts';
import { withoutRow } from '../../../frame/rows.ts';
import { Badge, type Standing } from '../../../look/badge.tsx';
import { Button } from '../../../look/button.tsx';
import { Confirm } from '../../../look/dialog.tsx';
import { Card, Empty } from '../../../look/page.tsx';
import { Loading, ProblemNote } from '../../../look/problem.tsx';
import { TEXTS } from '../../../texts/index.ts';
import { type Application, type Target, targetsQuery } from '../application-shape.ts';
import { HealthStrip } from './health-strip.tsx';
import { TargetForm } from './target-form.tsx';

const texts = TEXTS.applications;
const REFRESH_MS = 5_000;

/** Where requests can go, how each of these places is, and was. */
export function TargetList({ application }: { readonly application: Application }) {
  const { id } = application;
  const [edited, setEdited] = useState<Target | 'new'>();
  const [removing, setRemoving] = useState<Target>();
  const sites = useQuery(sitesQuery);
  const targets = useQuery({ ...targetsQuery(id), refetchInterval: REFRESH_MS });
  const siteName = (siteId: string) => sites.data?.find((site) => site.id === siteId)?.name ?? '…';
  const sorted = [...(targets.data ?? [])].sort((one, other) => one.priority - other.priority);
  return (
    <Card
      title={texts.targets}
      lead={texts.targetsLead}
      actions={
        <Button icon={<Plus size={15} aria-hidden="true" />} onClick={() => setEdited('new')}>
          {texts.addTarget}
        </Button>
      }
    >
      {targets.isPending && <Loading />}
      {targets.isError && <ProblemNote error={targets.error} retry={() => void targets.refetch()} />}
      {targets.data?.length === 0 && <Empty title={texts.noTargets}>{texts.noTargetsLead}</Empty>}
      <ul className="grid gap-3">
        {sorted.map((target) => (
          <TargetRow
            key={target.id}
            target={target}
            site={siteName(target.siteId)}
            share={shareOf(target, sorted)}
            onEdit={() => setEdited(target)}
            onRemove={() => setRemoving(target)}
          />
        ))}
      </ul>
      {edited && (
        <TargetForm
          application={application}
          target={edited === 'new' ? undefined : edited}
          onClose={() => setEdited(undefined)}
        />
      )}
      {removing && (
        <RemoveTarget target={removing} isLast={sorted.length === 1} onClose={() => setRemoving(undefined)} />
      )}
    </Card>
  );
}

/** What of the requests of its tier goes there while all are well, in percent; null where it is alone. */
function shareOf(target: Target, all: readonly Target[]): number | null {
  const tier = all.filter(({ priority }) => priority === target.priority);
  const sum = tier.reduce((total, { weight }) => total + weight, 0);
  return tier.length < 2 || sum === 0 ? null : Math.round((target.weight / sum) * 100);
}

function TargetRow({
  target,
  site,
  share,
  onEdit,
  onRemove,
}: {
  readonly target: Target;
  readonly site: string;
  readonly share: number | null;
  readonly onEdit: () => void;
  readonly onRemove: () => void;
}) {
  const { url, priority, tls, check } = target;
  const facts = [
    texts.behind(site),
    ...(priority > 0 ? [texts.reserve(priority)] : []),
    ...(share !== null ? [texts.share(share)] : []),
    ...(tls.verify ? [] : [texts.unverified]),
    check === null ? texts.unchecked : texts.checked(check.kind, check.intervalMs / 1000),
  ];
  return (
    <li className="min-w-0 rounded-xl border px-4 py-3">
      <div className="flex items-start gap-3">
        <div className="min-w-0 flex-1">
          <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
            <span className="font-mono text-sm break-all">{url}</span>
            <TargetHealth target={target} />
          </p>
          <p className="mt-0.5 text-sm text-quiet first-letter:uppercase">{facts.join(' · ')}</p>
        </div>
        <span className="-mt-1 -mr-2 flex shrink-0">
          <Button kind="quiet" aria-label={`${TEXTS.frame.edit} ${url}`} onClick={onEdit}>
            <Pencil size={15} aria-hidden="true" />
          </Button>
          <Button kind="quiet" aria-label={`${TEXTS.frame.remove} ${url}`} onClick={onRemove}>
            <Trash2 size={15} aria-hidden="true" />
          </Button>
        </span>
      </div>
      <HealthStrip targetId={target.id} />
    </li>
  );
}

export const HEALTH_STANDINGS: Readonly<Record<keyof typeof texts.health, Standing>> = {
  healthy: 'good',
  degraded: 'warn',
  unhealthy: 'bad',
  unknown: 'none',
};

function TargetHealth({ target: { state, check } }: { readonly target: Target }) {
  if (check === null && state === 'unknown') return <Badge>{texts.unchecked}</Badge>;
  return <Badge standing={HEALTH_STANDINGS[state]}>{texts.health[state]}</Badge>;
}

/** Gone from the list at once, and back where it was refused. */
function RemoveTarget({
  target,
  isLast,
  onClose,
}: {
  readonly target: Target;
  readonly isLast: boolean;
  readonly onClose: () => void;
}) {
  const remove = useChange({
    run: () => answerOf(api.DELETE('/targets/{id}', { params: { path: { id: target.id } } })),
    shows: ['applications'],
    ahead: ahead(targetsQuery(target.resourceId), (all) => withoutRow(all, target.id)),
  });
  return (
    <Confirm
      isOpen
      onClose={onClose}
      title={texts.removeTargetAsk}
      consequence={isLast ? texts.removeLastTargetConsequence : texts.removeTargetConsequence}
      action={TEXTS.frame.remove}
      onConfirm={() => {
        remove.mutate();
        onClose();
      }}
    />
  );
}
