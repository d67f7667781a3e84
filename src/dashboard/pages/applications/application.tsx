import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { ExternalLink, Power, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { answerOf } from '../../../api/client.ts';
import { api } from '../../frame/client.ts';
import { Badge } from '../../look/badge.tsx';
import { Button } from '../../look/button.tsx';
import { Confirm } from '../../look/dialog.tsx';
import { Card, Facts, Page } from '../../look/page.tsx';
import { Loading, ProblemNote, problemText } from '../../look/problem.tsx';
import { Ago } from '../../look/time.tsx';
import { useToast } from '../../look/toast.tsx';
import { TEXTS } from '../../texts/index.ts';
import { type Application, originOf } from './application-shape.ts';
import { PolicyRules } from './policy-rules.tsx';
import { TargetList } from './target-list.tsx';

const texts = TEXTS.applications;

export function ApplicationPage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const application = useQuery({
    queryKey: ['applications', id],
    queryFn: () => answerOf(api.GET('/resources/{id}', { params: { path: { id } } })),
  });
  if (application.isPending) return <Loading />;
  if (application.isError)
    return (
      <Page title={texts.title}>
        <ProblemNote error={application.error} retry={() => void application.refetch()} />
      </Page>
    );
  return <Loaded application={application.data} />;
}

function Loaded({ application }: { readonly application: Application }) {
  const { id, name, host, enabled, balancing, sticky, createdUnixMs } = application;
  return (
    <Page
      title={name}
      lead={
        <span className="inline-flex flex-wrap items-center gap-3">
          <span className="font-mono text-sm">{host}</span>
          <Badge standing={enabled ? 'good' : 'none'}>{enabled ? texts.enabled : texts.disabled}</Badge>
        </span>
      }
      actions={<Actions application={application} />}
    >
      <TargetList applicationId={id} />
      <Card title={texts.policy} lead={texts.policyLead}>
        <PolicyRules policy={application.policy} />
      </Card>
      <Card>
        <Facts
          items={[
            [texts.balancing, balancing],
            [texts.sticky, sticky],
            [texts.created, <Ago key="created" unixMs={createdUnixMs} />],
          ]}
        />
      </Card>
    </Page>
  );
}

function Actions({ application }: { readonly application: Application }) {
  const { id, name, host, enabled } = application;
  const [isAsking, setAsking] = useState(false);
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const toast = useToast();
  const params = { path: { id } };
  const remove = useMutation({
    mutationFn: () => answerOf(api.DELETE('/resources/{id}', { params })),
    onSuccess: async () => {
      await navigate({ to: '/applications' });
      queryClient.removeQueries({ queryKey: ['applications', id] });
      await queryClient.invalidateQueries({ queryKey: ['applications'] });
      toast('good', texts.removed(name));
    },
    onError: (error) => toast('bad', problemText(error)),
  });
  const switching = useSwitch(application);
  return (
    <>
      {enabled && !host.startsWith('*.') && (
        <a
          href={originOf(host)}
          className="inline-flex min-h-9 items-center gap-2 rounded-lg bg-accent px-3.5 text-sm font-medium text-accent-ink hover:brightness-110"
        >
          <ExternalLink size={15} aria-hidden="true" />
          {texts.open}
        </a>
      )}
      <Button icon={<Power size={15} aria-hidden="true" />} onClick={() => switching.mutate(!enabled)}>
        {enabled ? texts.switchOff : texts.switchOn}
      </Button>
      <Button kind="danger" icon={<Trash2 size={15} aria-hidden="true" />} onClick={() => setAsking(true)}>
        {TEXTS.frame.remove}
      </Button>
      <Confirm
        isOpen={isAsking}
        onClose={() => setAsking(false)}
        title={texts.removeAsk(name)}
        consequence={texts.removeConsequence(host)}
        action={texts.remove}
        isBusy={remove.isPending}
        onConfirm={() => remove.mutate()}
      />
    </>
  );
}

/** Shown at once, and taken back where it was refused. */
function useSwitch({ id }: Application) {
  const queryClient = useQueryClient();
  const toast = useToast();
  const queryKey = ['applications', id];
  return useMutation({
    mutationFn: (enabled: boolean) =>
      answerOf(api.PATCH('/resources/{id}', { params: { path: { id } }, body: { enabled } })),
    onMutate: async (enabled) => {
      await queryClient.cancelQueries({ queryKey });
      const before = queryClient.getQueryData<Application>(queryKey);
      if (before) queryClient.setQueryData(queryKey, { ...before, enabled });
      return before;
    },
    onError: (error, _enabled, before) => {
      queryClient.setQueryData(queryKey, before);
      toast('bad', problemText(error));
    },
    onSettled: () => queryClient.invalidateQueries({ queryKey: ['applications'] }),
  });
}
