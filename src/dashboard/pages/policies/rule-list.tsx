import { ArrowDown, ArrowUp, ChevronDown, Copy, GripVertical, Plus, Power, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { Badge } from '../../look/badge.tsx';
import { Button } from '../../look/button.tsx';
import { classes } from '../../look/classes.ts';
import { TextField } from '../../look/field.tsx';
import { TEXTS } from '../../texts/index.ts';
import { ActionEditor } from './action-editor.tsx';
import { ConditionEditor } from './condition-editor.tsx';
import type { Names } from './names.ts';
import { freeId, moved, type Policy, type Rule, replaced, type Scope, without } from './policy-model.ts';
import { ruleSentence } from './sentences.ts';

const texts = TEXTS.policies;
const EDGES: Readonly<Record<string, string>> = {
  deny: 'border-l-bad',
  bypass: 'border-l-warn',
  authenticate: 'border-l-good',
};

interface RuleListProps {
  readonly policy: Policy;
  readonly scope: Scope;
  readonly names: Names;
  readonly faultAt: (path: string) => string | undefined;
  readonly onChange: (policy: Policy) => void;
}

/** The rules in their order: each a sentence, opened to be changed, moved by dragging or by its buttons. */
export function RuleList({ policy, scope, names, faultAt, onChange }: RuleListProps) {
  const { rules } = policy;
  const [openId, setOpenId] = useState<string>();
  const [dragged, setDragged] = useState<number>();
  const [said, setSaid] = useState('');
  const change = (next: readonly Rule[]) => onChange({ ...policy, rules: next });
  const move = (from: number, to: number) => {
    change(moved(rules, from, to));
    setSaid(texts.moved(rules[from]?.name ?? '', to + 1, rules.length));
  };
  const add = (rule: Rule) => {
    change([...rules, rule]);
    setOpenId(rule.id);
  };
  return (
    <div className="grid gap-3">
      <p className="sr-only" aria-live="polite">
        {said}
      </p>
      <ol className="grid gap-3">
        {rules.map((rule, index) => (
          <li
            // biome-ignore lint/suspicious/noArrayIndexKey: ids are typed here and may be the same for a while
            key={index}
            onDragOver={(event) => dragged !== undefined && event.preventDefault()}
            onDrop={() => {
              if (dragged !== undefined && dragged !== index) move(dragged, index);
              setDragged(undefined);
            }}
            className={classes(
              'min-w-0 rounded-xl border border-l-4 bg-sheet',
              EDGES[rule.then.kind],
              dragged === index && 'opacity-50',
            )}
          >
            <RuleHead
              rule={rule}
              index={index}
              count={rules.length}
              names={names}
              isOpen={rule.id === openId}
              isFaulty={faultAt(`rules[${index}]*`) !== undefined}
              onToggle={() => setOpenId(rule.id === openId ? undefined : rule.id)}
              onMove={(to) => move(index, to)}
              onDrag={setDragged}
            />
            {rule.id === openId && (
              <RuleBody
                rule={rule}
                path={`rules[${index}]`}
                scope={scope}
                names={names}
                faultAt={faultAt}
                onChange={(next) => {
                  change(replaced(rules, index, next));
                  setOpenId(next.id);
                }}
                onDuplicate={() => {
                  const name = `${rule.name} (2)`;
                  add({ ...rule, name, id: freeId(rules, name) });
                }}
                onRemove={() => change(without(rules, index))}
              />
            )}
          </li>
        ))}
        <li className="rounded-xl border border-dashed border-l-4 border-l-bad px-4 py-3 text-quiet">
          {scope === 'organisation' ? texts.otherwiseOrganisation : texts.otherwise}
        </li>
      </ol>
      <div>
        <Button
          icon={<Plus size={16} aria-hidden="true" />}
          onClick={() =>
            add({
              id: freeId(rules, texts.untitled),
              name: texts.untitled,
              when: { all: [] },
              // biome-ignore lint/suspicious/noThenProperty: a rule is written when and then; nothing awaits it
              then: { kind: 'authenticate', anyOf: 'signed-in' },
            })
          }
        >
          {texts.addRule}
        </Button>
      </div>
    </div>
  );
}

interface RuleHeadProps {
  readonly rule: Rule;
  readonly index: number;
  readonly count: number;
  readonly names: Names;
  readonly isOpen: boolean;
  readonly isFaulty: boolean;
  readonly onToggle: () => void;
  readonly onMove: (to: number) => void;
  readonly onDrag: (index: number | undefined) => void;
}

function RuleHead({ rule, index, count, names, isOpen, isFaulty, onToggle, onMove, onDrag }: RuleHeadProps) {
  const isOff = rule.enabled === false;
  return (
    <div className="flex items-start gap-2 px-3 py-3">
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the buttons beside it do the same by keyboard */}
      <span
        draggable
        title={texts.drag}
        onDragStart={(event) => {
          event.dataTransfer.effectAllowed = 'move';
          event.dataTransfer.setData('text/plain', rule.name);
          onDrag(index);
        }}
        onDragEnd={() => onDrag(undefined)}
        className="mt-0.5 hidden cursor-grab text-faint sm:block"
      >
        <GripVertical size={17} aria-hidden="true" />
      </span>
      <span className="mt-0.5 w-5 text-center text-sm text-quiet tabular-nums">{index + 1}</span>
      <button type="button" aria-expanded={isOpen} onClick={onToggle} className="min-w-0 flex-1 rounded text-left">
        <span className={classes('block break-words', isOff && 'text-quiet line-through')}>
          {ruleSentence(rule, names.nameOf)}
        </span>
        <span className="mt-0.5 flex flex-wrap items-center gap-2 text-sm text-quiet">
          {rule.name}
          {isOff && <Badge>{texts.ruleOff}</Badge>}
          {isFaulty && <Badge standing="bad">{TEXTS.policies.findings(1)}</Badge>}
          <span className="sr-only">{isOpen ? texts.closeRule(rule.name) : texts.editRule(rule.name)}</span>
        </span>
      </button>
      <span className="flex shrink-0 items-center">
        <Mover label={texts.moveUp(rule.name)} isOff={index === 0} onMove={() => onMove(index - 1)}>
          <ArrowUp size={16} aria-hidden="true" />
        </Mover>
        <Mover label={texts.moveDown(rule.name)} isOff={index === count - 1} onMove={() => onMove(index + 1)}>
          <ArrowDown size={16} aria-hidden="true" />
        </Mover>
        <ChevronDown
          size={17}
          aria-hidden="true"
          className={classes('mx-1 hidden text-quiet sm:block', isOpen && 'rotate-180')}
        />
      </span>
    </div>
  );
}

function Mover({
  label,
  isOff,
  onMove,
  children,
}: {
  readonly label: string;
  readonly isOff: boolean;
  readonly onMove: () => void;
  readonly children: React.ReactNode;
}) {
  return (
    <button
      type="button"
      aria-label={label}
      disabled={isOff}
      onClick={onMove}
      className="rounded-lg p-2 text-quiet hover:bg-accent-soft hover:text-ink disabled:opacity-30"
    >
      {children}
    </button>
  );
}

interface RuleBodyProps {
  readonly rule: Rule;
  readonly path: string;
  readonly scope: Scope;
  readonly names: Names;
  readonly faultAt: (path: string) => string | undefined;
  readonly onChange: (rule: Rule) => void;
  readonly onDuplicate: () => void;
  readonly onRemove: () => void;
}

function RuleBody({ rule, path, scope, names, faultAt, onChange, onDuplicate, onRemove }: RuleBodyProps) {
  const isOff = rule.enabled === false;
  const same = { scope, names, faultAt };
  return (
    <div className="grid gap-6 border-t px-4 py-4">
      <div className="grid gap-4 sm:grid-cols-2">
        <TextField
          label={texts.ruleName}
          hint={texts.ruleNameHint}
          value={rule.name}
          fault={faultAt(`${path}.name`)}
          onChange={({ target }) => onChange({ ...rule, name: target.value })}
        />
        <TextField
          label={texts.ruleId}
          hint={texts.ruleIdHint}
          isCode
          value={rule.id}
          fault={faultAt(`${path}.id`)}
          onChange={({ target }) => onChange({ ...rule, id: target.value })}
        />
      </div>
      <section>
        <h2 className="mb-2 font-medium">{texts.when}</h2>
        <ConditionEditor
          {...same}
          condition={rule.when}
          path={`${path}.when`}
          onChange={(when) => onChange({ ...rule, when })}
        />
      </section>
      <ActionEditor
        {...same}
        value={rule.then}
        path={`${path}.then`}
        onChange={(then) => onChange({ ...rule, then })}
      />
      <div className="flex flex-wrap gap-2 border-t pt-4">
        <Button icon={<Power size={15} aria-hidden="true" />} onClick={() => onChange({ ...rule, enabled: isOff })}>
          {isOff ? texts.switchOn : texts.switchOff}
        </Button>
        <Button icon={<Copy size={15} aria-hidden="true" />} onClick={onDuplicate}>
          {texts.duplicate}
        </Button>
        <Button
          kind="danger"
          icon={<Trash2 size={15} aria-hidden="true" />}
          aria-label={texts.removeRule(rule.name)}
          onClick={onRemove}
        >
          {TEXTS.frame.remove}
        </Button>
      </div>
    </div>
  );
}
