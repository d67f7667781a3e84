/** The inputs of one condition, after its criterion's description. */
import { DurationField } from '../../look/amount.tsx';
import { SelectField, TextField } from '../../look/field.tsx';
import { TokensField } from '../../look/tokens.tsx';
import { WordsField } from '../../look/words-field.tsx';
import { CRITERIA, type Field } from './criteria.ts';
import type { Names } from './names.ts';
import { trimmed } from './policy-model.ts';

interface FieldsProps {
  readonly name: string;
  readonly config: unknown;
  readonly names: Names;
  /** What the API says of a field of the config. */
  readonly faultAt: (key: string) => string | undefined;
  readonly onChange: (config: unknown) => void;
}

type Config = Readonly<Record<string, unknown>>;

export function CriterionFields({ name, config, names, faultAt, onChange }: FieldsProps) {
  const view = CRITERIA[name];
  if (!view) return null;
  const parts: Config = typeof config === 'object' && config !== null ? (config as Config) : {};
  const change = (key: string, value: unknown) => {
    if (key === '') return onChange(value);
    const next = trimmed({ ...parts, [key]: value });
    onChange(view.isTrueWhenEmpty && Object.keys(next).length === 0 ? true : next);
  };
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      {view.fields.map((field) =>
        field.kind === 'path' ? (
          <PathFields key="path" pattern={parts} fault={faultAt('')} onChange={onChange} />
        ) : (
          <div key={field.key} className={field.kind === 'words' || view.fields.length === 1 ? 'sm:col-span-2' : ''}>
            <OneField
              field={field}
              value={field.key === '' ? config : parts[field.key]}
              names={names}
              fault={faultAt(field.key)}
              onChange={(value) => change(field.key, value)}
            />
          </div>
        ),
      )}
    </div>
  );
}

interface OneFieldProps {
  readonly field: Exclude<Field, { kind: 'path' }>;
  readonly value: unknown;
  readonly names: Names;
  readonly fault: string | undefined;
  readonly onChange: (value: unknown) => void;
}

function OneField({ field, value, names, fault, onChange }: OneFieldProps) {
  switch (field.kind) {
    case 'texts':
      return <TextsInput field={field} value={value} names={names} fault={fault} onChange={onChange} />;
    case 'words':
      return (
        <WordsField
          label={field.label}
          words={field.words}
          fault={fault}
          chosen={(value as readonly string[] | undefined) ?? []}
          onChange={onChange}
        />
      );
    case 'one':
      return (
        <SelectField
          label={field.label}
          value={String(value)}
          fault={fault}
          onChange={(event) => onChange(event.target.value)}
        >
          {Object.entries(field.words).map(([word, label]) => (
            <option key={word} value={word}>
              {label}
            </option>
          ))}
        </SelectField>
      );
    case 'duration':
      return (
        <DurationField label={field.label} value={value as number | undefined} fault={fault} onChange={onChange} />
      );
    case 'zone':
      return <ZoneField label={field.label} value={String(value ?? '')} fault={fault} onChange={onChange} />;
    case 'text':
      return (
        <TextField
          label={field.label}
          hint={field.hint}
          fault={fault}
          type={field.type ?? 'text'}
          value={String(value ?? '')}
          onChange={({ target }) => onChange(target.value)}
        />
      );
  }
}

function TextsInput({
  field,
  value,
  names,
  fault,
  onChange,
}: OneFieldProps & { readonly field: Extract<Field, { kind: 'texts' }> }) {
  const { label, hint, options, isNumber } = field;
  const values = ((value as readonly unknown[] | undefined) ?? []).map(String);
  return (
    <TokensField
      label={label}
      hint={hint}
      fault={fault}
      values={values}
      options={options ? names.optionsFor(options) : []}
      isOptionsOnly={options !== undefined && options !== 'lists'}
      labelOf={(one) => (options ? names.nameOf(options, one) : one)}
      onChange={(next) => onChange(isNumber ? next.map(Number) : next)}
      {...(options === 'users' && { onType: names.searchUsers })}
    />
  );
}

let zones: readonly string[] | undefined;

function ZoneField({
  label,
  value,
  fault,
  onChange,
}: {
  readonly label: string;
  readonly value: string;
  readonly fault: string | undefined;
  readonly onChange: (zone: string) => void;
}) {
  zones ??= ['UTC', ...Intl.supportedValuesOf('timeZone')];
  const known = zones.includes(value) || value === '' ? zones : [value, ...zones];
  return (
    <SelectField label={label} value={value} fault={fault} onChange={({ target }) => onChange(target.value)}>
      {known.map((zone) => (
        <option key={zone}>{zone}</option>
      ))}
    </SelectField>
  );
}

const PATH_KINDS = {
  prefix: 'begins with, in whole segments',
  exact: 'is exactly',
  glob: 'looks like (*, **, ?)',
  regex: 'matches the regular expression',
} as const;

/** A path pattern: one of four kinds, and whether capitals count. */
export function PathFields({
  pattern,
  fault,
  onChange,
}: {
  readonly pattern: Config;
  readonly fault: string | undefined;
  readonly onChange: (pattern: Config) => void;
}) {
  const kind = Object.keys(PATH_KINDS).find((key) => key in pattern) ?? 'prefix';
  const text = String(pattern[kind] ?? '');
  const { ignoreCase } = pattern;
  const change = (nextKind: string, nextText: string, fold: unknown) =>
    onChange({ [nextKind]: nextText, ...(fold === true && { ignoreCase: true }) });
  return (
    <>
      <SelectField label="The path" value={kind} onChange={({ target }) => change(target.value, text, ignoreCase)}>
        {Object.entries(PATH_KINDS).map(([value, label]) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </SelectField>
      <TextField
        label="Pattern"
        isCode
        value={text}
        fault={fault}
        onChange={({ target }) => change(kind, target.value, ignoreCase)}
      />
      <label className="flex items-center gap-2 text-sm sm:col-span-2">
        <input
          type="checkbox"
          className="size-4 accent-accent"
          checked={ignoreCase === true}
          onChange={({ target }) => change(kind, text, target.checked)}
        />
        Capitals and small letters are the same
      </label>
    </>
  );
}
