import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { answerOf } from '../../../api/client.ts';
import { useChange } from '../../frame/change.ts';
import { api, popsQuery, sitesQuery, usersQuery } from '../../frame/client.ts';
import { toggled } from '../../frame/rows.ts';
import { CheckField, SelectField, TextField } from '../../look/field.tsx';
import { FormDialog } from '../../look/form-dialog.tsx';
import { faultOf } from '../../look/problem.tsx';
import { TEXTS } from '../../texts/index.ts';
import { type AlertRule, holdText, webhooksQuery } from './notices-shape.ts';

const texts = TEXTS.notices;
const KINDS = ['site', 'pop', 'target', 'certificate'] as const;
const DEFAULT_HOLD_MS = 120_000;
/** Of more members nobody picks from a list. */
const MEMBERS_SHOWN = 50;

interface AlertDialogProps {
  /** The one that is edited; left out: a new one. */
  readonly rule?: AlertRule | undefined;
  readonly onClose: () => void;
}

export function AlertDialog({ rule, onClose }: AlertDialogProps) {
  const [name, setName] = useState(rule?.name ?? '');
  const [kind, setKind] = useState<(typeof KINDS)[number]>(rule?.kind ?? 'site');
  const [subjectId, setSubjectId] = useState(rule?.subjectId ?? '');
  const [holdMs, setHoldMs] = useState(rule?.holdMs ?? DEFAULT_HOLD_MS);
  const [emails, setEmails] = useState<readonly string[]>(rule?.emails ?? []);
  const [webhookIds, setWebhookIds] = useState<readonly string[]>(rule?.webhookIds ?? []);
  const save = useChange<void, AlertRule>({
    run: () => {
      const subject = { subjectId: subjectId === '' ? null : subjectId };
      const body = { name, ...subject, holdMs, emails: [...emails], webhookIds: [...webhookIds] };
      return rule
        ? answerOf(api.PATCH('/alert-rules/{id}', { params: { path: { id: rule.id } }, body }))
        : answerOf(api.POST('/alert-rules', { body: { ...body, kind } }));
    },
    shows: ['alert-rules'],
    isForm: true,
    done: rule ? texts.alertChanged : texts.alertAdded(name),
    onDone: onClose,
  });
  return (
    <FormDialog
      title={rule ? texts.editAlert : texts.addAlert}
      lead={texts.alertsLead}
      action={rule ? TEXTS.frame.save : texts.addAlert}
      change={save}
      fields={['name']}
      onClose={onClose}
    >
      <TextField
        label={texts.name}
        required
        value={name}
        fault={faultOf(save.error, 'name')}
        onChange={({ target }) => setName(target.value)}
      />
      <div className="grid gap-5 sm:grid-cols-2">
        <SelectField
          label={texts.about}
          {...(rule && { hint: texts.aboutFixed })}
          disabled={rule !== undefined}
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
      <HoldField valueMs={holdMs} onChange={setHoldMs} />
      <Mails emails={emails} known={rule?.emails ?? []} onChange={setEmails} />
      <Webhooks ids={webhookIds} onChange={setWebhookIds} />
    </FormDialog>
  );
}

/** Round lengths, and the one that is set, whatever it is. */
function HoldField({ valueMs, onChange }: { readonly valueMs: number; readonly onChange: (valueMs: number) => void }) {
  const all = [...new Set([...texts.holds.map(([ms]) => ms), valueMs])].sort((a, b) => a - b);
  return (
    <SelectField label={texts.holdFor} value={valueMs} onChange={({ target }) => onChange(Number(target.value))}>
      {all.map((ms) => (
        <option key={ms} value={ms}>
          {holdText(ms)}
        </option>
      ))}
    </SelectField>
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
  known,
  onChange,
}: {
  readonly emails: readonly string[];
  /** Those that are told already; shown whoever else is. */
  readonly known: readonly string[];
  readonly onChange: (emails: readonly string[]) => void;
}) {
  const users = useQuery(usersQuery);
  const members = users.data?.slice(0, MEMBERS_SHOWN).map(({ email }) => email) ?? [];
  return (
    <fieldset className="grid gap-2">
      <legend className="mb-1 text-sm font-medium">{texts.mailTo}</legend>
      <p className="text-sm text-quiet">{texts.mailHint}</p>
      <div className="grid max-h-40 gap-2 overflow-y-auto rounded-lg border border-edge bg-raised p-3">
        {[...new Set([...known, ...members])].map((email) => (
          <CheckField
            key={email}
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
