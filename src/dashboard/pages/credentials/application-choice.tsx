import { useState } from 'react';
import { answerOf } from '../../../api/client.ts';
import { api } from '../../frame/client.ts';
import { useSearchedList } from '../../frame/lists.ts';
import { TEXTS } from '../../texts/index.ts';

const texts = TEXTS.credentials;
const SHOWN_MAX = 6;

export interface ChosenApplication {
  readonly id: string;
  readonly name: string;
}

interface ApplicationChoiceProps {
  readonly value: ChosenApplication | undefined;
  readonly onChange: (application: ChosenApplication | undefined) => void;
}

/** One application of however many; the first few fit without a search. */
export function ApplicationChoice({ value, onChange }: ApplicationChoiceProps) {
  const [search, setSearch] = useState('');
  const list = useSearchedList('applications', search, (query) =>
    answerOf(api.GET('/resources', { params: { query } })),
  );
  const found = list.items.slice(0, SHOWN_MAX);
  return (
    <fieldset className="grid gap-2">
      <legend className="mb-1.5 text-sm font-medium">{texts.applications}</legend>
      {list.count > SHOWN_MAX || search !== '' ? (
        <input
          type="search"
          value={search}
          aria-label={texts.findApplication}
          placeholder={texts.findApplication}
          onChange={({ target }) => setSearch(target.value)}
          className="min-h-9 w-full rounded-lg border border-edge bg-raised px-3 text-sm"
        />
      ) : null}
      <div className="flex flex-wrap gap-2">
        {found.map(({ id, name, host }) => (
          <label
            key={id}
            title={host}
            className="cursor-pointer rounded-lg border border-edge bg-raised px-3 py-1.5 text-sm hover:border-faint has-checked:border-accent has-checked:bg-accent-soft has-focus-visible:outline-2 has-focus-visible:outline-accent"
          >
            <input
              type="radio"
              name="application"
              required
              className="sr-only"
              checked={value?.id === id}
              onChange={() => onChange({ id, name })}
            />
            {name}
          </label>
        ))}
      </div>
      <p className="text-sm text-quiet">{texts.applicationHint}</p>
    </fieldset>
  );
}
