import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Power, Trash2 } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { answerOf } from '../../../api/client.ts';
import { useChange } from '../../frame/change.ts';
import { api } from '../../frame/client.ts';
import { useDraft } from '../../frame/draft.ts';
import { faultIn, findingsOf } from '../../frame/findings.ts';
import { Button } from '../../look/button.tsx';
import { Confirm } from '../../look/dialog.tsx';
import { SelectField, TextField } from '../../look/field.tsx';
import { SaveRow } from '../../look/form-actions.tsx';
import { Card, Facts } from '../../look/page.tsx';
import { ProblemNote } from '../../look/problem.tsx';
import { Ago } from '../../look/time.tsx';
import { TEXTS } from '../../texts/index.ts';
import { providersQuery } from '../policies/names.ts';
import { LeaveGuard } from '../policies/policy-editor.tsx';
import { type Application, placeOf, usePatch, usePatchForm } from './application-shape.ts';
import { CaptureSettings } from './capture-settings.tsx';
import { HostField } from './host-field.tsx';

const texts = TEXTS.applications;

/** What an application is called, where it is, how targets are chosen, and how it ends. */
export function SettingsTab({ application }: { readonly application: Application }) {
  const { createdUnixMs, id } = application;
  return (
    <div className="grid gap-6">
      <General application={application} />
      {application.kind === 'http' && <CaptureSettings id={id} />}
      <Danger application={application} />
      <Card>
        <Facts
          items={[
            [texts.created, <Ago key="created" unixMs={createdUnixMs} />],
            [
              texts.idLabel,
              <code key="id" className="font-mono text-[13px]">
                {id}
              </code>,
            ],
          ]}
        />
      </Card>
    </div>
  );
}

const FIELDS = ['name', 'host', 'balancing', 'sticky', 'panicThreshold', 'providerId'] as const;
type General = Pick<Application, (typeof FIELDS)[number]>;

const LABELS = {
  ...{ name: texts.name, host: texts.host, balancing: texts.balancing, sticky: texts.sticky },
  ...{ panicThreshold: texts.panic, providerId: texts.provider },
};

function generalOf({ name, host, balancing, sticky, panicThreshold, providerId }: Application): General {
  return { name, host, balancing, sticky, panicThreshold, providerId };
}

/** As the form says it. */
function tell(value: unknown, [field]: readonly string[]): string | undefined {
  if (field === 'balancing') return texts.balancings[value as General['balancing']];
  if (field === 'sticky') return texts.stickies[value as General['sticky']];
  return field === 'panicThreshold' ? String(Math.round(Number(value) * 100)) : undefined;
}

function General({ application }: { readonly application: Application }) {
  const draft = useDraft(application, generalOf);
  const { fields: shown, seen } = draft;
  const changes = () =>
    Object.fromEntries(FIELDS.filter((field) => shown[field] !== seen[field]).map((field) => [field, shown[field]]));
  const patch = usePatchForm(draft, changes, { labels: LABELS, tell });
  // What is being saved is shown as saved.
  const isChanged = draft.isChanged && !patch.isPending;
  const findings = findingsOf(patch.error);
  const change = (part: Partial<General>) => {
    patch.reset();
    draft.change(part);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    patch.mutate();
  };
  const hasHost = application.kind !== 'tcp' && application.kind !== 'udp';
  const isTold = findings.length > 0 && findings.every(({ path }) => path !== '');
  return (
    <Card title={texts.general}>
      <form onSubmit={submit} className="grid max-w-2xl gap-5">
        <TextField
          label={texts.name}
          hint={texts.nameHint}
          required
          value={shown.name}
          fault={faultIn(findings, 'name')}
          onChange={({ target }) => change({ name: target.value })}
        />
        {hasHost && (
          <HostField value={shown.host} fault={faultIn(findings, 'host')} onChange={(host) => change({ host })} />
        )}
        <BalanceFields shown={shown} change={change} fault={faultIn(findings, 'panicThreshold')} />
        {(application.kind === 'http' || application.kind === 'access') && (
          <ProviderField value={shown.providerId} onChange={(providerId) => change({ providerId })} />
        )}
        {patch.isError && !isTold && <ProblemNote error={patch.error} />}
        <SaveRow
          isBusy={patch.isPending}
          isIdle={!isChanged}
          onDiscard={() => {
            patch.reset();
            draft.discard();
          }}
        />
      </form>
      <LeaveGuard isChanged={isChanged} />
    </Card>
  );
}

function BalanceFields({
  shown,
  fault,
  change,
}: {
  readonly shown: General;
  readonly fault: string | undefined;
  readonly change: (part: Partial<General>) => void;
}) {
  return (
    <>
      <SelectField
        label={texts.balancing}
        hint={texts.balancingHint}
        value={shown.balancing}
        onChange={({ target }) => change({ balancing: target.value as General['balancing'] })}
      >
        {Object.entries(texts.balancings).map(([value, label]) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </SelectField>
      <SelectField
        label={texts.sticky}
        value={shown.sticky}
        onChange={({ target }) => change({ sticky: target.value as General['sticky'] })}
      >
        {Object.entries(texts.stickies).map(([value, label]) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </SelectField>
      <TextField
        label={texts.panic}
        hint={texts.panicHint}
        type="number"
        min={0}
        max={100}
        value={String(Math.round(shown.panicThreshold * 100))}
        fault={fault}
        onChange={({ target }) => change({ panicThreshold: Number(target.value) / 100 })}
      />
    </>
  );
}

function ProviderField({
  value,
  onChange,
}: {
  readonly value: string | null;
  readonly onChange: (id: string | null) => void;
}) {
  const providers = useQuery(providersQuery).data ?? [];
  if (providers.length === 0) return null;
  return (
    <SelectField
      label={texts.provider}
      hint={texts.providerHint}
      value={value ?? ''}
      onChange={({ target }) => onChange(target.value === '' ? null : target.value)}
    >
      <option value="">{texts.providerAny}</option>
      {providers.map(({ id, name }) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
    </SelectField>
  );
}

function Danger({ application }: { readonly application: Application }) {
  const { id, name, enabled } = application;
  const [asked, setAsked] = useState<'off' | 'remove'>();
  const navigate = useNavigate();
  const patch = usePatch(id);
  const place = placeOf(application);
  const remove = useChange({
    run: () => answerOf(api.DELETE('/resources/{id}', { params: { path: { id } } })),
    leave: () => navigate({ to: '/applications' }),
    shows: ['applications'],
    done: texts.removed(name),
  });
  const switchTo = (on: boolean) => {
    setAsked(undefined);
    patch.mutate({ enabled: on });
  };
  return (
    <Card title={texts.danger} className="border-bad/40">
      <div className="grid gap-4">
        <Deed text={enabled ? texts.switchOffConsequence(place) : texts.switchOnConsequence(place)}>
          <Button
            icon={<Power size={15} aria-hidden="true" />}
            onClick={() => (enabled ? setAsked('off') : switchTo(true))}
          >
            {enabled ? texts.switchOff : texts.switchOn}
          </Button>
        </Deed>
        <Deed text={texts.removeConsequence(place)}>
          <Button kind="danger" icon={<Trash2 size={15} aria-hidden="true" />} onClick={() => setAsked('remove')}>
            {TEXTS.frame.remove}
          </Button>
        </Deed>
      </div>
      <Confirm
        isOpen={asked === 'off'}
        onClose={() => setAsked(undefined)}
        title={texts.switchOffAsk(name)}
        consequence={texts.switchOffConsequence(place)}
        action={texts.switchOff}
        onConfirm={() => switchTo(false)}
      />
      <Confirm
        isOpen={asked === 'remove'}
        onClose={() => setAsked(undefined)}
        title={texts.removeAsk(name)}
        consequence={texts.removeConsequence(place)}
        action={texts.remove}
        isBusy={remove.isPending}
        onConfirm={() => remove.mutate()}
      />
    </Card>
  );
}

function Deed({ text, children }: { readonly text: string; readonly children: React.ReactNode }) {
  return (
    <div className="flex flex-wrap items-center gap-x-6 gap-y-2">
      <p className="min-w-0 flex-1 basis-64 text-sm text-quiet">{text}</p>
      {children}
    </div>
  );
}
