import { useBlocker } from '@tanstack/react-router';
import { useState } from 'react';
import { ApplicationField } from '../../frame/application-field.tsx';
import { useDraft } from '../../frame/draft.ts';
import { type Finding, faultIn, findingsOf } from '../../frame/findings.ts';
import { useSave } from '../../frame/save.ts';
import type { Place } from '../../frame/save-seen.ts';
import { Button } from '../../look/button.tsx';
import { Confirm } from '../../look/dialog.tsx';
import { Card } from '../../look/page.tsx';
import { ProblemNote } from '../../look/problem.tsx';
import { Tabs } from '../../look/tabs.tsx';
import { TEXTS } from '../../texts/index.ts';
import type { NameOf } from './criteria.ts';
import { useNames } from './names.ts';
import { useFindings } from './policy-check.ts';
import type { Policy, Rule, Scope } from './policy-model.ts';
import { PolicyText } from './policy-text.tsx';
import { RuleList } from './rule-list.tsx';
import { ruleSentence } from './sentences.ts';
import { Simulator } from './simulator.tsx';

const texts = TEXTS.policies;

/** A policy with everything that is done to it: rules, text, what is wrong, and what would become of a request. */
export function PolicyEditor({
  policy,
  scope,
  resourceId,
  place,
}: {
  readonly policy: Policy;
  readonly scope: Scope;
  /** Of the application that the simulator asks about. */
  readonly resourceId?: string;
  /** Where it is kept. */
  readonly place: Place<object, Policy, unknown>;
}) {
  const form = useDraft(policy, ({ rules }): Policy => ({ rules }));
  const [chosenId, setChosenId] = useState<string>();
  const { fields: shown, isChanged } = form;
  const draft = isChanged ? shown : undefined;
  const names = useNames(shown);
  const checked = useFindings(draft, scope);
  const saving = useSave({
    draft: form,
    place,
    body: () => shown,
    words: { labels: { rules: texts.rules }, tell: (value) => tellRules(value, names.nameOf) },
    shows: SHOWN_ELSEWHERE,
    done: texts.saved,
  });
  const refused = findingsOf(saving.error);
  const findings = checked.length > 0 ? checked : refused;
  const change = (next: Policy) => {
    saving.reset();
    form.change(next);
  };
  return (
    <>
      <Card>
        <Tabs
          label={texts.title}
          tabs={[
            {
              id: 'rules',
              label: texts.rules,
              content: (
                <RuleList
                  policy={shown}
                  scope={scope}
                  names={names}
                  faultAt={(path) => faultIn(findings, path)}
                  onChange={change}
                />
              ),
            },
            { id: 'text', label: texts.asText, content: <PolicyText policy={shown} onChange={change} /> },
          ]}
        />
        {isChanged && <Findings findings={findings} />}
        {saving.isError && refused.length === 0 && (
          <div className="mt-4">
            <ProblemNote error={saving.error} />
          </div>
        )}
      </Card>
      {isChanged && (
        <SaveBar
          isBusy={saving.isPending}
          isFaulty={findings.length > 0}
          onSave={() => saving.mutate()}
          onDiscard={() => {
            saving.reset();
            form.discard();
          }}
        />
      )}
      {scope === 'organisation' ? (
        <Simulator
          names={names}
          resourceId={chosenId}
          drafts={{ organisationPolicy: isChanged ? draft : undefined }}
          choice={<ApplicationField label={TEXTS.simulator.application} value={chosenId} onChange={setChosenId} />}
        />
      ) : (
        <Simulator names={names} resourceId={resourceId} drafts={{ policy: isChanged ? draft : undefined }} />
      )}
      <LeaveGuard isChanged={isChanged} />
    </>
  );
}

const OFF = ` (${texts.ruleOff})`;
const SHOWN_ELSEWHERE = ['applications', 'organisation-policy'];

/** Rules as sentences with their names, in their order. */
function tellRules(value: unknown, nameOf: NameOf): string | undefined {
  if (value == null) return undefined;
  const rules = (Array.isArray(value) ? value : [value]) as readonly Rule[];
  const said = rules.map((rule) => `${rule.name}: ${ruleSentence(rule, nameOf)}${rule.enabled === false ? OFF : ''}`);
  return said.length > 0 ? said.join('\n') : undefined;
}

function Findings({ findings }: { readonly findings: readonly Finding[] }) {
  if (findings.length === 0)
    return (
      <p role="status" className="mt-4 text-sm text-good">
        {texts.fine}
      </p>
    );
  return (
    <div role="status" className="mt-4 rounded-lg bg-bad-soft px-4 py-3 text-sm text-bad">
      <p className="font-medium">{texts.findings(findings.length)}</p>
      <ul className="mt-1 grid gap-1">
        {findings.map(({ path, expected, found }) => (
          <li key={path + expected} className="break-words">
            {path && <code className="font-mono text-[13px]">{path}: </code>}
            {TEXTS.frame.expected} {expected}
            {found !== undefined && `, found ${found}`}
          </li>
        ))}
      </ul>
    </div>
  );
}

function SaveBar({
  isBusy,
  isFaulty,
  onSave,
  onDiscard,
}: {
  readonly isBusy: boolean;
  readonly isFaulty: boolean;
  readonly onSave: () => void;
  readonly onDiscard: () => void;
}) {
  return (
    <div className="sticky bottom-3 z-20 flex flex-wrap items-center gap-3 rounded-xl border bg-raised px-4 py-3 shadow-sheet">
      <p className="min-w-0 flex-1 text-sm max-sm:basis-full">
        <span className="font-medium">{texts.unsaved}</span> <span className="text-quiet">{texts.saving}</span>
      </p>
      <Button onClick={onDiscard}>{TEXTS.frame.discard}</Button>
      <Button kind="first" isBusy={isBusy} disabled={isFaulty} onClick={onSave}>
        {texts.save}
      </Button>
    </div>
  );
}

/** Asks before a change that is not saved is lost. */
export function LeaveGuard({ isChanged }: { readonly isChanged: boolean }) {
  const blocker = useBlocker({
    shouldBlockFn: () => isChanged,
    enableBeforeUnload: () => isChanged,
    withResolver: true,
  });
  if (blocker.status !== 'blocked') return null;
  return (
    <Confirm
      isOpen
      onClose={blocker.reset}
      title={texts.leaveAsk}
      consequence={texts.leaveConsequence}
      action={texts.leave}
      onConfirm={blocker.proceed}
    />
  );
}
