import { useQuery } from '@tanstack/react-query';
import { answerOf } from '../../../api/client.ts';
import { useChange } from '../../frame/change.ts';
import { api, popsQuery, sitesQuery, usersQuery } from '../../frame/client.ts';
import { useDraft } from '../../frame/draft.ts';
import { toggled } from '../../frame/rows.ts';
import { placeAt, useSave } from '../../frame/save.ts';
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

interface Draft {
  readonly name: string;
  readonly kind: (typeof KINDS)[number];
  readonly subjectId: string;
  readonly holdMs: number;
  readonly emails: readonly string[];
  readonly webhookIds: readonly string[];
}

function draftOf(rule: AlertRule | undefined): Draft {
  return {
    name: rule?.name ?? '',
    kind: rule?.kind ?? 'site',
    subjectId: rule?.subjectId ?? '',
    holdMs: rule?.holdMs ?? DEFAULT_HOLD_MS,
    emails: rule?.emails ?? [],
    webhookIds: rule?.webhookIds ?? [],
  };
}

const LABELS = {
  ...{ name: texts.name, subjectId: texts.onlyOne, holdMs: texts.holdFor },
  ...{ emails: texts.mailTo, webhookIds: texts.sendTo },
};

function holdOf(value: unknown, [field]: readonly string[]): string | undefined {
  return field === 'holdMs' && typeof value === 'number' ? holdText(value) : undefined;
}

export function AlertDialog({ rule, onClose }: AlertDialogProps) {
  const form = useDraft(rule, draftOf);
  const { fields, change } = form;
  const { name, kind, subjectId, holdMs, emails, webhookIds } = fields;
  const body = () => ({ name, subjectId: subjectId === '' ? null : subjectId, holdMs, emails, webhookIds });
  const told = {
    shows: ['alert-rules'],
    done: rule ? texts.alertChanged : texts.alertAdded(name),
    onDone: onClose,
  };
  const add = useChange<void, AlertRule>({
    run: () => {
      const lists = { emails: [...emails], webhookIds: [...webhookIds] };
      return answerOf(api.POST('/alert-rules', { body: { ...body(), ...lists, kind } }));
    },
    isForm: true,
    ...told,
  });
  const put = useSave({
    draft: form,
    place: placeAt('patch', '/alert-rules/{id}', { id: rule?.id ?? '' }),
    body,
    words: { labels: LABELS, tell: holdOf },
    ...told,
  });
  const save = rule ? put : add;
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
        onChange={({ target }) => change({ name: target.value })}
      />
      <div className="grid gap-5 sm:grid-cols-2">
        <SelectField
          label={texts.about}
          {...(rule && { hint: texts.aboutFixed })}
          disabled={rule !== undefined}
          value={kind}
          onChange={({ target }) => change({ kind: target.value as typeof kind, subjectId: '' })}
        >
          {KINDS.map((one) => (
            <option key={one} value={one}>
              {texts.kinds[one]}
            </option>
          ))}
        </SelectField>
        <SubjectField kind={kind} value={subjectId} onChange={(next) => change({ subjectId: next })} />
      </div>
      <HoldField valueMs={holdMs} onChange={(next) => change({ holdMs: next })} />
      <Mails emails={emails} known={rule?.emails ?? []} onChange={(next) => change({ emails: next })} />
      <Webhooks ids={webhookIds} onChange={(next) => change({ webhookIds: next })} />
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
