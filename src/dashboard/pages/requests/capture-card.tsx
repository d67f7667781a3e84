import { useQuery } from '@tanstack/react-query';
import { Pencil, RotateCw } from 'lucide-react';
import { useState } from 'react';
import { answerOf } from '../../../api/client.ts';
import { api } from '../../frame/client.ts';
import { Button } from '../../look/button.tsx';
import { Card } from '../../look/page.tsx';
import { Loading } from '../../look/problem.tsx';
import { TEXTS } from '../../texts/index.ts';
import { type Captured, useReplay } from './replay.ts';
import { ReplayDialog } from './replay-dialog.tsx';

const texts = TEXTS.captures;
const moment = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' });

/** Longer bodies are opened by whoever wants them. */
const SHOWN_AT_ONCE_CHARS = 4_000;

/** What was captured of a request: fields and bodies both ways, and the button that sends it again. */
export function CaptureCard({ id }: { readonly id: string }) {
  const query = useQuery({
    queryKey: ['requests', 'capture', id],
    // The log may have a request a moment before what was captured of it.
    retry: 2,
    queryFn: () => answerOf(api.GET('/requests/{id}/capture', { params: { path: { id } } })),
  });
  return (
    <Card title={texts.title}>
      {query.isPending ? (
        <Loading />
      ) : query.isError ? (
        <p className="text-quiet">{texts.expired}</p>
      ) : (
        <Shown captured={query.data} />
      )}
    </Card>
  );
}

function Shown({ captured }: { readonly captured: Captured }) {
  const { answer, replay, expiresUnixMs } = captured;
  return (
    <div className="grid gap-5">
      <Replay captured={captured} />
      <Message title={texts.request} first={`${captured.method} ${captured.target}`} message={captured} />
      {answer ? (
        <Message title={texts.answer} first={String(answer.status)} message={answer} />
      ) : (
        <p className="text-quiet">{texts.noAnswer}</p>
      )}
      <p className="text-sm text-quiet">
        {replay.leftOut.length > 0 && `${texts.leftOut(replay.leftOut.join(', '))} `}
        {texts.kept(moment.format(expiresUnixMs))}
      </p>
    </div>
  );
}

function Replay({ captured }: { readonly captured: Captured }) {
  const [isEditing, setEditing] = useState(false);
  const replay = useReplay(captured.id);
  const { missing } = captured.replay;
  return (
    <div className="grid gap-2">
      <div className="flex flex-wrap items-center gap-2">
        {missing === null && (
          <Button
            kind="first"
            icon={<RotateCw size={15} aria-hidden="true" />}
            isBusy={replay.isPending}
            onClick={() => replay.mutate({})}
          >
            {texts.replay}
          </Button>
        )}
        <Button icon={<Pencil size={15} aria-hidden="true" />} onClick={() => setEditing(true)}>
          {texts.edit}
        </Button>
      </div>
      {missing && <p className="text-sm text-quiet">{texts.missing[missing]}</p>}
      {replay.isError && <p className="text-sm text-bad">{replay.error.message}</p>}
      {isEditing && <ReplayDialog captured={captured} onClose={() => setEditing(false)} />}
    </div>
  );
}

function Message({
  title,
  first,
  message: { fields, body },
}: {
  readonly title: string;
  readonly first: string;
  readonly message: Pick<Captured, 'fields' | 'body'>;
}) {
  return (
    <section className="grid gap-2">
      <h3 className="font-medium">{title}</h3>
      <p className="font-mono text-sm break-all">{first}</p>
      <details>
        <summary className="cursor-pointer text-sm text-quiet">
          {texts.fields} ({fields.length})
        </summary>
        <ul className="mt-2 grid gap-1 font-mono text-[13px]">
          {fields.map(({ name, value, isHidden }, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: fields of one name may come twice, and none moves
            <li key={i} className="break-all">
              <span className="text-quiet">{name}:</span>{' '}
              {isHidden ? (
                <i className="text-quiet">
                  {value} ({texts.hidden})
                </i>
              ) : (
                value
              )}
            </li>
          ))}
        </ul>
      </details>
      <Body body={body} />
    </section>
  );
}

function Body({ body }: { readonly body: Captured['body'] }) {
  if (!body) return <p className="text-sm text-quiet">{texts.noBody}</p>;
  const bytes = `${body.bytes.toLocaleString('en')} bytes`;
  if (body.text === null) return <p className="text-sm text-quiet">{texts.omitted[body.omitted ?? 'off'](bytes)}</p>;
  return (
    <div className="grid gap-1">
      <details open={body.text.length <= SHOWN_AT_ONCE_CHARS}>
        <summary className="cursor-pointer text-sm text-quiet">{texts.body}</summary>
        <pre className="mt-2 rounded-lg border bg-ground p-3 font-mono text-[13px] break-all whitespace-pre-wrap">
          {readable(body.text)}
        </pre>
      </details>
      {body.isCut && <p className="text-sm text-quiet">{texts.cut(bytes)}</p>}
      {body.isHidden && <p className="text-sm text-quiet">{texts.bodyHidden}</p>}
    </div>
  );
}

/** JSON in lines. */
function readable(text: string): string {
  if (!/^\s*[[{]/.test(text)) return text;
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
