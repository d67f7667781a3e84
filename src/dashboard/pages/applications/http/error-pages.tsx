import { TEXTS } from '../../../texts/index.ts';
import type { HttpSettings } from './http-settings.ts';
import { type ErrorPage, PageList } from './page-list.tsx';
import { PartCard } from './part-card.tsx';

const texts = TEXTS.http;

export function ErrorPages({ id, settings }: { readonly id: string; readonly settings: HttpSettings }) {
  return (
    <PartCard<readonly ErrorPage[]>
      id={id}
      settings={settings}
      part="errorPages"
      title={texts.errorPages}
      lead={texts.errorPagesLead}
    >
      {({ value: pages = [], change, faultAt }) => <PageList pages={pages} onChange={change} faultAt={faultAt} />}
    </PartCard>
  );
}
