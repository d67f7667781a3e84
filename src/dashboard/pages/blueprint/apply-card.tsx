import { useMutation } from '@tanstack/react-query';
import { type DragEvent, useId, useState } from 'react';
import { ApiProblem, answerOf } from '../../../api/client.ts';
import { useChange } from '../../frame/change.ts';
import { api } from '../../frame/client.ts';
import { Button } from '../../look/button.tsx';
import { Confirm } from '../../look/dialog.tsx';
import { Choices, TextArea, TextField } from '../../look/field.tsx';
import { Card } from '../../look/page.tsx';
import { ProblemNote } from '../../look/problem.tsx';
import { TEXTS } from '../../texts/index.ts';
import { type Plan, summaryOf, type Wish } from './blueprint-shape.ts';
import { PlanView } from './plan-view.tsx';

const texts = TEXTS.blueprint;

/** A document on its way in: read, judged as a plan, and applied only as the plan that was seen. */
export function ApplyCard({ text, onText }: { readonly text: string; readonly onText: (text: string) => void }) {
  const [owner, setOwner] = useState<'people' | 'file'>('people');
  const [fileName, setFileName] = useState('infra');
  const [prune, setPrune] = useState(false);
  const [takeOver, setTakeOver] = useState(false);
  const wish: Wish = { text, source: owner === 'people' ? 'dashboard' : `file:${fileName}`, prune, takeOver };
  const look = useMutation({ mutationFn: (body: Wish) => answerOf(api.POST('/blueprint/plan', { body })) });
  const plan = look.data;
  const forget = () => look.reset();
  /** Another wish needs another plan. */
  const changed = (set: (on: boolean) => void) => (on: boolean) => {
    set(on);
    forget();
  };
  const take = (file: File | undefined) => {
    if (!file) return;
    setFileName(file.name.replace(/\.(ya?ml|json)$/i, '').replace(/[^A-Za-z0-9._-]/g, '-'));
    void file.text().then(onText).then(forget);
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    take(event.dataTransfer.files[0]);
  };
  return (
    <>
      <Card title={texts.applyTitle} lead={texts.applyLead} actions={<FileButton onFile={take} />}>
        <form
          className="grid gap-5"
          onDragOver={(event) => event.preventDefault()}
          onDrop={drop}
          onSubmit={(event) => {
            event.preventDefault();
            look.mutate(wish);
          }}
        >
          <TextArea
            label={texts.document}
            hint={texts.documentHint}
            isCode
            rows={14}
            value={text}
            placeholder={'manis: 1\nsites:\n  home:\n'}
            onChange={({ target }) => {
              onText(target.value);
              forget();
            }}
          />
          <Choices
            legend={texts.owner}
            value={owner}
            onChange={(value) => {
              setOwner(value);
              forget();
            }}
            options={[
              { value: 'people', label: texts.ownerPeople, hint: texts.ownerPeopleHint },
              { value: 'file', label: texts.ownerFile, hint: texts.ownerFileHint },
            ]}
          />
          {owner === 'file' && (
            <TextField
              label={texts.fileName}
              required
              pattern="[A-Za-z0-9][A-Za-z0-9._\-]*"
              maxLength={64}
              value={fileName}
              onChange={({ target }) => {
                setFileName(target.value);
                forget();
              }}
            />
          )}
          <div className="grid gap-2 text-sm">
            <Tick label={texts.prune} checked={prune} onChange={changed(setPrune)} />
            <Tick label={texts.takeOver} checked={takeOver} onChange={changed(setTakeOver)} />
          </div>
          {look.isError && <Faults error={look.error} />}
          <div className="flex justify-end">
            <Button kind="first" type="submit" disabled={text.trim() === ''} isBusy={look.isPending}>
              {texts.showPlan}
            </Button>
          </div>
        </form>
      </Card>
      {plan && <PlanView plan={plan} />}
      {plan && plan.steps.length > 0 && plan.refusals.length === 0 && (
        <ApplyButton plan={plan} wish={wish} onDone={forget} />
      )}
    </>
  );
}

function ApplyButton({
  plan,
  wish,
  onDone,
}: {
  readonly plan: Plan;
  readonly wish: Wish;
  readonly onDone: () => void;
}) {
  const [isAsked, setAsked] = useState(false);
  const apply = useChange({
    run: () => answerOf(api.POST('/blueprint/apply', { body: { ...wish, basis: plan.basis } })),
    shows: SHOWN_ELSEWHERE,
    done: texts.applied,
    isForm: true,
    onDone,
    onSettled: () => setAsked(false),
  });
  const removes = plan.steps.some(({ verb }) => verb === 'delete');
  return (
    <div className="grid gap-3">
      {apply.isError && <Faults error={apply.error} />}
      <div className="flex justify-end">
        <Button kind="first" isBusy={apply.isPending} onClick={() => (removes ? setAsked(true) : apply.mutate())}>
          {texts.apply}
        </Button>
      </div>
      <Confirm
        isOpen={isAsked}
        onClose={() => setAsked(false)}
        title={texts.applyAsk}
        consequence={texts.applyConsequence(summaryOf(plan))}
        action={texts.apply}
        isBusy={apply.isPending}
        onConfirm={() => apply.mutate()}
      />
    </div>
  );
}

/** Whatever a document may have changed. */
const SHOWN_ELSEWHERE = [
  ...['blueprint', 'resources', 'sites', 'domains', 'roles', 'groups', 'providers', 'credentials', 'organisation'],
  ...['lists', 'applications', 'policies', 'status'],
];

function Tick({
  label,
  checked,
  onChange,
}: {
  readonly label: string;
  readonly checked: boolean;
  readonly onChange: (on: boolean) => void;
}) {
  return (
    <label className="flex items-center gap-2.5">
      <input
        type="checkbox"
        checked={checked}
        onChange={({ target }) => onChange(target.checked)}
        className="size-4 accent-accent"
      />
      {label}
    </label>
  );
}

function FileButton({ onFile }: { readonly onFile: (file: File | undefined) => void }) {
  const id = useId();
  return (
    <>
      <input
        id={id}
        type="file"
        accept=".yaml,.yml,.json"
        className="peer sr-only"
        onChange={({ target }) => onFile(target.files?.[0])}
      />
      <label
        htmlFor={id}
        className="inline-flex min-h-9 cursor-pointer items-center rounded-lg border border-line bg-raised px-3.5 text-sm font-medium hover:border-faint peer-focus-visible:outline-2"
      >
        {texts.choose}
      </label>
    </>
  );
}

/** Every mistake with its line. */
function Faults({ error }: { readonly error: unknown }) {
  const problems = error instanceof ApiProblem ? (error.problem.problems ?? []) : [];
  const withLines = problems.filter(({ line }) => line !== undefined);
  if (withLines.length === 0) return <ProblemNote error={error} />;
  return (
    <div role="alert" className="rounded-xl bg-bad-soft px-4 py-3 text-sm text-bad">
      <p className="font-medium">{texts.invalid}</p>
      <ul className="mt-1 grid gap-1">
        {withLines.map(({ line = 1, path, expected, found }) => (
          <li key={`${line} ${path} ${expected}`} className="break-words">
            {texts.line(line)}: {path && <code>{path}</code>} {texts.expected} {expected}
            {found !== undefined && `, ${texts.found} ${found}`}
          </li>
        ))}
      </ul>
    </div>
  );
}
