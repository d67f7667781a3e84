import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { answerOf } from '../../../api/client.ts';
import { useChange } from '../../frame/change.ts';
import { api, popsQuery, sitesQuery, usersQuery } from '../../frame/client.ts';
import { Dialog } from '../../look/dialog.tsx';
import { CheckField, SelectField, TextField } from '../../look/field.tsx';
import { FormActions } from '../../look/form-actions.tsx';
import { faultOf, ProblemNote } from '../../look/problem.tsx';
import { TEXTS } from '../../texts/index.ts';
import { type AlertRule, toggled, webhooksQuery } from './notices-shape.ts';

const texts = TEXTS.notices;
const KINDS = ['site', 'pop', 'target', 'certificate'] as const;
const DEFAULT_HOLD_MS = 120_000;
/** Of more members nobody picks from a list. */
const MEMBERS_SHOWN = 50;

export function AddAlert({ onClose }: { readonly onClose: () => void }) {
  const [name, setName] = useState('');
  const [kind, setKind] = useState<(typeof KINDS)[number]>('site');
  const [subjectId, setSubjectId] = useState('');
  const [holdMs, setHoldMs] = useState(DEFAULT_HOLD_MS);
  const [emails, setEmails] = useState<readonly string[]>([]);
  const [webhookIds, setWebhookIds] = useState<readonly string[]>([]);
  const add = useChange<void, AlertRule>({
    run: () =>
      answerOf(
        api.POST('/alert-rules', {
          body: {
            ...{ name, kind, holdMs, subjectId: subjectId === '' ? null : subjectId },
            ...{ emails: [...emails], webhookIds: [...webhookIds] },
          },
        }),
      ),
    shows: ['alert-rules'],
    isForm: true,
    done: texts.alertAdded(name),
    onDone: onClose,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate();
  };
  return (
    <Dialog isOpen onClose={onClose} title={texts.addAlert} lead={texts.alertsLead}>
      <form onSubmit={submit} className="grid gap-5">
        <TextField
          label={texts.name}
          required
          value={name}
          fault={faultOf(add.error, 'name')}
          onChange={({ target }) => setName(target.value)}
        />
        <div className="grid gap-5 sm:grid-cols-2">
          <SelectField
            label={texts.about}
            value={kind}
            onChange={({ target }) => {
              setKind(target.value as typeof kind);
              setSubjectId('');
            }}
          >
            {KINDS.map((one) => (
              <option key={one} value={one}>
                {texts.kinds[one]}
              </option>
            ))}
          </SelectField>
          <SubjectField kind={kind} value={subjectId} onChange={setSubjectId} />
        </div>
        <SelectField label={texts.holdFor} value={holdMs} onChange={({ target }) => setHoldMs(Number(target.value))}>
          {texts.holds.map(([ms, label]) => (
            <option key={ms} value={ms}>
              {label}
            </option>
          ))}
        </SelectField>
        <Mails emails={emails} onChange={setEmails} />
        <Webhooks ids={webhookIds} onChange={setWebhookIds} />
        {add.isError && !faultOf(add.error, 'name') && <ProblemNote error={add.error} />}
        <FormActions action={texts.addAlert} isBusy={add.isPending} onCancel={onClose} />
      </form>
    </Dialog>
  );
}

/** Sites and PoPs are few enough to choose one of; of the others a rule is about all. */
function SubjectField({
  kind,
  value,
  onChange,
}: {
  readonly kind: (typeof KINDS)[number];
  readonly value: string;
  readonly onChange: (id: string) => void;
}) {
  const sites = useQuery({ ...sitesQuery, enabled: kind === 'site' });
  const pops = useQuery({ ...popsQuery, enabled: kind === 'pop' });
  const subjects = kind === 'site' ? sites.data : kind === 'pop' ? pops.data : undefined;
  return (
    <SelectField label={texts.onlyOne} value={value} onChange={({ target }) => onChange(target.value)}>
      <option value="">{texts.every}</option>
      {subjects?.map(({ id, name }) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
    </SelectField>
  );
}

function Mails({
  emails,
  onChange,
}: {
  readonly emails: readonly string[];
  readonly onChange: (emails: readonly string[]) => void;
}) {
  const users = useQuery(usersQuery);
  return (
    <fieldset className="grid gap-2">
      <legend className="mb-1 text-sm font-medium">{texts.mailTo}</legend>
      <p className="text-sm text-quiet">{texts.mailHint}</p>
      <div className="grid max-h-40 gap-1.5 overflow-y-auto">
        {users.data?.slice(0, MEMBERS_SHOWN).map(({ id, email }) => (
          <CheckField
            key={id}
            label={email}
            checked={emails.includes(email)}
            onChange={({ target }) => onChange(toggled(emails, email, target.checked))}
          />
        ))}
      </div>
    </fieldset>
  );
}

function Webhooks({
  ids,
  onChange,
}: {
  readonly ids: readonly string[];
  readonly onChange: (ids: readonly string[]) => void;
}) {
  const webhooks = useQuery(webhooksQuery);
  return (
    <fieldset className="grid gap-2">
      <legend className="mb-1 text-sm font-medium">{texts.sendTo}</legend>
      {webhooks.data?.length === 0 && <p className="text-sm text-quiet">{texts.noWebhooksYet}</p>}
      {webhooks.data?.map(({ id, name }) => (
        <CheckField
          key={id}
          label={name}
          checked={ids.includes(id)}
          onChange={({ target }) => onChange(toggled(ids, id, target.checked))}
        />
      ))}
    </fieldset>
  );
}
