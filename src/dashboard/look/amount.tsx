import { useId, useState } from 'react';
import { amountOf, ofUnit, SIZES, TIMES, type Units } from './durations.ts';
import { FieldNotes } from './field.tsx';

interface AmountProps {
  readonly label: string;
  readonly value: number | undefined;
  readonly fault?: string | undefined;
  readonly hint?: string | undefined;
  /** What holds where it is empty: an amount, or words such as "No limit". */
  readonly otherwise?: number | string | undefined;
  readonly onChange: (value: number | undefined) => void;
}

/** A number with its unit; empty, nothing is said. */
function AmountField({
  label,
  value,
  fault,
  hint,
  otherwise,
  units,
  first,
  onChange,
}: AmountProps & { readonly units: Units; readonly first: string }) {
  const [usual, usualUnit] = typeof otherwise === 'number' ? amountOf(otherwise, units) : [otherwise, first];
  const [chosen, setChosen] = useState(usualUnit);
  const [amount, unit] = value === undefined ? [undefined, chosen] : amountOf(value, units);
  // In another unit the number would be another.
  const isShown = typeof otherwise !== 'number' || unit === usualUnit;
  const id = useId();
  const described = [hint && `${id}-hint`, fault && `${id}-fault`].filter(Boolean).join(' ') || undefined;
  return (
    <div>
      <label htmlFor={id} className="mb-1 block text-sm font-medium">
        {label}
      </label>
      <div className="flex gap-2">
        <input
          id={id}
          type="number"
          min={0}
          aria-describedby={described}
          aria-invalid={fault ? true : undefined}
          value={amount ?? ''}
          placeholder={isShown && usual !== undefined ? String(usual) : undefined}
          onChange={({ target }) =>
            onChange(target.value === '' ? undefined : ofUnit(Math.max(0, Number(target.value)), unit, units))
          }
          className="min-h-10 w-full min-w-16 rounded-lg border border-edge bg-raised px-3 text-sm placeholder:text-faint hover:border-faint aria-invalid:border-bad max-sm:text-base"
        />
        <select
          aria-label={`${label}: unit`}
          value={unit}
          onChange={({ target }) => {
            setChosen(target.value);
            if (amount !== undefined) onChange(ofUnit(amount, target.value, units));
          }}
          className="min-h-10 rounded-lg border border-edge bg-raised px-3 text-sm hover:border-faint max-sm:text-base"
        >
          {units.map(([name]) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </div>
      <FieldNotes id={id} hint={hint} fault={fault} />
    </div>
  );
}

/** A length of time, in milliseconds. */
export function DurationField(props: AmountProps) {
  return <AmountField {...props} units={TIMES} first="minutes" />;
}

/** A size, in bytes. */
export function BytesField({ unit, ...props }: AmountProps & { readonly unit: string }) {
  return <AmountField {...props} units={SIZES} first={unit} />;
}
