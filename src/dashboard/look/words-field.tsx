/** Some of a few words, as buttons that stay pressed. */
export function WordsField({
  label,
  words,
  chosen,
  hint,
  fault,
  onChange,
}: {
  readonly label: string;
  readonly words: Readonly<Record<string, string>>;
  readonly chosen: readonly string[];
  readonly hint?: string | undefined;
  readonly fault?: string | undefined;
  readonly onChange: (chosen: readonly string[]) => void;
}) {
  const change = (word: string, isChosen: boolean) =>
    onChange(Object.keys(words).filter((one) => (one === word ? isChosen : chosen.includes(one))));
  return (
    <fieldset>
      <legend className="mb-1 text-sm font-medium">{label}</legend>
      <div className="flex flex-wrap gap-1.5">
        {Object.entries(words).map(([word, shown]) => (
          <label
            key={word}
            className="cursor-pointer rounded-lg border border-edge bg-raised px-2.5 py-1 text-sm has-checked:border-accent has-checked:bg-accent-soft has-focus-visible:outline-2 has-focus-visible:outline-accent"
          >
            <input
              type="checkbox"
              className="sr-only"
              checked={chosen.includes(word)}
              onChange={({ target }) => change(word, target.checked)}
            />
            {shown}
          </label>
        ))}
      </div>
      {hint && <p className="mt-1 text-sm text-quiet">{hint}</p>}
      {fault && (
        <p role="alert" className="mt-1 text-sm text-bad">
          {fault}
        </p>
      )}
    </fieldset>
  );
}
