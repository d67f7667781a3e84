import { queryOptions, useQuery } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { answerOf } from '../../../api/client.ts';
import { ahead, useChange } from '../../frame/change.ts';
import { api } from '../../frame/client.ts';
import { useDraft } from '../../frame/draft.ts';
import { placeAt, useSave } from '../../frame/save.ts';
import { Choices, SelectField, TextField } from '../../look/field.tsx';
import { SaveRow } from '../../look/form-actions.tsx';
import { Card, Facts } from '../../look/page.tsx';
import { faultOf, Loading, ProblemNote } from '../../look/problem.tsx';
import { TEXTS } from '../../texts/index.ts';
import { RequestLog } from './request-log.tsx';
import { SettingsPage } from './settings-page.tsx';
import { type Organisation, organisationQuery } from './settings-shape.ts';
import { UsageCard } from './usage.tsx';

const texts = TEXTS.settings;
const HOUR_MS = 3_600_000;
const IDLE_HOURS = [1, 4, 8, 12, 24, 72, 168];
const ABSOLUTE_HOURS = [8, 12, 24, 72, 168, 336, 720, 2160];

export function OrganisationPage() {
  const organisation = useQuery(organisationQuery);
  return (
    <SettingsPage title={texts.organisation} lead={texts.organisationLead}>
      {organisation.isPending && <Loading />}
      {organisation.isError && <ProblemNote error={organisation.error} retry={() => void organisation.refetch()} />}
      {organisation.data && (
        <div className="grid grid-cols-1 items-start gap-6 lg:grid-cols-[1fr_22rem]">
          <div className="grid min-w-0 grid-cols-1 gap-6">
            <OrganisationForm organisation={organisation.data} />
            <AuditMode />
            <RequestLog />
          </div>
          <UsageCard />
        </div>
      )}
    </SettingsPage>
  );
}

const LABELS = { name: texts.name, sessionIdleMs: texts.idle, sessionAbsoluteMs: texts.absolute };

function hoursOf(value: unknown): string | undefined {
  return typeof value === 'number' ? texts.hours(value / HOUR_MS) : undefined;
}

function OrganisationForm({ organisation }: { readonly organisation: Organisation }) {
  const form = useDraft(organisation, ({ name, sessionIdleMs, sessionAbsoluteMs }) => ({
    ...{ name, sessionIdleMs, sessionAbsoluteMs },
  }));
  const { fields, change } = form;
  const save = useSave({
    draft: form,
    place: placeAt('patch', '/organisation'),
    body: () => fields,
    words: { labels: LABELS, tell: hoursOf },
    shows: ['organisation', 'me'],
    done: texts.saved,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <Card>
      <form onSubmit={submit} className="grid gap-5">
        <TextField
          label={texts.name}
          required
          maxLength={128}
          value={fields.name}
          fault={faultOf(save.error, 'name')}
          onChange={({ target }) => change({ name: target.value })}
        />
        <div className="grid gap-5 sm:grid-cols-2">
          <HoursField
            label={texts.idle}
            choices={IDLE_HOURS}
            valueMs={fields.sessionIdleMs}
            onChange={(sessionIdleMs) => change({ sessionIdleMs })}
          />
          <HoursField
            label={texts.absolute}
            choices={ABSOLUTE_HOURS}
            valueMs={fields.sessionAbsoluteMs}
            onChange={(sessionAbsoluteMs) => change({ sessionAbsoluteMs })}
          />
        </div>
        <p className="text-sm text-quiet">{texts.sessionsHint}</p>
        {(organisation.dnsZone !== null || organisation.domains.length > 0) && (
          <Facts
            items={[
              ...(organisation.dnsZone === null
                ? []
                : [[texts.zone, <code key="zone">{organisation.dnsZone}</code>] as const]),
              ...(organisation.domains.length === 0 ? [] : [[texts.domains, organisation.domains.join(', ')] as const]),
            ]}
          />
        )}
        {save.isError && !faultOf(save.error, 'name') && <ProblemNote error={save.error} />}
        <SaveRow isBusy={save.isPending} />
      </form>
    </Card>
  );
}

interface HoursFieldProps {
  readonly label: string;
  readonly choices: readonly number[];
  readonly valueMs: number;
  readonly onChange: (valueMs: number) => void;
}

/** Round lengths, and the one that is set, whatever it is. */
export function HoursField({ label, choices, valueMs, onChange }: HoursFieldProps) {
  const all = [...new Set([...choices, valueMs / HOUR_MS])].sort((a, b) => a - b);
  return (
    <SelectField label={label} value={valueMs} onChange={({ target }) => onChange(Number(target.value))}>
      {all.map((hours) => (
        <option key={hours} value={hours * HOUR_MS}>
          {texts.hours(hours)}
        </option>
      ))}
    </SelectField>
  );
}

type Mode = 'sampled' | 'all';
const auditQuery = queryOptions({
  queryKey: ['audit', 'settings'],
  queryFn: () => answerOf(api.GET('/audit/settings')),
});

function AuditMode() {
  const settings = useQuery(auditQuery);
  const change = useChange({
    run: (mode: Mode) => answerOf(api.PUT('/audit/settings', { body: { mode } })),
    shows: ['audit'],
    ahead: ahead(auditQuery, (shown, mode: Mode) => ({ ...shown, mode })),
    done: texts.saved,
  });
  if (!settings.data) return null;
  return (
    <Card>
      <Choices
        legend={texts.audit}
        value={settings.data.mode}
        onChange={(mode) => change.mutate(mode)}
        options={[
          { value: 'sampled', label: texts.auditSampled, hint: texts.auditSampledHint },
          { value: 'all', label: texts.auditAll, hint: texts.auditAllHint },
        ]}
      />
    </Card>
  );
}
