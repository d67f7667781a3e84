/** Inputs of settings after a description of them: what a path of an object holds, and how it is written. */
import { BytesField, DurationField } from '../../../look/amount.tsx';
import { CheckField, SelectField, TextArea, TextField } from '../../../look/field.tsx';
import { TokensField } from '../../../look/tokens.tsx';
import { WordsField } from '../../../look/words-field.tsx';
import type { Draft } from './part-card.tsx';

interface Common {
  /** `perClient.requests`: where it stands below the part. */
  readonly path: string;
  readonly label: string;
  readonly hint?: string;
  /** What holds where it is empty; shown in its place. */
  readonly otherwise?: string;
  /** What is set along with it where that is empty, and taken away with all that is beside it. */
  readonly brings?: { readonly path: string; readonly value: unknown };
}

export type SettingField = Common &
  (
    | { readonly kind: 'bytes'; readonly unit?: string; readonly usual?: number }
    | { readonly kind: 'duration'; readonly usual?: number }
    | { readonly kind: 'number' | 'flag' | 'texts' | 'text' | 'area' }
    | { readonly kind: 'words' | 'one'; readonly words: Readonly<Record<string, string>> }
  );

export type Settings = Readonly<Record<string, unknown>>;

export function SettingFields({
  fields,
  draft,
}: {
  readonly fields: readonly SettingField[];
  readonly draft: Draft<Settings>;
}) {
  const { value = {}, change, faultAt } = draft;
  return (
    <div className="grid gap-5 sm:grid-cols-2">
      {fields.map((field) => (
        <div key={field.path} className={isWide(field) ? 'sm:col-span-2' : ''}>
          <OneSetting
            field={field}
            value={readPath(value, field.path)}
            fault={faultAt(`.${field.path}`)}
            onChange={(next) => change(written(value, field, next))}
          />
        </div>
      ))}
    </div>
  );
}

function written(value: Settings, { path, brings }: SettingField, next: unknown): Settings {
  if (!brings) return writePath(value, path, next);
  if (next === undefined) return writePath(value, path.slice(0, path.lastIndexOf('.')), undefined);
  const withIt = writePath(value, path, next);
  return readPath(value, brings.path) === undefined ? writePath(withIt, brings.path, brings.value) : withIt;
}

function isWide({ kind }: SettingField): boolean {
  return kind === 'words' || kind === 'texts' || kind === 'area' || kind === 'flag';
}

function OneSetting({
  field,
  value,
  fault,
  onChange,
}: {
  readonly field: SettingField;
  readonly value: unknown;
  readonly fault: string | undefined;
  readonly onChange: (value: unknown) => void;
}) {
  const { label, hint, otherwise } = field;
  const said = { label, fault, ...(hint !== undefined && { hint }) };
  const typed = (text: string) => onChange(text === '' ? undefined : text);
  switch (field.kind) {
    case 'bytes':
      return (
        <BytesField
          {...said}
          unit={field.unit ?? 'MiB'}
          otherwise={field.usual ?? otherwise}
          value={value as number | undefined}
          onChange={onChange}
        />
      );
    case 'duration':
      return (
        <DurationField
          {...said}
          otherwise={field.usual ?? otherwise}
          value={value as number | undefined}
          onChange={onChange}
        />
      );
    case 'flag':
      return (
        <CheckField
          {...said}
          checked={value === true}
          onChange={({ target }) => onChange(target.checked || undefined)}
        />
      );
    case 'number':
      return (
        <TextField
          {...said}
          type="number"
          placeholder={otherwise}
          value={String(value ?? '')}
          onChange={({ target }) => onChange(target.value === '' ? undefined : Number(target.value))}
        />
      );
    case 'text':
      return <TextField {...said} value={String(value ?? '')} onChange={({ target }) => typed(target.value)} />;
    case 'area':
      return (
        <TextArea
          {...said}
          rows={3}
          placeholder={otherwise}
          value={String(value ?? '')}
          onChange={({ target }) => typed(target.value)}
        />
      );
    case 'texts':
      return (
        <TokensField
          {...said}
          otherwise={otherwise}
          values={(value as readonly string[] | undefined) ?? []}
          onChange={(texts) => onChange(texts.length > 0 ? texts : undefined)}
        />
      );
    case 'words':
      return (
        <WordsField
          {...said}
          words={field.words}
          chosen={(value as readonly string[] | undefined) ?? []}
          onChange={(words) => onChange(words.length > 0 ? words : undefined)}
        />
      );
    case 'one':
      return (
        <SelectField {...said} value={String(value ?? '')} onChange={({ target }) => typed(target.value)}>
          {Object.entries(field.words).map(([word, shown]) => (
            <option key={word} value={word}>
              {shown}
            </option>
          ))}
        </SelectField>
      );
  }
}

function readPath(value: Settings, path: string): unknown {
  return path.split('.').reduce<unknown>((part, key) => (part as Settings | undefined)?.[key], value);
}

/** Objects that hold nothing any more are left out. */
function writePath(value: Settings, path: string, next: unknown): Settings {
  const [key = '', ...rest] = path.split('.');
  const { [key]: had, ...others } = value;
  const inner = rest.length === 0 ? next : writePath((had as Settings | undefined) ?? {}, rest.join('.'), next);
  const isNothing =
    inner === undefined ||
    (rest.length > 0 && typeof inner === 'object' && inner !== null && Object.keys(inner).length === 0);
  return isNothing ? others : { ...others, [key]: inner };
}
