import { useQuery } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { Send } from 'lucide-react';
import { useState } from 'react';
import { answerOf } from '../../../api/client.ts';
import { ahead, useChange } from '../../frame/change.ts';
import { api } from '../../frame/client.ts';
import { withPart } from '../../frame/rows.ts';
import { BackLink } from '../../look/back-link.tsx';
import { Badge, type Standing } from '../../look/badge.tsx';
import { Button } from '../../look/button.tsx';
import { Dialog } from '../../look/dialog.tsx';
import { LiveCheck } from '../../look/live-check.tsx';
import { ShownOnce } from '../../look/once.tsx';
import { Card, Empty, Facts, Page } from '../../look/page.tsx';
import { Loading, ProblemNote } from '../../look/problem.tsx';
import { RemoveButton } from '../../look/remove-button.tsx';
import { type Column, Table } from '../../look/table.tsx';
import { Ago } from '../../look/time.tsx';
import { Words } from '../../look/words.tsx';
import { TEXTS } from '../../texts/index.ts';
import { type Delivery, deliveriesQuery, type Webhook, webhooksQuery } from './notices-shape.ts';
import { EditWebhook } from './webhook-dialog.tsx';

const texts = TEXTS.notices;
const SHOWS = ['webhooks'];
const STANDINGS: Readonly<Record<string, Standing>> = { delivered: 'good', waiting: 'info', dead: 'bad' };

export function WebhookPage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const webhooks = useQuery(webhooksQuery);
  const webhook = webhooks.data?.find((one) => one.id === id);
  if (webhooks.isPending) return <Loading />;
  if (!webhook)
    return (
      <Page title={texts.webhooks}>
        <ProblemNote error={webhooks.error} />
      </Page>
    );
  return <WebhookView webhook={webhook} />;
}

function WebhookView({ webhook }: { readonly webhook: Webhook }) {
  const { id, name } = webhook;
  const path = { params: { path: { id } } };
  const navigate = useNavigate();
  const test = useChange({
    run: () => answerOf(api.POST('/webhooks/{id}/test', path)),
    shows: SHOWS,
    done: texts.tested,
  });
  const remove = useChange({
    run: () => answerOf(api.DELETE('/webhooks/{id}', path)),
    shows: SHOWS,
    done: texts.webhookRemoved(name),
    leave: () => navigate({ to: '/notices/webhooks' }),
  });
  return (
    <Page
      above={<BackLink to="/notices/webhooks">{texts.webhooks}</BackLink>}
      title={name}
      actions={
        <>
          <Button
            kind="first"
            icon={<Send size={15} aria-hidden="true" />}
            isBusy={test.isPending}
            disabled={!webhook.enabled}
            onClick={() => test.mutate()}
          >
            {texts.test}
          </Button>
          <RemoveButton
            ask={texts.removeWebhookAsk(name)}
            consequence={texts.removeWebhookConsequence}
            isBusy={remove.isPending}
            onConfirm={() => remove.mutate()}
          />
        </>
      }
    >
      <WebhookFacts webhook={webhook} />
      <Deliveries webhookId={id} />
    </Page>
  );
}

function WebhookFacts({ webhook }: { readonly webhook: Webhook }) {
  const { id, url, events, enabled, createdUnixMs } = webhook;
  const path = { params: { path: { id } } };
  const [secret, setSecret] = useState<string>();
  const [isEditing, setEditing] = useState(false);
  const change = useChange({
    run: (isOn: boolean) => answerOf(api.PATCH('/webhooks/{id}', { ...path, body: { enabled: isOn } })),
    shows: SHOWS,
    ahead: ahead(webhooksQuery, (all, isOn: boolean) => withPart(all, id, { enabled: isOn })),
    done: TEXTS.frame.saved,
  });
  const rotate = useChange<void, { readonly secret: string }>({
    run: () => answerOf(api.POST('/webhooks/{id}/secret', path)),
    shows: SHOWS,
    onDone: (made) => setSecret(made.secret),
  });
  const named = events.map((type) => texts.eventTexts[type] ?? type);
  return (
    <Card
      title={texts.facts}
      actions={
        <>
          <Button onClick={() => setEditing(true)}>{texts.edit}</Button>
          <RemoveButton
            label={texts.rotate}
            kind="plain"
            ask={texts.rotateAsk}
            consequence={texts.rotateConsequence}
            isBusy={rotate.isPending}
            onConfirm={() => rotate.mutate()}
          />
        </>
      }
    >
      <div className="grid gap-5">
        <Facts
          items={[
            [texts.url, <code key="url">{url}</code>],
            [texts.events, <Words key="events" words={named} />],
            [texts.created, <Ago key="created" unixMs={createdUnixMs} />],
          ]}
        />
        <LiveCheck
          label={texts.enabled}
          hint={texts.enabledHint}
          checked={enabled}
          onChange={(isOn) => change.mutateAsync(isOn)}
        />
      </div>
      {isEditing && <EditWebhook webhook={webhook} onClose={() => setEditing(false)} />}
      {secret !== undefined && (
        <Dialog isOpen onClose={() => setSecret(undefined)} title={texts.secret}>
          <ShownOnce
            lead={texts.secretLead}
            secrets={[{ label: texts.secret, text: secret }]}
            onDone={() => setSecret(undefined)}
          />
        </Dialog>
      )}
    </Card>
  );
}

const eventOf = ({ type }: Delivery) => texts.eventTexts[type] ?? type;

function Deliveries({ webhookId }: { readonly webhookId: string }) {
  const deliveries = useQuery(deliveriesQuery(webhookId));
  const retry = useChange<string>({
    run: (deliveryId) =>
      answerOf(
        api.POST('/webhooks/{id}/deliveries/{deliveryId}/retry', { params: { path: { id: webhookId, deliveryId } } }),
      ),
    shows: SHOWS,
    done: texts.retried,
  });
  const columns: readonly Column<Delivery>[] = [
    { name: texts.event, sortBy: eventOf, cell: eventOf },
    {
      name: texts.state,
      stacked: 'corner',
      sortBy: ({ state }) => texts.states[state] ?? state,
      cell: ({ state }) => <Badge standing={STANDINGS[state] ?? 'none'}>{texts.states[state] ?? state}</Badge>,
    },
    { name: texts.answer, isWide: true, cell: ({ status, error }) => error ?? status ?? '–' },
    { name: texts.tries, sortBy: ({ tries }) => tries, isNumber: true, isWide: true, cell: ({ tries }) => tries },
    {
      name: texts.when,
      sortBy: ({ createdUnixMs }) => createdUnixMs,
      cell: ({ createdUnixMs }) => <Ago unixMs={createdUnixMs} />,
    },
    {
      name: texts.next,
      isWide: true,
      cell: ({ nextUnixMs }) => (nextUnixMs === null ? '–' : <Ago unixMs={nextUnixMs} />),
    },
    {
      name: TEXTS.frame.actions,
      isAction: true,
      cell: ({ id, state }) =>
        state !== 'delivered' && (
          <Button kind="quiet" onClick={() => retry.mutate(id)}>
            {texts.retry}
          </Button>
        ),
    },
  ];
  const rows = deliveries.data?.items ?? [];
  return (
    <Card title={texts.deliveries} lead={texts.deliveriesLead} isFlush>
      {deliveries.isPending && <Loading />}
      {deliveries.isError && <ProblemNote error={deliveries.error} />}
      {deliveries.data &&
        (rows.length === 0 ? (
          <Empty title={texts.noDeliveries}>{texts.noDeliveriesLead}</Empty>
        ) : (
          <Table caption={texts.deliveries} columns={columns} rows={rows} keyOf={({ id }) => id} />
        ))}
    </Card>
  );
}
