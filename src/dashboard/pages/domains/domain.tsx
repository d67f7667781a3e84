import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { RefreshCw } from 'lucide-react';
import { answerOf } from '../../../api/client.ts';
import { useChange } from '../../frame/change.ts';
import { api } from '../../frame/client.ts';
import { BackLink } from '../../look/back-link.tsx';
import { Badge } from '../../look/badge.tsx';
import { Button } from '../../look/button.tsx';
import { Card, Facts, Page } from '../../look/page.tsx';
import { Loading, ProblemNote } from '../../look/problem.tsx';
import { RemoveButton } from '../../look/remove-button.tsx';
import { Ago } from '../../look/time.tsx';
import { TEXTS } from '../../texts/index.ts';
import { DomainSettings } from './domain-settings.tsx';
import { DOMAIN_STANDINGS, type Domain, domainQuery } from './domain-shape.ts';
import { doneText } from './domains.tsx';
import { RecordList } from './record-list.tsx';

const texts = TEXTS.domains;
const REFRESH_MS = 5_000;

export function DomainPage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const domain = useQuery({ ...domainQuery(id), refetchInterval: REFRESH_MS });
  const above = <BackLink to="/domains">{texts.title}</BackLink>;
  if (domain.isPending) return <Loading />;
  if (domain.isError)
    return (
      <Page title={texts.title} above={above}>
        <ProblemNote error={domain.error} retry={() => void domain.refetch()} />
      </Page>
    );
  const { name, state, reason, stateSinceUnixMs, verifiedUnixMs, checkedUnixMs } = domain.data;
  return (
    <Page
      title={name}
      above={above}
      lead={<Badge standing={DOMAIN_STANDINGS[state]}>{texts.states[state]}</Badge>}
      actions={<Remove domain={domain.data} />}
    >
      <Card>
        <p className="mb-4">{reason}</p>
        <Facts
          items={[
            [texts.since, <Ago key="since" unixMs={stateSinceUnixMs} />],
            ...(verifiedUnixMs === null
              ? []
              : [[texts.verifiedSince, <Ago key="verified" unixMs={verifiedUnixMs} />] as const]),
            [texts.checked, checkedUnixMs === null ? texts.never : <Ago key="checked" unixMs={checkedUnixMs} />],
          ]}
        />
      </Card>
      <Card
        title={texts.checklist}
        lead={[texts.checklistLead, doneText(domain.data.records)].join(' ').trim()}
        actions={<Verify domain={domain.data} />}
      >
        <RecordList records={domain.data.records} />
      </Card>
      <DomainSettings domain={domain.data} />
    </Page>
  );
}

function Verify({ domain: { id } }: { readonly domain: Domain }) {
  const queryClient = useQueryClient();
  const verify = useChange({
    run: () => answerOf(api.POST('/domains/{id}/verify', { params: { path: { id } } })),
    shows: ['domains'],
    done: ({ state }) => texts.verified(texts.states[state]),
    onDone: (domain) => queryClient.setQueryData(domainQuery(id).queryKey, domain),
  });
  return (
    <Button
      kind="first"
      icon={<RefreshCw size={15} aria-hidden="true" />}
      isBusy={verify.isPending}
      onClick={() => verify.mutate()}
    >
      {texts.verify}
    </Button>
  );
}

function Remove({ domain: { id, name } }: { readonly domain: Domain }) {
  const navigate = useNavigate();
  const remove = useChange({
    run: () => answerOf(api.DELETE('/domains/{id}', { params: { path: { id } } })),
    shows: ['domains'],
    done: texts.removed(name),
    leave: () => navigate({ to: '/domains' }),
  });
  return (
    <RemoveButton
      label={texts.remove}
      ask={texts.removeAsk(name)}
      consequence={texts.removeConsequence}
      isBusy={remove.isPending}
      onConfirm={() => remove.mutate()}
    />
  );
}
