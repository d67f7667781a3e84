import { Plus, Trash2 } from 'lucide-react';
import { Button } from '../../../look/button.tsx';
import { TextArea } from '../../../look/field.tsx';
import { WordsField } from '../../../look/words-field.tsx';
import { TEXTS } from '../../../texts/index.ts';
import { replaced, without } from '../../policies/policy-model.ts';
import type { HttpSettings } from './http-settings.ts';
import { PartCard } from './part-card.tsx';

const texts = TEXTS.http;

interface ErrorPage {
  readonly statuses: readonly number[];
  readonly html: string;
}

const START: ErrorPage = {
  statuses: [502, 503, 504],
  html: '<!doctype html>\n<title>{title}</title>\n<h1>{title}</h1>\n<p>{advice}</p>\n<p><small>{request.id}</small></p>\n',
};

export function ErrorPages({ id, settings }: { readonly id: string; readonly settings: HttpSettings }) {
  return (
    <PartCard<readonly ErrorPage[]>
      id={id}
      settings={settings}
      part="errorPages"
      title={texts.errorPages}
      lead={texts.errorPagesLead}
    >
      {({ value: pages = [], change, faultAt }) => (
        <>
          {pages.map((page, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a page has no name; its place is its identity
            <div key={index} className="grid gap-4 rounded-lg border p-4">
              <WordsField
                label={texts.statuses}
                words={texts.pageStatuses}
                chosen={page.statuses.map(String)}
                fault={faultAt(`[${index}].statuses`)}
                onChange={(chosen) => change(replaced(pages, index, { ...page, statuses: chosen.map(Number) }))}
              />
              <TextArea
                label={texts.html}
                hint={texts.htmlHint}
                isCode
                rows={8}
                value={page.html}
                fault={faultAt(`[${index}].html`)}
                onChange={({ target }) => change(replaced(pages, index, { ...page, html: target.value }))}
              />
              <div>
                <Button
                  kind="danger"
                  icon={<Trash2 size={15} aria-hidden="true" />}
                  onClick={() => change(without(pages, index))}
                >
                  {TEXTS.frame.remove}
                </Button>
              </div>
            </div>
          ))}
          <div>
            <Button icon={<Plus size={15} aria-hidden="true" />} onClick={() => change([...pages, START])}>
              {texts.addPage}
            </Button>
          </div>
        </>
      )}
    </PartCard>
  );
}
