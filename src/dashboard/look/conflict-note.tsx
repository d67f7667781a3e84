import { useState } from 'react';
import type { EditConflict } from '../frame/edit-conflict.ts';
import { type Difference, partsOf } from '../frame/reconcile.ts';
import { CONFLICT_TEXTS as texts } from '../texts/conflict.ts';
import { Button } from './button.tsx';

/** Long values are for the form; here they are recognised. */
const SHOWN_CHARS = 400;
const SHOWN_DIFFERENCES = 12;

/** Two people changed the same thing: what differs, and both ways on. Nothing was saved, and nothing is lost. */
export function ConflictNote({ conflict }: { readonly conflict: EditConflict }) {
  const [toMine, setToMine] = useState<() => void>();
  const { ways, theirs } = conflict;
  return (
    <section aria-label={texts.title} className="grid gap-4 rounded-xl bg-info-soft px-4 py-4 text-ink sm:px-5">
      <div role="alert">
        <p className="font-medium text-info">{theirs ? texts.title : texts.goneTitle}</p>
        <p className="mt-0.5 text-sm">{toMine ? texts.theirsShown : texts.lead}</p>
      </div>
      <Differences conflict={conflict} />
      {ways && (
        <div className="flex flex-wrap justify-end gap-2">
          {toMine ? (
            <Button
              onClick={() => {
                toMine();
                setToMine(undefined);
              }}
            >
              {texts.showMine}
            </Button>
          ) : (
            <>
              <Button
                onClick={() => {
                  const back = ways.showTheirs();
                  setToMine(() => back);
                }}
              >
                {texts.showTheirs}
              </Button>
              <Button kind="first" onClick={ways.saveMine}>
                {texts.saveMine}
              </Button>
            </>
          )}
        </div>
      )}
    </section>
  );
}

function Differences({ conflict }: { readonly conflict: EditConflict }) {
  const parts = conflict.differences.flatMap(partsOf);
  const more = parts.length - SHOWN_DIFFERENCES;
  return (
    <ul className="grid gap-3">
      {parts.slice(0, SHOWN_DIFFERENCES).map((part) => (
        <DifferenceRow key={part.path.join(' ')} part={part} conflict={conflict} />
      ))}
      {more > 0 && <li className="text-sm text-quiet">{texts.more(more)}</li>}
    </ul>
  );
}

function DifferenceRow({ part, conflict }: { readonly part: Difference; readonly conflict: EditConflict }) {
  const { labels = {}, tell } = conflict.words;
  const { path, seen, theirs, mine } = part;
  const [field = '', ...within] = path;
  const said = (value: unknown) => tell?.(value, path) ?? valueText(value);
  const versions = [
    [texts.seen, said(seen)],
    [texts.theirs, said(theirs)],
    [texts.mine, said(mine)],
  ] as const;
  return (
    <li className="min-w-0 rounded-lg border bg-raised px-3 py-2.5">
      <p className="text-sm font-medium break-words">{[labels[field] ?? wordsOf(field), ...within].join(' › ')}</p>
      <dl className="mt-1.5 grid gap-x-4 gap-y-2 text-sm sm:grid-cols-3">
        {versions.map(([label, text]) => (
          <div key={label} className="min-w-0">
            <dt className="text-quiet">{label}</dt>
            <dd className="break-words whitespace-pre-wrap">{shortened(text)}</dd>
          </div>
        ))}
      </dl>
    </li>
  );
}

/** `sessionIdleMs` as "session idle ms". */
function wordsOf(field: string): string {
  return field.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

function valueText(value: unknown): string {
  if (value == null || value === '' || (Array.isArray(value) && value.length === 0)) return texts.nothing;
  if (typeof value === 'boolean') return value ? texts.yes : texts.no;
  if (typeof value !== 'object') return String(value);
  if (Array.isArray(value)) return value.map(valueText).join(value.some(isObject) ? '\n' : ', ');
  return Object.entries(value)
    .map(([name, part]) => `${wordsOf(name)}: ${isObject(part) ? JSON.stringify(part) : valueText(part)}`)
    .join('\n');
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

function shortened(text: string): string {
  return text.length > SHOWN_CHARS ? `${text.slice(0, SHOWN_CHARS)} …` : text;
}
