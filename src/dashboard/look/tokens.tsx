import { X } from 'lucide-react';
import { type KeyboardEvent, useId, useState } from 'react';
import { TEXTS } from '../texts/index.ts';
import { FieldNotes } from './field.tsx';

export interface Option {
  readonly value: string;
  readonly label: string;
}

/** Several texts, each of which can be taken away; options are proposed while one types. */
export function TokensField({
  label,
  hint,
  fault,
  values,
  options = [],
  isOptionsOnly,
  otherwise = TEXTS.policies.tokenHint,
  labelOf = (value) => value,
  onChange,
  onType,
}: {
  readonly label: string;
  readonly hint?: string | undefined;
  readonly fault?: string | undefined;
  readonly values: readonly string[];
  readonly options?: readonly Option[];
  /** Nothing else is taken. */
  readonly isOptionsOnly?: boolean;
  /** What holds where there is none. */
  readonly otherwise?: string | undefined;
  readonly labelOf?: (value: string) => string;
  readonly onChange: (values: readonly string[]) => void;
  readonly onType?: (text: string) => void;
}) {
  const id = useId();
  const [text, setText] = useState('');
  const optionOf = (typed: string) => {
    const wanted = typed.trim().toLowerCase();
    return options.find((one) => one.label.toLowerCase() === wanted || one.value.toLowerCase() === wanted);
  };
  /** Who types a part and ends it means the first that has it. */
  const firstWith = (typed: string) => {
    const part = typed.trim().toLowerCase();
    return part === '' ? undefined : options.find(({ label: shown }) => shown.toLowerCase().includes(part));
  };
  const add = (typed: string, isFinal: boolean) => {
    const option = optionOf(typed) ?? (isFinal && isOptionsOnly ? firstWith(typed) : undefined);
    const value = option?.value ?? (isFinal && !isOptionsOnly ? typed.trim() : '');
    if (value === '') return;
    if (!values.includes(value)) onChange([...values, value]);
    setText('');
    onType?.('');
  };
  const typed = (next: string) => {
    // A pasted list is taken apart.
    const parts = next.split(/[\n,;]/);
    if (parts.length > 1) {
      const found = parts.map((part) => optionOf(part)?.value ?? (isOptionsOnly ? '' : part.trim())).filter(Boolean);
      onChange([...new Set([...values, ...found])]);
      setText('');
      return;
    }
    setText(next);
    onType?.(next);
  };
  const pressed = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && text.trim() !== '') {
      event.preventDefault();
      add(text, true);
    } else if (event.key === 'Backspace' && text === '' && values.length > 0) onChange(values.slice(0, -1));
  };
  const described = [hint && `${id}-hint`, fault && `${id}-fault`].filter(Boolean).join(' ') || undefined;
  return (
    <div>
      <label htmlFor={id} className="mb-1 block text-sm font-medium">
        {label}
      </label>
      <div className="flex min-h-10 flex-wrap items-center gap-1.5 rounded-lg border border-edge bg-raised p-1.5 hover:border-faint focus-within:border-accent">
        {values.map((value) => (
          <span
            key={value}
            className="inline-flex items-center gap-1 rounded-md bg-accent-soft py-0.5 pr-1 pl-2 text-sm"
          >
            <span className="max-w-60 truncate">{labelOf(value)}</span>
            <button
              type="button"
              aria-label={TEXTS.policies.removeToken(labelOf(value))}
              onClick={() => onChange(values.filter((one) => one !== value))}
              className="rounded p-0.5 text-quiet hover:text-ink"
            >
              <X size={13} aria-hidden="true" />
            </button>
          </span>
        ))}
        <input
          id={id}
          list={options.length > 0 ? `${id}-options` : undefined}
          value={text}
          autoComplete="off"
          placeholder={values.length === 0 ? otherwise : undefined}
          aria-describedby={described}
          aria-invalid={fault ? true : undefined}
          onChange={({ target }) => typed(target.value)}
          onKeyDown={pressed}
          onBlur={() => add(text, !isOptionsOnly)}
          onInput={(event) => {
            // A chosen option comes whole, without a key.
            if ((event.nativeEvent as InputEvent).inputType === 'insertReplacementText')
              add(event.currentTarget.value, false);
          }}
          className="min-h-7 min-w-24 flex-1 bg-transparent px-1.5 text-sm outline-none placeholder:text-faint"
        />
        {options.length > 0 && (
          <datalist id={`${id}-options`}>
            {options
              .filter(({ value }) => !values.includes(value))
              .map(({ value, label: shown }) => (
                <option key={value} value={shown}>
                  {value === shown ? undefined : value}
                </option>
              ))}
          </datalist>
        )}
      </div>
      <FieldNotes id={id} hint={hint} fault={fault} />
    </div>
  );
}
