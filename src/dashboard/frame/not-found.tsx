import { Compass } from 'lucide-react';
import { ButtonLink } from '../look/button.tsx';
import { Empty } from '../look/page.tsx';
import { TEXTS } from '../texts/index.ts';

export function NotFound() {
  return (
    <Empty
      icon={<Compass />}
      title={TEXTS.frame.notFoundTitle}
      actions={
        <ButtonLink kind="first" to="/">
          {TEXTS.frame.toOverview}
        </ButtonLink>
      }
    >
      {TEXTS.frame.notFoundLead}
    </Empty>
  );
}
