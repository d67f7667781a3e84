import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { answerOf, type paths } from '../../../api/client.ts';
import { useChange } from '../../frame/change.ts';
import { api } from '../../frame/client.ts';
import { useDraft } from '../../frame/draft.ts';
import { placeAt, useSave } from '../../frame/save.ts';
import { Badge } from '../../look/badge.tsx';
import { Button } from '../../look/button.tsx';
import { Confirm } from '../../look/dialog.tsx';
import { CheckField, SelectField, TextField } from '../../look/field.tsx';
import { FormDialog } from '../../look/form-dialog.tsx';
import { Card } from '../../look/page.tsx';
import { TEXTS } from '../../texts/index.ts';

const texts = TEXTS.captures;
const moment = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' });
const KILOBYTE = 1024;
const HOUR_MS = 3_600_000;

type State = paths['/resources/{id}/capture']['get']['responses'][200]['content']['application/json'];
type Settings = NonNullable<State['capture']>;

/** Whether requests to an application are captured; for who may see that. */
export function CaptureSettings({ id }: { readonly id: string }) {
  const [asked, setAsked] = useState<'change' | 'remove'>();
  const query = useQuery({
    queryKey: ['applications', id, 'capture'],
    queryFn: () => answerOf(api.GET('/resources/{id}/capture', { params: { path: { id } } })),
    retry: false,
  });
  const turnOff = useChange({
    run: () => answerOf(api.PUT('/resources/{id}/capture', { params: { path: { id } }, body: { capture: null } })),
    shows: ['applications'],
    done: texts.turnedOff,
  });
  const remove = useChange({
    run: () => answerOf(api.DELETE('/resources/{id}/captures', { params: { path: { id } } })),
    shows: ['applications', 'requests'],
    done: texts.removed,
    onSettled: () => setAsked(undefined),
  });
  if (!query.data) return null;
  const { capture, kept, lost } = query.data;
  return (
    <Card title={texts.settings}>
      <div className="grid gap-4">
        <p className="max-w-2xl text-sm text-quiet">{texts.settingsLead}</p>
        <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <Badge standing={capture ? 'good' : 'none'}>{capture ? texts.on : texts.off}</Badge>
          {capture?.untilUnixMs && <span>{texts.onUntil(moment.format(capture.untilUnixMs))}</span>}
          {capture && (
            <span className="text-sm text-quiet">
              {texts.summary(capture.bodies, capture.keptCaptures, capture.keptHours)}
            </span>
          )}
        </p>
        {kept.entries > 0 && (
          <p className="text-sm">
            {texts.keptNow(kept.entries, `${Math.ceil(kept.bytes / KILOBYTE).toLocaleString('en')} kB`)}{' '}
            <Link to="/requests" search={{ resourceId: id } as never} className="text-accent underline">
              {texts.look}
            </Link>
          </p>
        )}
        {lost && <p className="text-sm text-quiet">{texts.lost(lost.captures, moment.format(lost.unixMs))}</p>}
        <div className="flex flex-wrap gap-2">
          <Button onClick={() => setAsked('change')}>{capture ? texts.change : texts.turnOn}</Button>
          {capture && (
            <Button isBusy={turnOff.isPending} onClick={() => turnOff.mutate()}>
              {texts.turnOff}
            </Button>
          )}
          {kept.entries > 0 && <Button onClick={() => setAsked('remove')}>{texts.remove}</Button>}
        </div>
      </div>
      {asked === 'change' && <Change id={id} state={query.data} onClose={() => setAsked(undefined)} />}
      <Confirm
        isOpen={asked === 'remove'}
        onClose={() => setAsked(undefined)}
        title={texts.removeAsk}
        consequence={texts.removeConsequence}
        action={texts.remove}
        isBusy={remove.isPending}
        onConfirm={() => remove.mutate()}
      />
    </Card>
  );
}

const AT_FIRST: Settings = {
  ...{ bodies: true, bodyBytes: 64 * KILOBYTE, keptCaptures: 100, keptBytes: 16 * KILOBYTE * KILOBYTE, keptHours: 24 },
  ...{ hiddenNames: [], untilUnixMs: null },
};

function Change({ id, state, onClose }: { readonly id: string; readonly state: State; readonly onClose: () => void }) {
  const { capture } = state;
  const form = useDraft(state, (seen) => {
    const settings = seen.capture ?? AT_FIRST;
    return { ...settings, hidden: settings.hiddenNames.join(', '), hours: '' };
  });
  const { fields, change } = form;
  const { hidden, hours, ...draft } = fields;
  const put = useSave({
    draft: form,
    place: placeAt('put', '/resources/{id}/capture', { id }),
    body: () => ({
      capture: {
        ...draft,
        hiddenNames: hidden.split(/[\s,]+/).filter((name) => name !== ''),
        untilUnixMs: hours === '' ? null : Date.now() + Number(hours) * HOUR_MS,
      },
    }),
    words: { labels: { capture: texts.settings } },
    shows: ['applications'],
    done: texts.saved,
    onDone: onClose,
  });
  return (
    <FormDialog
      title={texts.settings}
      action={capture ? TEXTS.frame.save : texts.turnOn}
      change={put}
      onClose={onClose}
    >
      <SelectField label={texts.until} value={hours} onChange={({ target }) => change({ hours: target.value })}>
        {Object.entries(texts.spans).map(([value, label]) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </SelectField>
      <CheckField
        label={texts.bodies}
        hint={texts.bodiesHint}
        checked={draft.bodies}
        onChange={({ target }) => change({ bodies: target.checked })}
      />
      {draft.bodies && (
        <NumberField
          label={texts.bodyKilobytes}
          hint={texts.bodyKilobytesHint}
          most={256}
          value={Math.ceil(draft.bodyBytes / KILOBYTE)}
          onChange={(kilobytes) => change({ bodyBytes: kilobytes * KILOBYTE })}
        />
      )}
      <NumberField
        label={texts.keptCaptures}
        hint={texts.keptCapturesHint}
        most={1000}
        value={draft.keptCaptures}
        onChange={(keptCaptures) => change({ keptCaptures })}
      />
      <NumberField
        label={texts.keptHours}
        hint={texts.keptHoursHint}
        most={168}
        value={draft.keptHours}
        onChange={(keptHours) => change({ keptHours })}
      />
      <TextField
        label={texts.hiddenNames}
        hint={texts.hiddenNamesHint}
        value={hidden}
        onChange={({ target }) => change({ hidden: target.value })}
      />
    </FormDialog>
  );
}

function NumberField({
  label,
  hint,
  most,
  value,
  onChange,
}: {
  readonly label: string;
  readonly hint: string;
  readonly most: number;
  readonly value: number;
  readonly onChange: (value: number) => void;
}) {
  return (
    <TextField
      label={label}
      hint={hint}
      type="number"
      required
      min={1}
      max={most}
      value={value === 0 ? '' : String(value)}
      onChange={({ target }) => onChange(Number(target.value))}
    />
  );
}
