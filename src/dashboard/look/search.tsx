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
    <div className="px-5 pb-4">
      <input
        type="search"
        value={value}
        onChange={({ target }) => onChange(target.value)}
        placeholder={label}
        aria-label={label}
        className="min-h-9 w-full max-w-xs rounded-lg border bg-ground px-3 text-sm"
      />
    </div>
  );
}
