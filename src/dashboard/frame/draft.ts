import { useState } from 'react';
import { isSame } from './reconcile.ts';

/** What somebody makes of a thing in a form. */
export interface Draft<Thing, Fields> {
  readonly fields: Fields;
  /** What they began with: it stays while they type, whatever comes in meanwhile. */
  readonly seen: Thing;
  readonly isChanged: boolean;
  readonly change: (part: Partial<Fields>) => void;
  readonly discard: () => void;
  /** Begins anew with another version; gives what brings this one back. */
  readonly begin: (thing: Thing) => () => void;
}

/** The fields of a form follow what is saved until one of them is changed. */
export function useDraft<Thing, Fields extends object>(
  saved: Thing,
  fieldsOf: (thing: Thing) => Fields,
): Draft<Thing, Fields> {
  const [begun, setBegun] = useState<{ readonly seen: Thing; readonly fields: Fields }>();
  const seen = begun ? begun.seen : saved;
  const fields = begun ? begun.fields : fieldsOf(saved);
  return {
    fields,
    seen,
    isChanged: begun !== undefined && !isSame(begun.fields, fieldsOf(begun.seen)),
    change: (part) =>
      setBegun((before) => ({
        seen: before ? before.seen : saved,
        fields: { ...(before ? before.fields : fieldsOf(saved)), ...part },
      })),
    discard: () => setBegun(undefined),
    begin: (thing) => {
      setBegun({ seen: thing, fields: fieldsOf(thing) });
      return () => setBegun(begun);
    },
  };
}

/** The fields of a form that makes something new, and what changes some of them. */
export function useFields<Fields extends object>(first: Fields): [Fields, (part: Partial<Fields>) => void] {
  const [fields, setFields] = useState(first);
  return [fields, (part) => setFields((before) => ({ ...before, ...part }))];
}
