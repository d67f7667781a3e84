import { useNavigate } from '@tanstack/react-router';
import { CornerDownLeft, Search } from 'lucide-react';
import { Dialog as Radix } from 'radix-ui';
import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import { classes } from '../look/classes.ts';
import { TEXTS } from '../texts/index.ts';
import { useSettled } from './lists.ts';
import { isFound, namedPlaces, type Place } from './places.ts';
import { useFoundThings } from './things.ts';

const texts = TEXTS.palette;

interface PaletteProps {
  readonly may: ReadonlySet<string>;
  readonly onClose: () => void;
}

/** Goes anywhere by typing its name: pages, and what is published, connected and allowed. */
export function Palette({ may, onClose }: PaletteProps) {
  const [search, setSearch] = useState('');
  const [chosen, setChosen] = useState(0);
  const navigate = useNavigate();
  const id = useId();
  const things = useFoundThings(may, useSettled(search.trim()));
  // What was found for fewer letters is told until the answer for all of them is there, as far as it fits them.
  const fitting = things.filter(({ name, detail }) => isFound(search.trim(), name, detail));
  const places = [...(search.trim() === '' ? [] : fitting), ...namedPlaces(may, search.trim())];
  const at = Math.min(chosen, Math.max(0, places.length - 1));
  const go = (place: Place | undefined) => {
    if (!place) return;
    onClose();
    void navigate({ to: place.to as never });
  };
  const pressed = (event: KeyboardEvent) => {
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: places.length - 1 }[event.key];
    if (event.key === 'Enter') go(places[at]);
    else if (next === undefined || places.length === 0) return;
    else setChosen((next + places.length) % places.length);
    event.preventDefault();
  };
  return (
    <Radix.Root open onOpenChange={(open) => !open && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 bg-scrim" />
        <Radix.Content className="fixed inset-x-4 top-[10vh] z-50 mx-auto flex max-h-[70vh] animate-over max-w-xl flex-col overflow-hidden rounded-2xl border bg-raised shadow-over">
          <Radix.Title className="sr-only">{texts.title}</Radix.Title>
          <Radix.Description className="sr-only">{texts.help}</Radix.Description>
          <div className="flex items-center gap-3 border-b px-4">
            <Search size={18} aria-hidden="true" className="shrink-0 text-quiet" />
            <input
              role="combobox"
              aria-label={texts.title}
              aria-expanded="true"
              aria-controls={`${id}-list`}
              aria-activedescendant={places.length > 0 ? `${id}-${at}` : undefined}
              aria-autocomplete="list"
              autoComplete="off"
              spellCheck={false}
              placeholder={texts.placeholder}
              value={search}
              onChange={({ target }) => {
                setSearch(target.value);
                setChosen(0);
              }}
              onKeyDown={pressed}
              className="min-h-13 min-w-0 flex-1 bg-transparent outline-none placeholder:text-quiet"
            />
          </div>
          <p role="status" className="sr-only">
            {texts.found(places.length)}
          </p>
          {places.length === 0 ? (
            <p className="px-4 py-6 text-center text-sm text-quiet">{texts.none}</p>
          ) : (
            <Places id={id} places={places} at={at} onPoint={setChosen} onGo={go} />
          )}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

interface PlacesProps {
  readonly id: string;
  readonly places: readonly Place[];
  readonly at: number;
  readonly onPoint: (index: number) => void;
  readonly onGo: (place: Place) => void;
}

function Places({ id, places, at, onPoint, onGo }: PlacesProps) {
  const chosen = useRef<HTMLDivElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another one was chosen
  useEffect(() => {
    void chosen.current?.scrollIntoView({ block: 'nearest' });
  }, [at, places.length]);
  const numbered = places.map((place, index) => ({ place, index }));
  const groups = [...Map.groupBy(numbered, ({ place }) => place.group)];
  return (
    // The focus stays in the field, which says what is chosen here.
    <div id={`${id}-list`} role="listbox" aria-label={texts.title} className="overflow-y-auto p-2">
      {groups.map(([group, members]) => (
        // biome-ignore lint/a11y/useSemanticElements: a fieldset is no part of a listbox
        <div key={group} role="group" aria-labelledby={`${id}-${group}`} className="pb-1.5">
          <p id={`${id}-${group}`} className="px-3 pt-2 pb-1 text-xs font-medium text-quiet">
            {texts.groups[group]}
          </p>
          {members.map(({ place, index }) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: keys are heard by the field
            // biome-ignore lint/a11y/useFocusableInteractive: as above
            <div
              key={place.key}
              ref={index === at ? chosen : undefined}
              id={`${id}-${index}`}
              role="option"
              aria-selected={index === at}
              onClick={() => onGo(place)}
              onPointerMove={() => index !== at && onPoint(index)}
              className={classes(
                'flex cursor-pointer scroll-my-10 items-center gap-3 rounded-lg px-3 py-2 text-sm',
                index === at && 'bg-accent-soft',
              )}
            >
              <span className="min-w-0 truncate">{place.name}</span>
              {place.detail && <span className="min-w-0 flex-1 truncate text-quiet">{place.detail}</span>}
              {index === at && <CornerDownLeft size={15} aria-hidden="true" className="ml-auto shrink-0 text-quiet" />}
            </div>
          ))}
        </div>
      ))}
    </div>
  );
}
