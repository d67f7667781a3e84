import { useState } from 'react';
import { answerOf } from '../../../api/client.ts';
import { api } from '../../frame/client.ts';
import { useSearchedList } from '../../frame/lists.ts';
import { TEXTS } from '../../texts/index.ts';
import { nameOf, type User } from './people-shape.ts';

const texts = TEXTS.people;
const SHOWN_MAX = 6;

interface PersonPickerProps {
  readonly except: readonly string[];
  readonly onChoose: (user: User) => void;
}

/** Finds somebody by name or address; the few who fit are buttons below. */
export function PersonPicker({ except, onChoose }: PersonPickerProps) {
  const [search, setSearch] = useState('');
  const choose = (user: User) => {
    onChoose(user);
    setSearch('');
  };
  return (
    <div className="grid gap-2">
      <input
        type="search"
        value={search}
        aria-label={texts.addMemberLabel}
        placeholder={texts.addMemberLabel}
        onChange={({ target }) => setSearch(target.value)}
        className="min-h-9 w-full max-w-xs rounded-lg border border-edge bg-raised px-3 text-sm"
      />
      {search.trim() !== '' && <Found search={search} except={except} onChoose={choose} />}
    </div>
  );
}

function Found({ search, except, onChoose }: PersonPickerProps & { readonly search: string }) {
  const users = useSearchedList('users', search, (query) => answerOf(api.GET('/users', { params: { query } })));
  const found = users.items.filter(({ id }) => !except.includes(id)).slice(0, SHOWN_MAX);
  if (!users.query.data) return null;
  if (found.length === 0) return <p className="text-sm text-quiet">{texts.noneFound}</p>;
  return (
    <ul className="flex flex-wrap gap-2">
      {found.map((user) => (
        <li key={user.id}>
          <button
            type="button"
            onClick={() => onChoose(user)}
            className="rounded-lg border bg-raised px-3 py-1.5 text-left text-sm hover:border-faint"
          >
            <span className="block font-medium">{nameOf(user)}</span>
            <span className="block text-xs text-quiet">{user.email}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}
