import { useQuery } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { answerOf } from '../../../api/client.ts';
import { ahead, useChange } from '../../frame/change.ts';
import { api } from '../../frame/client.ts';
import { withPart } from '../../frame/rows.ts';
import { BackLink } from '../../look/back-link.tsx';
import { Badge } from '../../look/badge.tsx';
import { Button } from '../../look/button.tsx';
import { Card, Page } from '../../look/page.tsx';
import { Loading, ProblemNote } from '../../look/problem.tsx';
import { RemoveButton } from '../../look/remove-button.tsx';
import { TEXTS } from '../../texts/index.ts';
import { ProviderAddresses } from './provider-addresses.tsx';
import { ProviderSettings } from './provider-settings.tsx';
import { type Provider, providersQuery } from './provider-shape.ts';
import { ProviderTest } from './provider-test.tsx';

const texts = TEXTS.providers;

export function ProviderPage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const providers = useQuery(providersQuery);
  const provider = providers.data?.find((one) => one.id === id);
  if (providers.isPending) return <Loading />;
  if (!provider)
    return (
      <Page title={texts.title} above={<BackLink to="/providers">{texts.title}</BackLink>}>
        <ProblemNote error={providers.error} />
      </Page>
    );
  return (
    <Page
      above={<BackLink to="/providers">{texts.title}</BackLink>}
      title={provider.label}
      lead={provider.issuer}
      actions={<ProviderActions provider={provider} />}
    >
      <div className="grid grid-cols-1 items-start gap-6 lg:grid-cols-2">
        <div className="grid min-w-0 grid-cols-1 gap-6">
          <ProviderTest id={id} />
          <Card title={texts.registerTitle}>
            <div className="grid grid-cols-1 gap-4">
              <ProviderAddresses name={provider.name} />
            </div>
          </Card>
        </div>
        <ProviderSettings key={provider.id} provider={provider} />
      </div>
    </Page>
  );
}

function ProviderActions({ provider: { id, label, enabled } }: { readonly provider: Provider }) {
  const navigate = useNavigate();
  const params = { path: { id } };
  const turn = useChange({
    run: (next: boolean) => answerOf(api.PATCH('/providers/{id}', { params, body: { enabled: next } })),
    shows: ['providers'],
    ahead: ahead(providersQuery, (all, next: boolean) => withPart(all, id, { enabled: next })),
  });
  const remove = useChange({
    run: () => answerOf(api.DELETE('/providers/{id}', { params })),
    shows: ['providers'],
    done: texts.removed(label),
    leave: () => navigate({ to: '/providers' }),
  });
  return (
    <>
      <span className="self-center">
        <Badge standing={enabled ? 'good' : 'none'}>{enabled ? texts.enabled : texts.disabled}</Badge>
      </span>
      {enabled ? (
        <RemoveButton
          kind="plain"
          label={texts.turnOff}
          ask={texts.turnOffAsk(label)}
          consequence={texts.turnOffConsequence}
          isBusy={turn.isPending}
          onConfirm={() => turn.mutate(false)}
        />
      ) : (
        <Button isBusy={turn.isPending} onClick={() => turn.mutate(true)}>
          {texts.turnOn}
        </Button>
      )}
      <RemoveButton
        ask={texts.removeAsk(label)}
        consequence={texts.removeConsequence}
        isBusy={remove.isPending}
        onConfirm={() => remove.mutate()}
      />
    </>
  );
}
