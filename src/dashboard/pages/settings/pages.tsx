import { useQuery } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { answerOf } from '../../../api/client.ts';
import { api } from '../../frame/client.ts';
import { useDraft } from '../../frame/draft.ts';
import { faultIn, findingsOf } from '../../frame/findings.ts';
import { placeAt, useSave } from '../../frame/save.ts';
import { SaveRow } from '../../look/form-actions.tsx';
import { Card } from '../../look/page.tsx';
import { Loading, ProblemNote } from '../../look/problem.tsx';
import { TEXTS } from '../../texts/index.ts';
import { type ErrorPage, PageList } from '../applications/http/page-list.tsx';
import { LeaveGuard } from '../policies/policy-editor.tsx';
import { SettingsPage } from './settings-page.tsx';

const texts = TEXTS.settings;

/** Pages that visitors see in place of Manis's own, at every application of the organisation. */
export function ErrorPagesPage() {
  const pages = useQuery({
    queryKey: ['organisation', 'error-pages'],
    queryFn: () => answerOf(api.GET('/organisation/error-pages')),
  });
  return (
    <SettingsPage title={texts.pages} lead={texts.pagesLead}>
      {pages.isPending && <Loading />}
      {pages.isError && <ProblemNote error={pages.error} retry={() => void pages.refetch()} />}
      {pages.data && <PagesForm saved={pages.data} />}
    </SettingsPage>
  );
}

function PagesForm({ saved }: { readonly saved: { readonly pages: readonly ErrorPage[] } }) {
  const form = useDraft(saved, ({ pages }) => ({ pages }));
  const { fields, isChanged } = form;
  const save = useSave({
    draft: form,
    place: placeAt('put', '/organisation/error-pages'),
    body: () => fields,
    words: { labels: { pages: texts.pages } },
    shows: ['organisation'],
    done: texts.saved,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  const findings = findingsOf(save.error);
  return (
    <Card className="max-w-3xl">
      <form onSubmit={submit} className="grid gap-5">
        {fields.pages.length === 0 && <p className="text-quiet">{texts.pagesNone}</p>}
        <PageList
          pages={fields.pages}
          onChange={(pages) => form.change({ pages })}
          faultAt={(path) => faultIn(findings, path)}
        />
        {save.isError && <ProblemNote error={save.error} />}
        <SaveRow isBusy={save.isPending} isIdle={!isChanged} />
      </form>
      <LeaveGuard isChanged={isChanged} />
    </Card>
  );
}
