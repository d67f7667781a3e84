import { Check, Copy } from 'lucide-react';
import { useState } from 'react';
import { TEXTS } from '../texts/index.ts';

const SHOWN_MS = 1600;

/** A command or secret with a button that copies it. */
export function CopyText({ text, label }: { readonly text: string; readonly label: string }) {
  const [isCopied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), SHOWN_MS);
  };
  return (
    <div className="flex items-stretch overflow-hidden rounded-lg border bg-ground max-sm:flex-col">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must take the focus */}
      <section className="flex-1 overflow-x-auto" aria-label={label} tabIndex={0}>
        <code className="block px-3 py-2.5 font-mono text-sm whitespace-pre max-sm:break-all max-sm:whitespace-pre-wrap">
          {text}
        </code>
      </section>
      <button
        type="button"
        onClick={copy}
        className="flex items-center justify-center gap-1.5 border-l px-3 text-sm font-medium text-quiet hover:bg-accent-soft hover:text-ink max-sm:min-h-10 max-sm:border-t max-sm:border-l-0"
      >
        {isCopied ? <Check size={15} aria-hidden="true" /> : <Copy size={15} aria-hidden="true" />}
        <span aria-live="polite">{isCopied ? TEXTS.frame.copied : TEXTS.frame.copy}</span>
      </button>
    </div>
  );
}
