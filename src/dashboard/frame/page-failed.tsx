import { useRouter } from '@tanstack/react-router';
import { RotateCw, Unplug } from 'lucide-react';
import { Button } from '../look/button.tsx';
import { Empty } from '../look/page.tsx';
import { TEXTS } from '../texts/index.ts';

/** In place of a page that could not be shown: a fault in it, or a part of it that could not be fetched. */
export function PageFailed({ error }: { readonly error: unknown }) {
  const router = useRouter();
  const isParted = error instanceof TypeError && /module|import/i.test(error.message);
  return (
    <Empty
      icon={<Unplug />}
      title={TEXTS.frame.failedTitle}
      actions={
        <>
          <Button kind="first" icon={<RotateCw size={15} aria-hidden="true" />} onClick={() => location.reload()}>
            {TEXTS.frame.reload}
          </Button>
          <Button onClick={() => void router.navigate({ to: '/' }).then(() => router.invalidate())}>
            {TEXTS.frame.toOverview}
          </Button>
        </>
      }
    >
      <p role="alert">{isParted ? TEXTS.frame.failedNewer : TEXTS.frame.failedLead}</p>
    </Empty>
  );
}
