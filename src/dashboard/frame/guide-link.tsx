import { Link } from '@tanstack/react-router';
import { Sparkles } from 'lucide-react';
import { TEXTS } from '../texts/index.ts';
import { STEPS, useGuide } from './guide.ts';

const texts = TEXTS.start;

/** Leads back to the first steps, until they are done. */
export function GuideLink() {
  const guide = useGuide();
  if (!guide?.isShown) return null;
  const done = guide.doneSteps.size;
  return (
    <Link
      to="/start"
      className="mb-4 block rounded-xl border bg-raised px-3 py-2.5 hover:border-faint aria-[current=page]:border-accent"
    >
      <span className="flex items-center gap-2.5 text-sm font-medium">
        <Sparkles size={17} aria-hidden="true" className="shrink-0 text-accent" />
        {texts.section}
      </span>
      <span className="mt-2 block h-1 overflow-hidden rounded-full bg-line" aria-hidden="true">
        <span className="block h-full rounded-full bg-accent" style={{ width: `${(done / STEPS.length) * 100}%` }} />
      </span>
      <span className="mt-1.5 block text-xs text-quiet">{texts.progress(done, STEPS.length)}</span>
    </Link>
  );
}
