import { useQuery } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { answerOf, type paths } from '../../../api/client.ts';
import { api } from '../../frame/client.ts';
import { useDraft } from '../../frame/draft.ts';
import { placeAt, useSave } from '../../frame/save.ts';
import { SelectField, TextField } from '../../look/field.tsx';
import { SaveRow } from '../../look/form-actions.tsx';
import { Card } from '../../look/page.tsx';
import { faultOf, ProblemNote } from '../../look/problem.tsx';
import { TEXTS } from '../../texts/index.ts';

const texts = TEXTS.settings;
const MEGABYTE = 1024 * 1024;
const DAYS_MAX = 365;

type Settings = paths['/requests/settings']['get']['responses'][200]['content']['application/json'];
type Level = Settings['level'];

/** How much is written down of requests, and how long it is kept. */
export function RequestLog() {
  const settings = useQuery({
    queryKey: ['requests', 'settings'],
    queryFn: () => answerOf(api.GET('/requests/settings')),
  });
  if (settings.isError) return <ProblemNote error={settings.error} retry={() => void settings.refetch()} />;
  return settings.data ? <LogForm settings={settings.data} /> : null;
}

const LABELS = { level: texts.logLevel, keptDays: texts.logDays, keptBytes: texts.logMegabytes };

function megabytesOf(value: unknown, [field]: readonly string[]): string | undefined {
  return field === 'keptBytes' ? String(Math.floor(Number(value) / MEGABYTE)) : undefined;
}

function LogForm({ settings }: { readonly settings: Settings }) {
  const form = useDraft(settings, ({ level, keptDays, keptBytes }) => ({ level, keptDays, keptBytes }));
  const { level, keptDays: days, keptBytes } = form.fields;
  const megabytes = Math.floor(keptBytes / MEGABYTE);
  const save = useSave({
    draft: form,
    place: placeAt('put', '/requests/settings'),
    body: () => form.fields,
    words: { labels: LABELS, tell: megabytesOf },
    shows: ['requests'],
    done: TEXTS.frame.saved,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  const most = Math.floor(settings.keptBytesMax / MEGABYTE);
  const isLess = days < settings.keptDays || keptBytes < settings.usedBytes;
  const used = Math.ceil(settings.usedBytes / MEGABYTE).toLocaleString('en');
  return (
    <Card title={texts.log} lead={texts.logLead}>
      <form onSubmit={submit} className="grid gap-5">
        <SelectField
          label={texts.logLevel}
          value={level}
          onChange={({ target }) => form.change({ level: target.value as Level })}
        >
          {Object.entries(texts.logLevels).map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </SelectField>
        <div className="grid gap-5 sm:grid-cols-2">
          <TextField
            label={texts.logDays}
            type="number"
            min={1}
            max={DAYS_MAX}
            required
            value={days}
            fault={faultOf(save.error, 'keptDays')}
            onChange={({ target }) => form.change({ keptDays: Number(target.value) })}
          />
          <TextField
            label={texts.logMegabytes}
            hint={texts.logMost(`${most.toLocaleString('en')} MB`)}
            type="number"
            min={0}
            max={most}
            required
            value={megabytes}
            fault={faultOf(save.error, 'keptBytes')}
            onChange={({ target }) => form.change({ keptBytes: Number(target.value) * MEGABYTE })}
          />
        </div>
        <p className="text-sm text-quiet">
          {texts.logUsed(used, settings.entries.toLocaleString('en'))} {isLess && texts.logLess}
        </p>
        {save.isError && <ProblemNote error={save.error} />}
        <SaveRow isBusy={save.isPending} />
      </form>
    </Card>
  );
}
