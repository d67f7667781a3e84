import { Search } from 'lucide-react';

/** Narrows the list below it while one types. */
export function SearchField({
  label,
  value,
  onChange,
}: {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
}) {
  return (
    <div className="relative px-5 pb-4 max-sm:w-full">
      <Search size={15} aria-hidden="true" className="pointer-events-none absolute top-2.5 left-8 text-quiet" />
      <input
        type="search"
        value={value}
        onChange={({ target }) => onChange(target.value)}
        placeholder={label}
        aria-label={label}
        className="min-h-9 w-full rounded-lg border border-edge bg-raised pr-3 pl-9 text-sm placeholder:text-quiet hover:border-faint sm:w-80"
      />
    </div>
  );
}
