import { useQuery } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { rolesQuery } from '../../frame/client.ts';
import { useDraft } from '../../frame/draft.ts';
import { placeAt, useSave } from '../../frame/save.ts';
import { CheckField, SelectField } from '../../look/field.tsx';
import { SaveRow } from '../../look/form-actions.tsx';
import { Card } from '../../look/page.tsx';
import { Loading, ProblemNote } from '../../look/problem.tsx';
import { TEXTS } from '../../texts/index.ts';
import { SettingsPage } from './settings-page.tsx';
import { type MfaRules, mfaQuery } from './settings-shape.ts';

const texts = TEXTS.settings;
const DAY_MS = 86_400_000;
const GRACE_DAYS = [0, 1, 3, 7, 14, 30];
const REMEMBER_DAYS = [0, 1, 7, 14, 30, 90];

export function SignInPage() {
  const rules = useQuery(mfaQuery);
  return (
    <SettingsPage title={texts.signIn} lead={texts.signInLead}>
      {rules.isPending && <Loading />}
      {rules.isError && <ProblemNote error={rules.error} retry={() => void rules.refetch()} />}
      {rules.data && <RulesForm rules={rules.data} />}
    </SettingsPage>
  );
}

const LABELS = {
  ...{ required: texts.required, requiredRoles: texts.requiredRoles, graceMs: texts.grace, rememberMs: texts.remember },
  ...{ rememberedCounts: texts.rememberedCounts, emailCodes: texts.emailCodes },
};

function fieldsOf({ sinceUnixMs: _since, ...fields }: MfaRules) {
  return fields;
}

function daysOf(value: unknown, [field]: readonly string[]): string | undefined {
  if (typeof value !== 'number') return undefined;
  return (field === 'graceMs' ? texts.graceDays : texts.rememberDays)(value / DAY_MS);
}

function RulesForm({ rules }: { readonly rules: MfaRules }) {
  const form = useDraft(rules, fieldsOf);
  const { fields: draft, change } = form;
  const roles = useQuery(rolesQuery);
  const save = useSave({
    draft: form,
    place: placeAt('patch', '/organisation/mfa'),
    body: () => draft,
    words: { labels: LABELS, tell: daysOf },
    shows: ['organisation'],
    done: texts.saved,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <form onSubmit={submit} className="grid max-w-3xl grid-cols-1 gap-6">
      <Card>
        <div className="grid gap-5">
          <CheckField
            label={texts.required}
            hint={texts.requiredHint}
            checked={draft.required}
            onChange={({ target }) => change({ required: target.checked })}
          />
          {!draft.required && (
            <fieldset>
              <legend className="mb-2 text-sm font-medium">{texts.requiredRoles}</legend>
              <div className="flex flex-wrap gap-x-6 gap-y-2">
                {(roles.data ?? []).map(({ id, name }) => (
                  <CheckField
                    key={id}
                    label={name}
                    checked={draft.requiredRoles.includes(name)}
                    onChange={({ target }) =>
                      change({
                        requiredRoles: target.checked
                          ? [...draft.requiredRoles, name]
                          : draft.requiredRoles.filter((role) => role !== name),
                      })
                    }
                  />
                ))}
              </div>
            </fieldset>
          )}
          <div className="grid gap-5 sm:grid-cols-2">
            <DaysField
              label={texts.grace}
              choices={GRACE_DAYS}
              valueMs={draft.graceMs}
              wordsOf={texts.graceDays}
              onChange={(graceMs) => change({ graceMs })}
            />
            <DaysField
              label={texts.remember}
              choices={REMEMBER_DAYS}
              valueMs={draft.rememberMs}
              wordsOf={texts.rememberDays}
              onChange={(rememberMs) => change({ rememberMs })}
            />
          </div>
          <CheckField
            label={texts.rememberedCounts}
            hint={texts.rememberedCountsHint}
            checked={draft.rememberedCounts}
            onChange={({ target }) => change({ rememberedCounts: target.checked })}
          />
          <CheckField
            label={texts.emailCodes}
            hint={texts.emailCodesHint}
            checked={draft.emailCodes}
            onChange={({ target }) => change({ emailCodes: target.checked })}
          />
          {save.isError && <ProblemNote error={save.error} />}
          <SaveRow isBusy={save.isPending} />
        </div>
      </Card>
    </form>
  );
}

interface DaysFieldProps {
  readonly label: string;
  readonly choices: readonly number[];
  readonly valueMs: number;
  readonly wordsOf: (days: number) => string;
  readonly onChange: (valueMs: number) => void;
}

function DaysField({ label, choices, valueMs, wordsOf, onChange }: DaysFieldProps) {
  const all = [...new Set([...choices, valueMs / DAY_MS])].sort((a, b) => a - b);
  return (
    <SelectField label={label} value={valueMs} onChange={({ target }) => onChange(Number(target.value))}>
      {all.map((days) => (
        <option key={days} value={days * DAY_MS}>
          {wordsOf(days)}
        </option>
      ))}
    </SelectField>
  );
}
