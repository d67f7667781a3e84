import { TEXTS } from '../texts/index.ts';
import { Button } from './button.tsx';

interface SaveRowProps {
  readonly isBusy: boolean;
  /** There is nothing to save. */
  readonly isIdle?: boolean;
  /** Of a form that is short until somebody changes something: then it can be saved, or left as it was. */
  readonly onDiscard?: () => void;
}

/** The end of a form on a page: Save stands below the last field, at the right, in every card. */
export function SaveRow({ isBusy, isIdle, onDiscard }: SaveRowProps) {
  if (onDiscard && isIdle && !isBusy) return null;
  return (
    <div className="flex flex-wrap justify-end gap-2">
      {onDiscard && <Button onClick={onDiscard}>{TEXTS.frame.discard}</Button>}
      <Button kind="first" type="submit" isBusy={isBusy} disabled={isIdle}>
        {TEXTS.frame.save}
      </Button>
    </div>
  );
}

interface FormActionsProps {
  readonly action: string;
  readonly isBusy: boolean;
  readonly onCancel: () => void;
}

/** The end of a form in a dialog: leave everything as it was, or send it. */
export function FormActions({ action, isBusy, onCancel }: FormActionsProps) {
  return (
    // In reach however long the form is.
    <div className="sticky -bottom-4 -mx-6 -mb-4 flex justify-end gap-2 border-t bg-sheet px-6 py-4">
      <Button onClick={onCancel}>{TEXTS.frame.cancel}</Button>
      <Button kind="first" type="submit" isBusy={isBusy}>
        {action}
      </Button>
    </div>
  );
}
