import type { FormEvent, ReactNode } from 'react';
import { useDraft } from '../../../frame/draft.ts';
import { type Finding, faultIn, findingsOf } from '../../../frame/findings.ts';
import { SaveRow } from '../../../look/form-actions.tsx';
import { Card } from '../../../look/page.tsx';
import { ProblemNote } from '../../../look/problem.tsx';
import { TEXTS } from '../../../texts/index.ts';
import { LeaveGuard } from '../../policies/policy-editor.tsx';
import { type HttpFields, type HttpSettings, type Part, useHttpPart } from './http-settings.ts';

export interface Draft<Value> {
  readonly value: Value | undefined;
  readonly change: (value: Value | undefined) => void;
  /** What the API says of a field below the part. */
  readonly faultAt: (path: string) => string | undefined;
}

/** One part of the HTTP settings, with what was changed and is not saved yet. */
export function PartCard<Value>({
  id,
  part,
  settings,
  title,
  lead,
  children,
}: {
  readonly id: string;
  readonly part: Part;
  readonly settings: HttpSettings;
  readonly title: string;
  readonly lead: string;
  readonly children: (draft: Draft<Value>) => ReactNode;
}) {
  const draft = useDraft(settings, (seen): HttpFields => ({ value: seen[part] }));
  const saving = useHttpPart(id, part, title, draft);
  // What is being saved is shown as saved.
  const isChanged = draft.isChanged && !saving.isPending;
  const value = draft.fields.value as Value | undefined;
  const findings = findingsOf(saving.error);
  const change = (next: Value | undefined) => {
    saving.reset();
    draft.change({ value: next });
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isChanged) saving.mutate();
  };
  return (
    <Card title={title} lead={lead}>
      <form noValidate onSubmit={submit} className="grid gap-5">
        {children({ value, change, faultAt: (path) => faultIn(findings, path === '' ? part : `${part}${path}`) })}
        {saving.isError && <Faults error={saving.error} findings={findings} />}
        <SaveRow
          isBusy={saving.isPending}
          isIdle={!isChanged}
          onDiscard={() => {
            saving.reset();
            draft.discard();
          }}
        />
      </form>
      <LeaveGuard isChanged={isChanged} />
    </Card>
  );
}

function Faults({ error, findings }: { readonly error: unknown; readonly findings: readonly Finding[] }) {
  if (findings.length === 0) return <ProblemNote error={error} />;
  return (
    <ul role="alert" className="grid gap-1 rounded-lg bg-bad-soft px-4 py-3 text-sm text-bad">
      {findings.map(({ path, expected }) => (
        <li key={path + expected} className="break-words">
          {path && <code className="font-mono text-[13px]">{path}: </code>}
          {path ? `${TEXTS.frame.expected} ` : ''}
          {expected}
        </li>
      ))}
    </ul>
  );
}
