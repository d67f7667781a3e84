import { Plus, Trash2 } from 'lucide-react';
import { DropdownMenu } from 'radix-ui';
import { Button } from '../../look/button.tsx';
import { classes } from '../../look/classes.ts';
import { TEXTS } from '../../texts/index.ts';
import { CRITERIA, criteriaIn } from './criteria.ts';
import { CriterionFields } from './criterion-fields.tsx';
import type { Names } from './names.ts';
import {
  type Condition,
  conditionOf,
  groupOf,
  replaced,
  type Scope,
  type View,
  viewOf,
  without,
} from './policy-model.ts';
import { leafText } from './sentences.ts';

const texts = TEXTS.policies;

interface EditorProps {
  readonly condition: Condition;
  readonly scope: Scope;
  readonly names: Names;
  /** Where the condition stands in the policy, as the API writes it. */
  readonly path: string;
  readonly faultAt: (path: string) => string | undefined;
  readonly onChange: (condition: Condition) => void;
}

/** When a rule applies: the outermost group. */
export function ConditionEditor(props: EditorProps) {
  const isGroup = viewOf(props.condition).kind === 'group';
  // A single condition stands in a group of its own here, so that others can be put beside it.
  const path = isGroup ? props.path : `${props.path}!`;
  return <GroupEditor {...props} path={path} view={groupOf(props.condition)} isOutermost />;
}

type Group = Extract<View, { kind: 'group' }>;

const MODES = {
  all: { mode: 'all', isNegated: false },
  any: { mode: 'any', isNegated: false },
  notAny: { mode: 'any', isNegated: true },
  notAll: { mode: 'all', isNegated: true },
} as const;
type Mode = keyof typeof MODES;

function modeOf({ mode, isNegated }: Group): Mode {
  if (mode === 'all') return isNegated ? 'notAll' : 'all';
  return isNegated ? 'notAny' : 'any';
}

function GroupEditor({
  view,
  isOutermost,
  onRemove,
  ...rest
}: EditorProps & { readonly view: Group; readonly isOutermost?: boolean; readonly onRemove?: () => void }) {
  const { path, onChange } = rest;
  const change = (part: Partial<Group>) => onChange(conditionOf({ ...view, ...part }));
  const inner = path.endsWith('!') ? path.slice(0, -1) : `${path}${view.isNegated ? '.not' : ''}.${view.mode}`;
  const childPath = (index: number) => (path.endsWith('!') ? inner : `${inner}[${index}]`);
  const fault = rest.faultAt(inner);
  return (
    <fieldset className={classes('grid min-w-0 gap-3', !isOutermost && 'rounded-lg border border-dashed p-3')}>
      <legend className="sr-only">{isOutermost ? texts.groupMode : texts.groupModeInner}</legend>
      <div className="flex flex-wrap items-center gap-2 text-sm">
        <label className="flex flex-wrap items-center gap-2">
          {isOutermost ? texts.groupMode : texts.groupModeInner}
          <select
            value={modeOf(view)}
            onChange={({ target }) => change(MODES[target.value as Mode])}
            className="min-h-9 rounded-lg border border-edge bg-raised px-3 text-sm"
          >
            {(Object.keys(MODES) as Mode[]).map((mode) => (
              <option key={mode} value={mode}>
                {texts[mode]}
              </option>
            ))}
          </select>
        </label>
        {onRemove && (
          <Button
            kind="quiet"
            className="ml-auto"
            aria-label={texts.removeCondition(texts.addGroup)}
            onClick={onRemove}
          >
            <Trash2 size={15} aria-hidden="true" />
          </Button>
        )}
      </div>
      {isOutermost && view.children.length === 0 && <p className="text-sm text-quiet">{texts.always}</p>}
      {view.children.map((child, index) => (
        <Child
          // biome-ignore lint/suspicious/noArrayIndexKey: conditions have no name of their own; their order is their identity
          key={index}
          {...rest}
          path={childPath(index)}
          condition={child}
          onChange={(next) => change({ children: replaced(view.children, index, next) })}
          onRemove={() => change({ children: without(view.children, index) })}
        />
      ))}
      {fault && (
        <p role="alert" className="text-sm text-bad">
          {fault}
        </p>
      )}
      <AddCondition scope={rest.scope} onAdd={(added) => change({ children: [...view.children, added] })} />
    </fieldset>
  );
}

function Child(props: EditorProps & { readonly onRemove: () => void }) {
  const view = viewOf(props.condition);
  if (view.kind === 'group') return <GroupEditor {...props} view={view} />;
  return <LeafEditor {...props} view={view} />;
}

type Leaf = Extract<View, { kind: 'leaf' }>;

function LeafEditor({
  view,
  names,
  path,
  faultAt,
  onChange,
  onRemove,
}: EditorProps & { readonly view: Leaf; readonly onRemove: () => void }) {
  const label = CRITERIA[view.name]?.label ?? view.name;
  const at = `${path}${view.isNegated ? '.not' : ''}.${view.name}`;
  return (
    <div className="rounded-lg border bg-raised p-3">
      <div className="mb-3 flex flex-wrap items-center gap-2">
        <span className="font-medium">{label}</span>
        <select
          aria-label={texts.negation(label)}
          value={view.isNegated ? 'not' : 'is'}
          onChange={({ target }) => onChange(conditionOf({ ...view, isNegated: target.value === 'not' }))}
          className="min-h-8 rounded-lg border border-edge bg-raised px-2.5 text-sm"
        >
          <option value="is">{texts.is}</option>
          <option value="not">{texts.isNot}</option>
        </select>
        <span className="min-w-0 flex-1 truncate text-sm text-quiet">
          {leafText(view.name, view.config, names.nameOf)}
        </span>
        <Button kind="quiet" aria-label={texts.removeCondition(label)} onClick={onRemove}>
          <Trash2 size={15} aria-hidden="true" />
        </Button>
      </div>
      <CriterionFields
        name={view.name}
        config={view.config}
        names={names}
        faultAt={(key) => faultAt(key === '' ? at : `${at}.${key}`)}
        onChange={(config) => onChange(conditionOf({ ...view, config }))}
      />
    </div>
  );
}

const ITEM =
  'cursor-pointer rounded-md px-2.5 py-1.5 text-sm outline-none data-highlighted:bg-accent-soft data-highlighted:text-ink';

/** A menu of every criterion that may stand here; letters lead to the one that begins with them. */
function AddCondition({ scope, onAdd }: { readonly scope: Scope; readonly onAdd: (condition: Condition) => void }) {
  const criteria = criteriaIn(scope);
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger asChild>
        <Button className="w-fit" icon={<Plus size={15} aria-hidden="true" />}>
          {texts.addCondition}
        </Button>
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align="start"
          sideOffset={6}
          collisionPadding={12}
          className="z-50 max-h-[min(26rem,var(--radix-dropdown-menu-content-available-height))] w-72 overflow-y-auto rounded-xl border bg-raised p-1.5 shadow-sheet"
        >
          {Object.entries(texts.criterionGroups).map(([group, label]) => (
            <DropdownMenu.Group key={group}>
              <DropdownMenu.Label className="px-2.5 pt-2 pb-1 text-xs text-quiet">{label}</DropdownMenu.Label>
              {criteria
                .filter(([, view]) => view.group === group)
                .map(([name, view]) => (
                  <DropdownMenu.Item key={name} className={ITEM} onSelect={() => onAdd({ [name]: view.start() })}>
                    {view.label}
                  </DropdownMenu.Item>
                ))}
            </DropdownMenu.Group>
          ))}
          <DropdownMenu.Separator className="my-1.5 h-px bg-line" />
          <DropdownMenu.Item className={ITEM} onSelect={() => onAdd({ any: [] })}>
            {texts.addGroup}
          </DropdownMenu.Item>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
