/** Saving a form over what somebody saw in it, so that nothing that others changed meanwhile is lost. */
import type { UseMutationResult } from '@tanstack/react-query';
import { useRef } from 'react';
import { type Condition, type Edited, type Exchange, type Read, readTagged } from '../../api/changes.ts';
import { type AnswerOf, answerOf, type BodyOf } from '../../api/client.ts';
import { type Change, useChange } from './change.ts';
import { api } from './client.ts';
import type { Draft } from './draft.ts';
import { type ConflictWords, EditConflict } from './edit-conflict.ts';
import { type Place, saveSeen } from './save-seen.ts';

/** Fields may hold nothing, which is then what is saved. */
type Loose<Body> = object & { readonly [Field in keyof Body]: Body[Field] | undefined };

export interface Save<Thing, Fields, Now extends object | undefined, Body, Data>
  extends Omit<Change<void, Data>, 'run' | 'isForm'> {
  readonly draft: Draft<Thing, Fields>;
  readonly place: Place<Now, Body, Data>;
  readonly body: () => NoInfer<Loose<Body>>;
  readonly words?: ConflictWords;
}

/** Once it is saved the form follows what is there again. A conflict is the change's error, with the ways on from it. */
export function useSave<Thing, Fields, Now extends object | undefined, Body, Data>({
  draft,
  place,
  body,
  words = {},
  onDone,
  ...change
}: Save<Thing, Fields, Now, Body, Data>): UseMutationResult<Data, Error, void> {
  const accepted = useRef<object>(undefined);
  const saving: UseMutationResult<Data, Error, void> = useChange<void, Data>({
    ...change,
    isForm: true,
    run: async () => {
      try {
        const seen = (draft.seen ?? undefined) as object | undefined;
        return await saveSeen(place, { seen, mine: body(), accepted: accepted.current });
      } catch (error) {
        if (error instanceof EditConflict) lead(error);
        throw error;
      }
    },
    onDone: (data, input) => {
      accepted.current = undefined;
      draft.discard();
      return onDone?.(data, input);
    },
  });
  const lead = (conflict: EditConflict) => {
    conflict.words = words;
    conflict.ways = {
      saveMine: () => {
        accepted.current = conflict.theirs ?? {};
        saving.mutate();
      },
      showTheirs: () => draft.begin(conflict.theirs as Thing),
    };
  };
  return saving;
}

/** A thing that is read where it is changed. */
export interface PlainPlace<Thing, Body, Answer> {
  readonly read: () => Promise<Read<Thing>>;
  readonly write: (body: Body, condition: Condition) => Promise<Answer>;
}

type AnyOperation = (path: string, question: object) => Exchange<unknown>;

export function placeAt<Path extends Edited<'put'>>(
  asked: 'put',
  path: Path,
  ids?: Readonly<Record<string, string>>,
): PlainPlace<AnswerOf<'get', Path>, BodyOf<'put', Path>, AnswerOf<'put', Path>>;
export function placeAt<Path extends Edited<'patch'>>(
  asked: 'patch',
  path: Path,
  ids?: Readonly<Record<string, string>>,
): PlainPlace<AnswerOf<'get', Path>, BodyOf<'patch', Path>, AnswerOf<'patch', Path>>;
export function placeAt(
  asked: 'put' | 'patch',
  path: string,
  ids: Readonly<Record<string, string>> = {},
): PlainPlace<unknown, unknown, unknown> {
  const client = api as unknown as Readonly<Record<'GET' | 'PUT' | 'PATCH', AnyOperation>>;
  const params = { path: ids };
  const change = asked === 'put' ? client.PUT : client.PATCH;
  return {
    read: () => readTagged<unknown>(client.GET(path, { params })),
    write: (body, headers) => answerOf<unknown>(change(path, { params, body, headers })),
  };
}
