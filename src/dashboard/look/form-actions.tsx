import { TEXTS } from '../texts/index.ts';
import { Button } from './button.tsx';

/** The end of a form on a page: Save stands below the last field, at the right, in every card. */
export function SaveRow({ isBusy, isIdle }: { readonly isBusy: boolean; readonly isIdle?: boolean }) {
  return (
    <div className="flex justify-end">
      <Button kind="first" type="submit" isBusy={isBusy} disabled={isIdle}>
        {TEXTS.frame.save}
      </Button>
    </div>
  );
}

/** The end of a form in a dialog: leave everything as it was, or send it. */
export function FormActions({
  action,
  isBusy,
  onCancel,
}: {
  readonly action: string;
  readonly isBusy: boolean;
  readonly onCancel: () => void;
}) {
  return (
    <div className="flex justify-end gap-2">
      <Button onClick={onCancel}>{TEXTS.frame.cancel}</Button>
      <Button kind="first" type="submit" isBusy={isBusy}>
        {action}
      </Button>
    </div>
  );
}
