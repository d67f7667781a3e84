import { useMutation } from '@tanstack/react-query';
import { answerOf } from '../../../api/client.ts';
import { api } from '../../frame/client.ts';
import { Button } from '../../look/button.tsx';
import { Card } from '../../look/page.tsx';
import { ProblemNote } from '../../look/problem.tsx';
import { TEXTS } from '../../texts/index.ts';
import { nounOf } from './blueprint-shape.ts';

const texts = TEXTS.blueprint;

/** What there is, as a document. */
export function ExportCard({ onEdit }: { readonly onEdit: (text: string) => void }) {
  const read = useMutation({ mutationFn: () => answerOf(api.GET('/blueprint')) });
  const { data } = read;
  return (
    <Card
      title={texts.exportTitle}
      lead={texts.exportLead}
      actions={
        <Button onClick={() => read.mutate()} isBusy={read.isPending}>
          {texts.exportShow}
        </Button>
      }
    >
      {read.isError && <ProblemNote error={read.error} />}
      {data && (
        <div className="grid gap-3">
          {data.leftOut.length > 0 && (
            <p className="text-sm text-quiet">{texts.leftOut(data.leftOut.map(nounOf).join(', '))}</p>
          )}
          <section
            aria-label={texts.exported}
            // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must take the focus
            tabIndex={0}
            className="max-h-96 overflow-auto rounded-lg border bg-ground"
          >
            <pre className="p-4 font-mono text-xs">{data.text}</pre>
          </section>
          <div className="flex flex-wrap justify-end gap-2">
            <Button kind="quiet" onClick={() => onEdit(data.text)}>
              {texts.exportEdit}
            </Button>
            <Button onClick={() => save(data.text)}>{texts.exportSave}</Button>
          </div>
        </div>
      )}
    </Card>
  );
}

function save(text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'application/yaml' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = 'manis.yaml';
  link.click();
  URL.revokeObjectURL(url);
}
