import { X } from 'lucide-react';
import { Dialog as Radix } from 'radix-ui';
import type { ReactNode } from 'react';
import { TEXTS } from '../texts/index.ts';
import { Button } from './button.tsx';

interface DialogProps {
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly title: string;
  readonly lead?: ReactNode;
  readonly children?: ReactNode;
  readonly actions?: ReactNode;
}

/** A question or a short form over the page. Escape and a click beside it leave everything as it was. */
export function Dialog({ isOpen, onClose, title, lead, children, actions }: DialogProps) {
  return (
    <Radix.Root open={isOpen} onOpenChange={(open) => !open && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 bg-scrim" />
        <Radix.Content
          {...(!lead && { 'aria-describedby': undefined })}
          onOpenAutoFocus={focusFirstField}
          className="fixed inset-x-4 top-[8vh] z-50 mx-auto flex animate-over max-h-[84vh] max-w-lg flex-col overflow-hidden rounded-2xl border bg-sheet shadow-over"
        >
          <header className="flex items-start justify-between gap-4 px-6 pt-5">
            <div>
              <Radix.Title className="text-lg font-semibold">{title}</Radix.Title>
              {lead && <Radix.Description className="mt-1 text-sm text-quiet">{lead}</Radix.Description>}
            </div>
            <Radix.Close
              className="-mr-2 rounded-lg p-2 text-quiet hover:bg-accent-soft"
              aria-label={TEXTS.frame.close}
            >
              <X size={18} aria-hidden="true" />
            </Radix.Close>
          </header>
          <div className="overflow-y-auto overscroll-contain px-6 py-4">{children}</div>
          {actions && <footer className="flex flex-wrap justify-end gap-2 border-t px-6 py-4">{actions}</footer>}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

/** Whoever opens a form types next; by itself the focus would go to what closes it. A finger gets no keyboard that it did not ask for. */
function focusFirstField(event: Event): void {
  if (!matchMedia('(pointer: fine)').matches) return;
  const field = (event.currentTarget as HTMLElement).querySelector<HTMLElement>(
    'input:not([type=file], :disabled), select:not(:disabled), textarea:not(:disabled)',
  );
  if (!field) return;
  event.preventDefault();
  field.focus();
}

interface ConfirmProps {
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly title: string;
  /** What will happen, and what will not. */
  readonly consequence: ReactNode;
  readonly action: string;
  readonly isBusy?: boolean;
  readonly onConfirm: () => void;
}

/** Asked before something is done that cannot be taken back. */
export function Confirm({ isOpen, onClose, title, consequence, action, isBusy, onConfirm }: ConfirmProps) {
  return (
    <Dialog
      isOpen={isOpen}
      onClose={onClose}
      title={title}
      actions={
        <>
          <Button onClick={onClose}>{TEXTS.frame.cancel}</Button>
          <Button kind="final" isBusy={isBusy ?? false} onClick={onConfirm}>
            {action}
          </Button>
        </>
      }
    >
      <p>{consequence}</p>
    </Dialog>
  );
}
