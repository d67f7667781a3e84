import { SelectField } from '../../look/field.tsx';
import { TEXTS } from '../../texts/index.ts';

const DAY_MS = 86_400_000;
/** For how long a secret is good; null: until it is taken away. */
export const LIFETIMES_MS = {
  ...{ day: DAY_MS, week: 7 * DAY_MS, month: 30 * DAY_MS, year: 365 * DAY_MS },
  never: null,
} as const;
export type Lifetime = keyof typeof LIFETIMES_MS;

interface LifetimeFieldProps {
  readonly label: string;
  readonly of: readonly Lifetime[];
  readonly value: Lifetime;
  readonly onChange: (lifetime: Lifetime) => void;
}

export function LifetimeField({ label, of, value, onChange }: LifetimeFieldProps) {
  return (
    <SelectField label={label} value={value} onChange={({ target }) => onChange(target.value as Lifetime)}>
      {of.map((lifetime) => (
        <option key={lifetime} value={lifetime}>
          {TEXTS.credentials.endsIn[lifetime]}
        </option>
      ))}
    </SelectField>
  );
}
