/**
 * Changing something: what was asked for is done, said, and everything that shows it is read anew. Where it is known
 * what will come of it, that is shown at once, and taken back where it is refused.
 */
import {
  type InferDataFromTag,
  type QueryClient,
  type QueryKey,
  type UseMutationResult,
  useMutation,
  useQueryClient,
} from '@tanstack/react-query';
import { problemText } from '../look/problem.tsx';
import { useToast } from '../look/toast.tsx';
import { EditConflict } from './edit-conflict.ts';

export interface Change<Input, Data> {
  readonly run: (input: Input) => Promise<Data>;
  /** First part of the keys of queries that show it. */
  readonly shows: readonly string[];
  /** What is shown until the answer is there. Changes of the same thing wait for one another. */
  readonly ahead?: Ahead<Input>;
  /** Said when it is done. */
  readonly done?: string | ((data: Data, input: Input) => string);
  /** A form shows its faults itself, where they are. */
  readonly isForm?: boolean;
  /** Where the page itself shows what is gone afterwards: leads away, before that is asked for once more. */
  readonly leave?: () => Promise<void>;
  readonly onDone?: (data: Data, input: Input) => unknown;
  readonly onSettled?: () => void;
}

interface Ahead<Input> {
  readonly queryKey: QueryKey;
  readonly next: (shown: unknown, input: Input) => unknown;
}

/** What a query will answer once a change is done, from what it answered last. */
export function ahead<Key extends QueryKey, Input>(
  { queryKey }: { readonly queryKey: Key },
  next: (shown: InferDataFromTag<unknown, Key>, input: Input) => InferDataFromTag<unknown, Key>,
): Ahead<Input> {
  return { queryKey, next: next as Ahead<Input>['next'] };
}

export function useChange<Input = void, Data = unknown>(
  change: Change<Input, Data>,
): UseMutationResult<Data, Error, Input> {
  const queryClient = useQueryClient();
  const toast = useToast();
  const same = change.ahead && { mutationKey: change.ahead.queryKey, exact: true };
  const readAnew = async () => {
    // While another change of the same thing waits, its outcome is shown already; that one reads anew.
    if (same && queryClient.isMutating(same) > 1) return;
    await Promise.all(change.shows.map((key) => queryClient.invalidateQueries({ queryKey: [key] })));
  };
  return useMutation<Data, Error, Input, (() => void) | undefined>({
    ...(same && { mutationKey: same.mutationKey, scope: { id: JSON.stringify(same.mutationKey) } }),
    mutationFn: change.run,
    onMutate: (input) => change.ahead && showAhead(queryClient, change.ahead, input),
    onSuccess: async (data, input) => {
      await change.leave?.();
      await readAnew();
      const { done } = change;
      if (done !== undefined) toast('good', typeof done === 'string' ? done : done(data, input));
      await change.onDone?.(data, input);
    },
    onError: (error, _input, takeBack) => {
      if (!change.isForm) toast('bad', problemText(error));
      takeBack?.();
      // What was refused may have been refused because it is different by now.
      if (change.ahead || error instanceof EditConflict) void readAnew();
    },
    onSettled: () => change.onSettled?.(),
  });
}

/** Gives what takes it back. */
async function showAhead<Input>(
  queryClient: QueryClient,
  { queryKey, next }: Ahead<Input>,
  input: Input,
): Promise<() => void> {
  // An answer that is on its way says how it was before.
  await queryClient.cancelQueries({ queryKey });
  const before = queryClient.getQueryData(queryKey);
  if (before === undefined) return () => undefined;
  queryClient.setQueryData(queryKey, next(before, input));
  return () => queryClient.setQueryData(queryKey, before);
}
