import {
  type InputHTMLAttributes,
  type ReactNode,
  type SelectHTMLAttributes,
  type TextareaHTMLAttributes,
  useId,
} from 'react';
import { classes } from './classes.ts';

const INPUT =
  'w-full rounded-lg border border-edge bg-raised px-3 min-h-10 text-sm max-sm:text-base text-ink placeholder:text-faint hover:border-faint aria-invalid:border-bad disabled:bg-ground disabled:text-quiet';

interface FieldProps {
  readonly label: string;
  readonly hint?: ReactNode;
  /** What is wrong with the value. */
  readonly fault?: string | undefined;
}

/** What there is to say about a field; its input names these paragraphs as what describes it. */
export function FieldNotes({ id, hint, fault }: Pick<FieldProps, 'hint' | 'fault'> & { readonly id: string }) {
  return (
    <>
      {hint && (
        <p id={`${id}-hint`} className="mt-1 text-sm text-quiet">
          {hint}
        </p>
      )}
      {fault && (
        <p id={`${id}-fault`} role="alert" className="mt-1 text-sm text-bad">
          {fault}
        </p>
      )}
    </>
  );
}

/** A label, the input that `children` makes of the ids it is given, and what there is to say about it. */
function Field({
  label,
  hint,
  fault,
  children,
}: FieldProps & { readonly children: (id: string, describedBy: string | undefined) => ReactNode }) {
  const id = useId();
  const described = [hint && `${id}-hint`, fault && `${id}-fault`].filter(Boolean).join(' ');
  return (
    <div>
      <label htmlFor={id} className="mb-1 block text-sm font-medium">
        {label}
      </label>
      {children(id, described || undefined)}
      <FieldNotes id={id} hint={hint} fault={fault} />
    </div>
  );
}

type TextFieldProps = FieldProps & Omit<InputHTMLAttributes<HTMLInputElement>, 'id'> & { readonly isCode?: boolean };

export function TextField({ label, hint, fault, isCode, className, ...rest }: TextFieldProps) {
  return (
    <Field label={label} hint={hint} fault={fault}>
      {(id, describedBy) => (
        <input
          id={id}
          aria-describedby={describedBy}
          aria-invalid={fault ? true : undefined}
          className={classes(INPUT, isCode && 'font-mono text-sm', className)}
          {...rest}
        />
      )}
    </Field>
  );
}

export function TextArea({
  label,
  hint,
  fault,
  isCode,
  ...rest
}: FieldProps & Omit<TextareaHTMLAttributes<HTMLTextAreaElement>, 'id'> & { readonly isCode?: boolean }) {
  return (
    <Field label={label} hint={hint} fault={fault}>
      {(id, describedBy) => (
        <textarea
          id={id}
          aria-describedby={describedBy}
          aria-invalid={fault ? true : undefined}
          className={classes(INPUT, 'py-2', isCode && 'font-mono text-sm')}
          spellCheck={!isCode}
          {...rest}
        />
      )}
    </Field>
  );
}

export function SelectField({
  label,
  hint,
  fault,
  children,
  ...rest
}: FieldProps & Omit<SelectHTMLAttributes<HTMLSelectElement>, 'id'>) {
  return (
    <Field label={label} hint={hint} fault={fault}>
      {(id, describedBy) => (
        <select id={id} aria-describedby={describedBy} className={classes(INPUT, 'truncate')} {...rest}>
          {children}
        </select>
      )}
    </Field>
  );
}

/** One of several ways, each with what it means. */
export function Choices<Value extends string>({
  legend,
  value,
  options,
  isSideBySide,
  onChange,
}: {
  readonly legend: string;
  readonly value: Value;
  /** In two columns, where there is room. */
  readonly isSideBySide?: boolean;
  readonly options: readonly { readonly value: Value; readonly label: string; readonly hint?: string }[];
  readonly onChange: (value: Value) => void;
}) {
  const name = useId();
  return (
    <fieldset>
      <legend className="mb-1.5 text-sm font-medium">{legend}</legend>
      <div className={classes('grid gap-2', isSideBySide && 'sm:grid-cols-2')}>
        {options.map((option) => (
          <label
            key={option.value}
            className="flex cursor-pointer gap-3 rounded-lg border border-edge bg-raised px-3.5 py-2.5 hover:border-faint has-checked:border-accent has-checked:bg-accent-soft"
          >
            <input
              type="radio"
              name={name}
              value={option.value}
              checked={option.value === value}
              onChange={() => onChange(option.value)}
              className="mt-0.5 size-4 shrink-0 accent-accent"
            />
            <span>
              <span className="block text-sm font-medium">{option.label}</span>
              {option.hint && <span className="block text-sm text-quiet">{option.hint}</span>}
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

export function CheckField({
  label,
  hint,
  ...rest
}: Omit<InputHTMLAttributes<HTMLInputElement>, 'id' | 'type'> & { readonly label: string; readonly hint?: string }) {
  const id = useId();
  return (
    <div className="flex gap-3">
      <input
        id={id}
        type="checkbox"
        aria-describedby={hint ? `${id}-hint` : undefined}
        className="mt-0.5 size-4 shrink-0 accent-accent"
        {...rest}
      />
      <div>
        <label htmlFor={id} className="block text-sm font-medium">
          {label}
        </label>
        {hint && (
          <p id={`${id}-hint`} className="text-sm text-quiet">
            {hint}
          </p>
        )}
      </div>
    </div>
  );
}
