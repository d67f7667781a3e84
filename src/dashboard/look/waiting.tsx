import { CircleCheck } from 'lucide-react';
import type { ReactNode } from 'react';

/** Something is on its way; it turns green when it has come. Read out when it does. */
export function Waiting({
  hasCome,
  waiting,
  come,
}: {
  readonly hasCome: boolean;
  readonly waiting: ReactNode;
  readonly come: ReactNode;
}) {
  return (
    <p role="status" className="flex items-center gap-2.5 text-sm">
      {hasCome ? (
        <>
          <CircleCheck size={18} className="shrink-0 text-good" aria-hidden="true" />
          <span className="font-medium text-good">{come}</span>
        </>
      ) : (
        <>
          <span className="relative grid size-2.5 shrink-0" aria-hidden="true">
            <span className="absolute size-full animate-ping rounded-full bg-warn opacity-60" />
            <span className="size-full rounded-full bg-warn" />
          </span>
          <span className="text-quiet">{waiting}</span>
        </>
      )}
    </p>
  );
}
