/** Changing something: what was asked for is done, said, and everything that shows it is read anew. */
import { type UseMutationResult, useMutation, useQueryClient } from '@tanstack/react-query';
import { problemText } from '../look/problem.tsx';
import { useToast } from '../look/toast.tsx';

interface Change<Input, Data> {
  readonly run: (input: Input) => Promise<Data>;
  /** First part of the keys of queries that show it. */
  readonly shows: readonly string[];
  /** Said when it is done. */
  readonly done?: string | ((data: Data, input: Input) => string);
  /** A form shows its faults itself, where they are. */
  readonly isForm?: boolean;
  readonly onDone?: (data: Data, input: Input) => unknown;
  readonly onSettled?: () => void;
}

export function useChange<Input = void, Data = unknown>(
  change: Change<Input, Data>,
): UseMutationResult<Data, Error, Input> {
  const queryClient = useQueryClient();
  const toast = useToast();
  return useMutation<Data, Error, Input>({
    mutationFn: change.run,
    onSuccess: async (data, input) => {
      const { done } = change;
      if (done !== undefined) toast('good', typeof done === 'string' ? done : done(data, input));
      await Promise.all(change.shows.map((key) => queryClient.invalidateQueries({ queryKey: [key] })));
      await change.onDone?.(data, input);
    },
    onError: (error) => {
      if (!change.isForm) toast('bad', problemText(error));
    },
    onSettled: () => change.onSettled?.(),
  });
}
