import { CircleCheck, TriangleAlert } from 'lucide-react';
import { createContext, type ReactNode, useCallback, useContext, useMemo, useState } from 'react';

interface Toast {
  readonly id: number;
  readonly standing: 'good' | 'bad';
  readonly text: string;
}

const SHOWN_MS = 5_000;
let lastId = 0;

const ToastContext = createContext<(standing: Toast['standing'], text: string) => void>(() => undefined);

/** Says in a corner, for a moment, what came of something. */
export function useToast() {
  return useContext(ToastContext);
}

export function ToastProvider({ children }: { readonly children: ReactNode }) {
  const [toasts, setToasts] = useState<readonly Toast[]>([]);
  const show = useCallback((standing: Toast['standing'], text: string) => {
    const id = ++lastId;
    setToasts((present) => [...present.slice(-3), { id, standing, text }]);
    setTimeout(() => setToasts((present) => present.filter((toast) => toast.id !== id)), SHOWN_MS);
  }, []);
  const value = useMemo(() => show, [show]);
  return (
    <ToastContext value={value}>
      {children}
      <div
        aria-live="polite"
        className="pointer-events-none fixed right-4 bottom-4 z-60 grid w-[min(24rem,calc(100vw-2rem))] gap-2"
      >
        {toasts.map(({ id, standing, text }) => (
          <div
            key={id}
            className="pointer-events-auto flex gap-3 rounded-xl border bg-raised px-4 py-3 text-sm shadow-over"
          >
            {standing === 'good' ? (
              <CircleCheck size={18} className="mt-0.5 shrink-0 text-good" aria-hidden="true" />
            ) : (
              <TriangleAlert size={18} className="mt-0.5 shrink-0 text-bad" aria-hidden="true" />
            )}
            <p className="min-w-0 break-words">{text}</p>
          </div>
        ))}
      </div>
    </ToastContext>
  );
}
