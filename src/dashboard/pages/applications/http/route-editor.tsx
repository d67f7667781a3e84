import { CheckField, Choices, SelectField, TextArea, TextField } from '../../../look/field.tsx';
import { TokensField } from '../../../look/tokens.tsx';
import { WordsField } from '../../../look/words-field.tsx';
import { TEXTS } from '../../../texts/index.ts';
import { METHODS } from '../../policies/criteria.ts';
import { PathFields } from '../../policies/criterion-fields.tsx';
import { trimmed } from '../../policies/policy-model.ts';
import type { Target } from '../application-shape.ts';
import { HeaderRules } from './header-rules.tsx';
import type { Forward, Route } from './http-settings.ts';

const texts = TEXTS.http;

interface EditorProps<Value> {
  readonly value: Value;
  readonly faultAt: (path: string) => string | undefined;
  readonly onChange: (value: Value) => void;
}

export function RouteEditor({
  route,
  targets,
  faultAt,
  onChange,
}: {
  readonly route: Route;
  readonly targets: readonly Target[];
  readonly faultAt: (path: string) => string | undefined;
  readonly onChange: (route: Route) => void;
}) {
  const { forward, redirect, answer, ...rest } = route;
  const kind = redirect ? 'redirect' : answer ? 'answer' : 'forward';
  const does = { forward: { forward: {} }, redirect: { redirect: { to: '/' } }, answer: { answer: { status: 200 } } };
  const change = (part: Partial<Route>) => onChange({ ...route, ...part });
  return (
    <div className="grid gap-6 border-t px-4 py-4">
      <div className="grid gap-4 sm:grid-cols-2">
        <TextField
          label={texts.routeName}
          value={route.name}
          fault={faultAt('.name')}
          onChange={({ target }) => change({ name: target.value })}
        />
        <TextField
          label={texts.priority}
          hint={texts.priorityHint}
          type="number"
          value={String(route.priority ?? 0)}
          fault={faultAt('.priority')}
          onChange={({ target }) => change({ priority: Number(target.value) })}
        />
      </div>
      <CheckField
        label={texts.routeOn}
        checked={route.enabled !== false}
        onChange={({ target }) => change({ enabled: target.checked })}
      />
      <MatchFields
        value={route.when ?? {}}
        faultAt={(path) => faultAt(`.when${path}`)}
        onChange={(when) => change({ when })}
      />
      <Choices
        legend={texts.does}
        value={kind}
        onChange={(next) => onChange({ ...rest, ...does[next] })}
        options={[
          { value: 'forward', label: texts.forward, hint: texts.forwardHint },
          { value: 'redirect', label: texts.redirect, hint: texts.redirectHint },
          { value: 'answer', label: texts.answer, hint: texts.answerHint },
        ]}
      />
      {redirect ? (
        <RedirectFields
          value={redirect}
          faultAt={(path) => faultAt(`.redirect${path}`)}
          onChange={(next) => change({ redirect: next })}
        />
      ) : answer ? (
        <AnswerFields
          value={answer}
          faultAt={(path) => faultAt(`.answer${path}`)}
          onChange={(next) => change({ answer: next })}
        />
      ) : (
        <ForwardFields
          value={forward ?? {}}
          targets={targets}
          faultAt={(path) => faultAt(`.forward${path}`)}
          onChange={(next) => change({ forward: next })}
        />
      )}
    </div>
  );
}

function MatchFields({ value, faultAt, onChange }: EditorProps<NonNullable<Route['when']>>) {
  const { path, header } = value;
  const change = (part: { [Key in keyof typeof value]?: (typeof value)[Key] | undefined }) =>
    onChange(trimmed({ ...value, ...part }) as typeof value);
  return (
    <fieldset className="grid gap-4">
      <legend className="mb-2 font-medium">{texts.takes}</legend>
      <CheckField
        label={texts.everyPathLabel}
        checked={path === undefined}
        onChange={({ target }) => change({ path: target.checked ? undefined : { prefix: '/' } })}
      />
      {path && (
        <div className="grid gap-4 sm:grid-cols-2">
          <PathFields pattern={path} fault={faultAt('.path*')} onChange={(next) => change({ path: next })} />
        </div>
      )}
      <WordsField
        label={texts.routeMethods}
        words={Object.fromEntries(METHODS.map((name) => [name, name]))}
        chosen={value.method ?? []}
        fault={faultAt('.method')}
        onChange={(method) => change({ method })}
      />
      <div className="grid gap-4 sm:grid-cols-2">
        <TextField
          label={texts.routeField}
          isCode
          value={header?.name ?? ''}
          fault={faultAt('.header.name')}
          onChange={({ target }) =>
            change({ header: target.value === '' ? undefined : { ...header, name: target.value } })
          }
        />
        {header && (
          <TokensField
            label={texts.routeFieldValues}
            values={header.values ?? []}
            fault={faultAt('.header.values')}
            onChange={(values) => change({ header: trimmed({ ...header, values }) })}
          />
        )}
      </div>
    </fieldset>
  );
}

const REWRITES = ['none', 'stripPrefix', 'replacePrefix', 'replaceRegex'] as const;
type Rewrite = (typeof REWRITES)[number];

function ForwardFields({
  value,
  targets,
  faultAt,
  onChange,
}: EditorProps<Forward> & { readonly targets: readonly Target[] }) {
  const { stripPrefix, replacePrefix, replaceRegex, ...rest } = value;
  const kind = REWRITES.find((one) => one !== 'none' && value[one] !== undefined) ?? 'none';
  const starts: Readonly<Record<Rewrite, Forward>> = {
    none: {},
    stripPrefix: { stripPrefix: '/' },
    replacePrefix: { replacePrefix: { prefix: '/', with: '/' } },
    replaceRegex: { replaceRegex: { regex: '^/(.*)$', with: '/{1}' } },
  };
  const change = (part: Partial<Forward>) => onChange({ ...value, ...part });
  const { headers = {} } = value;
  return (
    <fieldset className="grid gap-4">
      <legend className="sr-only">{texts.forward}</legend>
      <TokensField
        label={texts.routeTargets}
        hint={texts.routeTargetsHint}
        values={value.targets ?? []}
        options={targets.map(({ id, url }) => ({ value: id, label: url }))}
        isOptionsOnly
        labelOf={(id) => targets.find((target) => target.id === id)?.url ?? texts.goneTarget}
        fault={faultAt('.targets')}
        onChange={(ids) => onChange(trimmed({ ...value, targets: ids }))}
      />
      <SelectField
        label={texts.rewrite}
        value={kind}
        onChange={({ target }) => onChange({ ...rest, ...starts[target.value as Rewrite] })}
      >
        {REWRITES.map((one) => (
          <option key={one} value={one}>
            {texts.rewriteKinds[one]}
          </option>
        ))}
      </SelectField>
      {stripPrefix !== undefined && (
        <TextField
          label={texts.prefix}
          isCode
          value={stripPrefix}
          fault={faultAt('.stripPrefix')}
          onChange={({ target }) => change({ stripPrefix: target.value })}
        />
      )}
      {replacePrefix && (
        <Pair
          labels={[texts.prefix, texts.by]}
          values={[replacePrefix.prefix, replacePrefix.with]}
          faults={[faultAt('.replacePrefix.prefix'), faultAt('.replacePrefix.with')]}
          onChange={([prefix, by]) => change({ replacePrefix: { prefix, with: by } })}
        />
      )}
      {replaceRegex && (
        <Pair
          labels={[texts.regex, texts.by]}
          values={[replaceRegex.regex, replaceRegex.with]}
          faults={[faultAt('.replaceRegex.regex'), faultAt('.replaceRegex.with')]}
          onChange={([regex, by]) => change({ replaceRegex: { regex, with: by } })}
        />
      )}
      {(['request', 'response'] as const).map((side) => (
        <HeaderRules
          key={side}
          legend={texts.routeSides[side]}
          rules={headers[side] ?? []}
          faultAt={(path) => faultAt(`.headers.${side}${path}`)}
          onChange={(rules) => {
            const next = trimmed({ ...headers, [side]: rules });
            const { headers: _, ...others } = value;
            onChange(Object.keys(next).length > 0 ? { ...others, headers: next } : others);
          }}
        />
      ))}
    </fieldset>
  );
}

function Pair({
  labels,
  values,
  faults,
  onChange,
}: {
  readonly labels: readonly [string, string];
  readonly values: readonly [string, string];
  readonly faults: readonly [string | undefined, string | undefined];
  readonly onChange: (values: readonly [string, string]) => void;
}) {
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <TextField
        label={labels[0]}
        isCode
        value={values[0]}
        fault={faults[0]}
        onChange={({ target }) => onChange([target.value, values[1]])}
      />
      <TextField
        label={labels[1]}
        isCode
        value={values[1]}
        fault={faults[1]}
        onChange={({ target }) => onChange([values[0], target.value])}
      />
    </div>
  );
}

function RedirectFields({ value, faultAt, onChange }: EditorProps<NonNullable<Route['redirect']>>) {
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <TextField
        label={texts.redirectTo}
        hint={texts.redirectToHint}
        isCode
        value={value.to}
        fault={faultAt('.to')}
        onChange={({ target }) => onChange({ ...value, to: target.value })}
      />
      <SelectField
        label={texts.status}
        value={String(value.status ?? 302)}
        onChange={({ target }) => onChange({ ...value, status: Number(target.value) })}
      >
        {Object.entries(texts.redirectStatuses).map(([status, label]) => (
          <option key={status} value={status}>
            {label}
          </option>
        ))}
      </SelectField>
      <CheckField
        label={texts.keepQuery}
        checked={value.keepQuery !== false}
        onChange={({ target }) => onChange({ ...value, keepQuery: target.checked })}
      />
    </div>
  );
}

function AnswerFields({ value, faultAt, onChange }: EditorProps<NonNullable<Route['answer']>>) {
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <TextField
        label={texts.status}
        type="number"
        value={String(value.status)}
        fault={faultAt('.status')}
        onChange={({ target }) => onChange({ ...value, status: Number(target.value) })}
      />
      <TextField
        label={texts.contentType}
        placeholder="text/plain; charset=utf-8"
        value={value.contentType ?? ''}
        fault={faultAt('.contentType')}
        onChange={({ target }) => onChange(trimmed({ ...value, contentType: target.value }))}
      />
      <div className="sm:col-span-2">
        <TextArea
          label={texts.body}
          isCode
          rows={4}
          value={value.body ?? ''}
          fault={faultAt('.body')}
          onChange={({ target }) => onChange(trimmed({ ...value, body: target.value }))}
        />
      </div>
    </div>
  );
}
