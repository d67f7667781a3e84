import { useState } from 'react';
import { TextArea, TextField } from '../../look/field.tsx';
import { FormDialog } from '../../look/form-dialog.tsx';
import { TEXTS } from '../../texts/index.ts';
import { type Captured, useReplay } from './replay.ts';

const texts = TEXTS.captures;

/** A captured request to be changed before it is sent again. */
export function ReplayDialog({ captured, onClose }: { readonly captured: Captured; readonly onClose: () => void }) {
  const [method, setMethod] = useState(captured.method);
  const [target, setTarget] = useState(captured.target);
  const [fields, setFields] = useState(linesOf(captured));
  const [body, setBody] = useState(captured.body?.text ?? '');
  const replay = useReplay(captured.id);
  const isBodyAsItWas = captured.replay.missing === null && body === (captured.body?.text ?? '');
  const send = () =>
    replay.mutate({
      ...{ method, target, fields: fieldsOf(fields) },
      ...(!isBodyAsItWas && { body: body === '' ? null : body }),
    });
  return (
    <FormDialog
      title={texts.edit}
      lead={texts.editLead}
      action={texts.send}
      change={{ mutate: send, isPending: replay.isPending, error: replay.error }}
      onClose={onClose}
    >
      <TextField label={texts.method} required value={method} onChange={(event) => setMethod(event.target.value)} />
      <TextField
        label={texts.target}
        required
        isCode
        value={target}
        onChange={(event) => setTarget(event.target.value)}
      />
      <TextArea
        label={texts.fields}
        hint={texts.fieldsHint}
        isCode
        rows={6}
        value={fields}
        onChange={(event) => setFields(event.target.value)}
      />
      <TextArea
        label={texts.body}
        hint={captured.replay.missing ? texts.missing[captured.replay.missing] : undefined}
        isCode
        rows={8}
        value={body}
        onChange={(event) => setBody(event.target.value)}
      />
    </FormDialog>
  );
}

/** What is hidden is not sent, so it is not shown either. */
function linesOf({ fields }: Captured): string {
  return fields
    .filter(({ isHidden }) => !isHidden)
    .map(({ name, value }) => `${name}: ${value}`)
    .join('\n');
}

function fieldsOf(lines: string): { name: string; value: string }[] {
  return lines
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const colon = line.indexOf(':');
      const end = colon < 0 ? line.length : colon;
      return { name: line.slice(0, end).trim(), value: line.slice(end + 1).trim() };
    });
}
