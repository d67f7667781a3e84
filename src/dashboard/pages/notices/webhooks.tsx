import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Plus, Webhook as WebhookIcon } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { answerOf } from '../../../api/client.ts';
import { useChange } from '../../frame/change.ts';
import { api, meQuery } from '../../frame/client.ts';
import { Badge } from '../../look/badge.tsx';
import { Button } from '../../look/button.tsx';
import { Dialog } from '../../look/dialog.tsx';
import { CheckField, TextField } from '../../look/field.tsx';
import { FormActions } from '../../look/form-actions.tsx';
import { ShownOnce } from '../../look/once.tsx';
import { Card, Empty, Page } from '../../look/page.tsx';
import { faultOf, Loading, ProblemNote } from '../../look/problem.tsx';
import { RowLink } from '../../look/row-link.tsx';
import { SectionTabs } from '../../look/section-tabs.tsx';
import { type Column, Table } from '../../look/table.tsx';
import { TEXTS } from '../../texts/index.ts';
import { NOTICE_TABS, toggled, type Webhook, webhooksQuery } from './notices-shape.ts';

const texts = TEXTS.notices;
const FIRST_EVENTS = ['site.offline', 'site.online', 'target.down', 'target.up'];
const EVENTS = Object.keys(texts.eventTexts).filter((type) => type !== 'webhook.test') as Webhook['events'];

const COLUMNS: readonly Column<Webhook>[] = [
  {
    name: texts.name,
    cell: ({ id, name }) => (
      <RowLink to="/notices/webhooks/$id" params={{ id }}>
        {name}
      </RowLink>
    ),
  },
  {
    name: texts.url,
    isWide: true,
    cell: ({ url }) => <span className="font-mono text-[13px] break-all">{url}</span>,
  },
  { name: texts.events, isNumber: true, cell: ({ events }) => events.length },
  {
    name: texts.state,
    cell: ({ enabled }) => <Badge standing={enabled ? 'good' : 'none'}>{enabled ? texts.on : texts.off}</Badge>,
  },
];

export function WebhooksPage() {
  const webhooks = useQuery(webhooksQuery);
  const [isAdding, setAdding] = useState(false);
  const add = (
    <Button kind="first" icon={<Plus size={16} aria-hidden="true" />} onClick={() => setAdding(true)}>
      {texts.addWebhook}
    </Button>
  );
  const isEmpty = webhooks.data?.length === 0;
  return (
    <Page
      above={<SectionTabs label={texts.section} tabs={NOTICE_TABS} />}
      title={texts.webhooks}
      lead={texts.webhooksLead}
      actions={webhooks.data && !isEmpty && add}
    >
      {webhooks.isPending && <Loading />}
      {webhooks.isError && <ProblemNote error={webhooks.error} retry={() => void webhooks.refetch()} />}
      {webhooks.data && (
        <Card isFlush className={isEmpty ? '' : 'pt-1'}>
          {isEmpty ? (
            <Empty icon={<WebhookIcon />} title={texts.noWebhooks} actions={add}>
              {texts.noWebhooksLead}
            </Empty>
          ) : (
            <Table caption={texts.webhooks} columns={COLUMNS} rows={webhooks.data} keyOf={({ id }) => id} />
          )}
        </Card>
      )}
      {isAdding && <AddWebhook onClose={() => setAdding(false)} />}
    </Page>
  );
}

function AddWebhook({ onClose }: { readonly onClose: () => void }) {
  const [made, setMade] = useState<{ readonly id: string; readonly secret: string }>();
  const navigate = useNavigate();
  if (!made)
    return (
      <Dialog isOpen onClose={onClose} title={texts.addWebhook} lead={texts.webhooksLead}>
        <WebhookForm onClose={onClose} onMade={setMade} />
      </Dialog>
    );
  const done = () => void navigate({ to: '/notices/webhooks/$id', params: { id: made.id } });
  return (
    <Dialog isOpen onClose={done} title={texts.secret}>
      <ShownOnce lead={texts.secretLead} secrets={[{ label: texts.secret, text: made.secret }]} onDone={done} />
    </Dialog>
  );
}

function WebhookForm({
  onClose,
  onMade,
}: {
  readonly onClose: () => void;
  readonly onMade: (made: { readonly id: string; readonly secret: string }) => void;
}) {
  const [name, setName] = useState('');
  const [url, setUrl] = useState('');
  const [events, setEvents] = useState<readonly string[]>(FIRST_EVENTS);
  const [allowPrivate, setAllowPrivate] = useState(false);
  const me = useQuery(meQuery);
  const add = useChange<void, { readonly id: string; readonly secret: string }>({
    run: () => answerOf(api.POST('/webhooks', { body: { name, url, events: [...events] as never, allowPrivate } })),
    shows: ['webhooks'],
    isForm: true,
    onDone: onMade,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate();
  };
  const fault = faultOf(add.error, 'url');
  return (
    <form onSubmit={submit} className="grid gap-5">
      <TextField label={texts.name} required value={name} onChange={({ target }) => setName(target.value)} />
      <TextField
        label={texts.url}
        hint={texts.urlHint}
        isCode
        required
        type="url"
        placeholder="https://hooks.example.com/manis"
        value={url}
        fault={fault}
        onChange={({ target }) => setUrl(target.value)}
      />
      <fieldset className="grid gap-2">
        <legend className="mb-1 text-sm font-medium">{texts.events}</legend>
        <div className="grid gap-x-4 gap-y-2 text-sm sm:grid-cols-2">
          {EVENTS.map((type) => (
            <CheckField
              key={type}
              label={texts.eventTexts[type] ?? type}
              checked={events.includes(type)}
              onChange={({ target }) => setEvents(toggled(events, type, target.checked))}
            />
          ))}
        </div>
      </fieldset>
      {me.data?.isInstallationAdmin && (
        <CheckField
          label={texts.allowPrivate}
          hint={texts.allowPrivateHint}
          checked={allowPrivate}
          onChange={({ target }) => setAllowPrivate(target.checked)}
        />
      )}
      {add.isError && !fault && <ProblemNote error={add.error} />}
      <FormActions action={texts.addWebhook} isBusy={add.isPending} onCancel={onClose} />
    </form>
  );
}
