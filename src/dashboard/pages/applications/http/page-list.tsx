import { Plus, Trash2 } from 'lucide-react';
import { useDeferredValue } from 'react';
import { Button } from '../../../look/button.tsx';
import { TextArea } from '../../../look/field.tsx';
import { WordsField } from '../../../look/words-field.tsx';
import { TEXTS } from '../../../texts/index.ts';
import { replaced, without } from '../../policies/policy-model.ts';

const texts = TEXTS.http;

export interface ErrorPage {
  readonly statuses: readonly number[];
  readonly html: string;
}

const START: ErrorPage = {
  statuses: [502, 503, 504],
  html: '<!doctype html>\n<title>{title}</title>\n<h1>{title}</h1>\n<p>{advice}</p>\n<p><small>{request.id}</small></p>\n',
};

interface PageListProps {
  readonly pages: readonly ErrorPage[];
  readonly onChange: (pages: readonly ErrorPage[]) => void;
  /** What the API says of a field. */
  readonly faultAt: (path: string) => string | undefined;
}

/** Pages in place of Manis's own, of an application or of an organisation, each with how it looks. */
export function PageList({ pages, onChange, faultAt }: PageListProps) {
  return (
    <>
      {pages.map((page, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a page has no name; its place is its identity
        <div key={index} className="grid gap-4 rounded-lg border p-4">
          <WordsField
            label={texts.statuses}
            words={texts.pageStatuses}
            chosen={page.statuses.map(String)}
            fault={faultAt(`[${index}].statuses`)}
            onChange={(chosen) => onChange(replaced(pages, index, { ...page, statuses: chosen.map(Number) }))}
          />
          <TextArea
            label={texts.html}
            hint={texts.htmlHint}
            isCode
            rows={8}
            value={page.html}
            fault={faultAt(`[${index}].html`)}
            onChange={({ target }) => onChange(replaced(pages, index, { ...page, html: target.value }))}
          />
          <Preview page={page} />
          <div>
            <Button
              kind="danger"
              icon={<Trash2 size={15} aria-hidden="true" />}
              onClick={() => onChange(without(pages, index))}
            >
              {TEXTS.frame.remove}
            </Button>
          </div>
        </div>
      ))}
      <div>
        <Button icon={<Plus size={15} aria-hidden="true" />} onClick={() => onChange([...pages, START])}>
          {texts.addPage}
        </Button>
      </div>
    </>
  );
}

/** Runs nothing and reaches nothing: the frame is cut off from the page, and has the page's policy. */
function Preview({ page: { html, statuses } }: { readonly page: ErrorPage }) {
  const shown = useDeferredValue(previewOf(html, statuses[0] ?? 503));
  return (
    <div>
      <p className="mb-1 text-sm font-medium">{TEXTS.settings.preview}</p>
      <iframe
        sandbox=""
        srcDoc={shown}
        title={TEXTS.settings.previewOf(statuses[0] ?? 503)}
        className="h-64 w-full rounded-lg border bg-white"
      />
      <p className="mt-1 text-sm text-quiet">{TEXTS.settings.previewHint}</p>
    </div>
  );
}

/** With values as a visitor may meet them; style elements are let in by the nonce of this page. */
function previewOf(html: string, status: number): string {
  const facts: Readonly<Record<string, string>> = { ...texts.previewFacts, status: String(status) };
  const nonce = document.querySelector<HTMLMetaElement>('meta[name=style-nonce]')?.content ?? '';
  return html
    .replace(/\{([a-z.]+)\}/g, (all, name: string) => facts[name] ?? all)
    .replace(/<style\b/gi, `<style nonce="${nonce}"`);
}
