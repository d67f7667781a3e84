import { Search } from 'lucide-react';
import { lazy, Suspense, useEffect, useState } from 'react';
import { TEXTS } from '../texts/index.ts';

const texts = TEXTS.palette;
const Palette = lazy(() => import('./palette.tsx').then(({ Palette: component }) => ({ default: component })));
const IS_MAC = /Mac|iP(hone|ad)/.test(navigator.userAgent);

/** Opens the search for everything, by a click or by Ctrl K on any page. */
export function PaletteButton({ may }: { readonly may: ReadonlySet<string> }) {
  const [isOpen, setOpen] = useState(false);
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey) || event.altKey) return;
      event.preventDefault();
      setOpen((before) => !before);
    };
    addEventListener('keydown', pressed);
    return () => removeEventListener('keydown', pressed);
  }, []);
  return (
    <>
      <button
        type="button"
        aria-haspopup="dialog"
        aria-keyshortcuts={IS_MAC ? 'Meta+K' : 'Control+K'}
        onClick={() => setOpen(true)}
        className="flex min-h-9 items-center gap-2.5 rounded-lg border bg-ground px-3 text-sm text-quiet hover:border-faint hover:text-ink"
      >
        <Search size={15} aria-hidden="true" className="shrink-0" />
        {texts.open}
        <kbd className="ml-auto rounded pointer-coarse:hidden border bg-sheet px-1.5 font-sans text-xs">
          {IS_MAC ? texts.keys.mac : texts.keys.other}
        </kbd>
      </button>
      {isOpen && (
        <Suspense>
          <Palette may={may} onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}
