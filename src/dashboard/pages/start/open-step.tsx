import { useQuery } from '@tanstack/react-query';
import { ExternalLink } from 'lucide-react';
import { guideQueries, ownApplications, skipStep } from '../../frame/guide.ts';
import { TEXTS } from '../../texts/index.ts';
import { originOf } from '../applications/application-shape.ts';
import { Skip } from './skip.tsx';

const texts = TEXTS.start;

export function OpenStep() {
  const applications = useQuery(guideQueries.applications);
  const items = applications.data?.items ?? [];
  const application = ownApplications(items)[0] ?? items[0];
  return (
    <div className="mt-1 grid gap-4">
      <p className="text-quiet">{texts.openLead}</p>
      <div className="flex flex-wrap gap-2">
        {application && (
          <a
            href={originOf(application.host)}
            target="_blank"
            rel="noreferrer"
            onClick={() => skipStep('open')}
            className="inline-flex min-h-9 items-center gap-2 rounded-lg bg-accent px-3.5 text-sm font-medium text-accent-ink hover:brightness-110"
          >
            {texts.openAction(application.name)}
            <ExternalLink size={15} aria-hidden="true" />
          </a>
        )}
        <Skip step="open" />
      </div>
    </div>
  );
}
