import { TriangleAlert } from 'lucide-react';
import { lazy, Suspense } from 'react';
import { ApiProblem } from '../../api/client.ts';
import { EditConflict } from '../frame/edit-conflict.ts';
import { TEXTS } from '../texts/index.ts';
import { Button } from './button.tsx';

const ConflictNote = lazy(() =>
  import('./conflict-note.tsx').then(({ ConflictNote: component }) => ({ default: component })),
);

export function problemText(error: unknown): string {
  if (error instanceof ApiProblem) return error.problem.detail;
  return TEXTS.frame.unreachable;
}

/** What the API said of one field of a form. */
export function faultOf(error: unknown, path: string): string | undefined {
  if (!(error instanceof ApiProblem)) return undefined;
  const { problems } = error.problem;
  const found = problems?.find((problem) => problem.path === path || problem.path.endsWith(`.${path}`));
  return found && `${TEXTS.frame.expected} ${found.expected}`;
}

/** Whether fields of these names, or what they hold, say everything that was refused. */
export function isToldBeside(error: unknown, fields: readonly string[]): boolean {
  const problems = (error instanceof ApiProblem && error.problem.problems) || [];
  const isField = (path: string, field: string) =>
    path === field || path.endsWith(`.${field}`) || path.startsWith(`${field}.`) || path.startsWith(`${field}[`);
  return problems.length > 0 && problems.every(({ path }) => fields.some((field) => isField(path, field)));
}

/** Something could not be read or done; of a conflict with somebody else, what differs and how to go on. */
export function ProblemNote({ error, retry }: { readonly error: unknown; readonly retry?: () => void }) {
  if (error instanceof EditConflict)
    return (
      <Suspense fallback={<Loading />}>
        <ConflictNote conflict={error} />
      </Suspense>
    );
  return (
    <div role="alert" className="flex flex-wrap items-center gap-3 rounded-xl bg-bad-soft px-4 py-3 text-bad">
      <TriangleAlert size={18} aria-hidden="true" className="shrink-0" />
      <p className="min-w-0 flex-1">{problemText(error)}</p>
      {retry && <Button onClick={retry}>{TEXTS.frame.retry}</Button>}
    </div>
  );
}

export function Loading() {
  return (
    <div role="status" className="grid animate-appear place-items-center py-16 text-quiet">
      <span className="size-6 animate-spin rounded-full border-2 border-line border-t-accent" aria-hidden="true" />
      <span className="sr-only">{TEXTS.frame.loading}</span>
    </div>
  );
}
