import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { answerOf } from '../../../api/client.ts';
import { useChange } from '../../frame/change.ts';
import { api, meQuery } from '../../frame/client.ts';
import { useDraft } from '../../frame/draft.ts';
import { toggled } from '../../frame/rows.ts';
import { placeAt, useSave } from '../../frame/save.ts';
import { Dialog } from '../../look/dialog.tsx';
import { CheckField, TextField } from '../../look/field.tsx';
import { FormDialog } from '../../look/form-dialog.tsx';
import { ShownOnce } from '../../look/once.tsx';
import { faultOf } from '../../look/problem.tsx';
import { TEXTS } from '../../texts/index.ts';
import type { Webhook } from './notices-shape.ts';

const texts = TEXTS.notices;
const FIRST_EVENTS = ['site.offline', 'site.online', 'target.down', 'target.up'];
const EVENTS = Object.keys(texts.eventTexts).filter((type) => type !== 'webhook.test');

interface Draft {
  readonly name: string;
  readonly url: string;
  readonly events: readonly string[];
  readonly allowPrivate: boolean;
}

type Body = Omit<Draft, 'events'> & { readonly events: never };
const bodyOf = (draft: Draft): Body => ({ ...draft, events: [...draft.events] as never });

/** A new one; its secret is shown once. */
export function AddWebhook({ onClose }: { readonly onClose: () => void }) {
  const [draft, setDraft] = useState<Draft>({ name: '', url: '', events: FIRST_EVENTS, allowPrivate: false });
  const [made, setMade] = useState<{ readonly id: string; readonly secret: string }>();
  const navigate = useNavigate();
  const add = useChange<void, { readonly id: string; readonly secret: string }>({
    run: () => answerOf(api.POST('/webhooks', { body: bodyOf(draft) })),
    shows: ['webhooks'],
    isForm: true,
    onDone: setMade,
  });
  if (!made)
    return (
      <FormDialog
        title={texts.addWebhook}
        lead={texts.webhooksLead}
        action={texts.addWebhook}
        change={add}
        fields={['name', 'url']}
        onClose={onClose}
      >
        <WebhookFields draft={draft} error={add.error} onChange={setDraft} />
      </FormDialog>
    );
  const done = () => void navigate({ to: '/notices/webhooks/$id', params: { id: made.id } });
  return (
    <Dialog isOpen onClose={done} title={texts.secret}>
      <ShownOnce lead={texts.secretLead} secrets={[{ label: texts.secret, text: made.secret }]} onDone={done} />
    </Dialog>
  );
}

export function EditWebhook({ webhook, onClose }: { readonly webhook: Webhook; readonly onClose: () => void }) {
  const form = useDraft(webhook, ({ name, url, events, allowPrivate }): Draft => ({ name, url, events, allowPrivate }));
  const draft = form.fields;
  const save = useSave({
    draft: form,
    place: placeAt('patch', '/webhooks/{id}', { id: webhook.id }),
    body: () => bodyOf(draft),
    words: {
      labels: { name: texts.name, url: texts.url, events: texts.events, allowPrivate: texts.allowPrivate },
      tell: eventsText,
    },
    shows: ['webhooks'],
    done: TEXTS.frame.saved,
    onDone: onClose,
  });
  return (
    <FormDialog
      title={texts.editWebhook}
      lead={texts.webhooksLead}
      action={TEXTS.frame.save}
      change={save}
      fields={['name', 'url']}
      onClose={onClose}
    >
      <WebhookFields draft={draft} error={save.error} onChange={form.change} />
    </FormDialog>
  );
}

function eventsText(value: unknown): string | undefined {
  return Array.isArray(value) ? value.map((type) => texts.eventTexts[type] ?? String(type)).join('\n') : undefined;
}

interface WebhookFieldsProps {
  readonly draft: Draft;
  readonly error: Error | null;
  readonly onChange: (draft: Draft) => void;
}

function WebhookFields({ draft, error, onChange }: WebhookFieldsProps) {
  const me = useQuery(meQuery);
  const change = (part: Partial<Draft>) => onChange({ ...draft, ...part });
  return (
    <>
      <TextField
        label={texts.name}
        required
        value={draft.name}
        fault={faultOf(error, 'name')}
        onChange={({ target }) => change({ name: target.value })}
      />
      <TextField
        label={texts.url}
        hint={texts.urlHint}
        isCode
        required
        type="url"
        placeholder="https://hooks.example.com/manis"
        value={draft.url}
        fault={faultOf(error, 'url')}
        onChange={({ target }) => change({ url: target.value })}
      />
      <fieldset className="grid gap-2">
        <legend className="mb-1 text-sm font-medium">{texts.events}</legend>
        <div className="grid gap-x-4 gap-y-2 text-sm sm:grid-cols-2">
          {EVENTS.map((type) => (
            <CheckField
              key={type}
              label={texts.eventTexts[type] ?? type}
              checked={draft.events.includes(type)}
              onChange={({ target }) => change({ events: toggled(draft.events, type, target.checked) })}
            />
          ))}
        </div>
      </fieldset>
      {me.data?.isInstallationAdmin && (
        <CheckField
          label={texts.allowPrivate}
          hint={texts.allowPrivateHint}
          checked={draft.allowPrivate}
          onChange={({ target }) => change({ allowPrivate: target.checked })}
        />
      )}
    </>
  );
}
