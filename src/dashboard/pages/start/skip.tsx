import { type Step, skipStep } from '../../frame/guide.ts';
import { Button } from '../../look/button.tsx';
import { TEXTS } from '../../texts/index.ts';

/** A step that may be left out. */
export function Skip({ step, label = TEXTS.start.skip }: { readonly step: Step; readonly label?: string }) {
  return (
    <Button kind="quiet" onClick={() => skipStep(step)}>
      {label}
    </Button>
  );
}
