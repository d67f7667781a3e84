import { Plus, Trash2 } from 'lucide-react';
import { Button } from '../../../look/button.tsx';
import { SelectField } from '../../../look/field.tsx';
import { TEXTS } from '../../../texts/index.ts';
import { replaced, without } from '../../policies/policy-model.ts';
import type { HeaderRule, HttpSettings } from './http-settings.ts';
import { PartCard } from './part-card.tsx';

const texts = TEXTS.http;
const VERBS = ['set', 'add', 'default', 'remove'] as const;
type Verb = (typeof VERBS)[number];

function verbOf(rule: HeaderRule): Verb {
  return VERBS.find((verb) => rule[verb] !== undefined) ?? 'set';
}

function ruleOf(verb: Verb, name: string, value: string): HeaderRule {
  return verb === 'remove' ? { remove: name } : { [verb]: name, value };
}

const INPUT = 'min-h-10 w-full rounded-lg border border-edge bg-raised px-3 font-mono text-sm aria-invalid:border-bad';

/** Rules for the fields of a message, one line each. */
export function HeaderRules({
  legend,
  rules,
  faultAt,
  onChange,
}: {
  readonly legend: string;
  readonly rules: readonly HeaderRule[];
  readonly faultAt: (path: string) => string | undefined;
  readonly onChange: (rules: readonly HeaderRule[]) => void;
}) {
  return (
    <fieldset className="grid min-w-0 gap-2">
      <legend className="mb-2 font-medium">{legend}</legend>
      {rules.map((rule, index) => {
        const verb = verbOf(rule);
        const name = rule[verb] ?? '';
        const { value = '' } = rule;
        const fault = faultAt(`[${index}]*`);
        const change = (next: HeaderRule) => onChange(replaced(rules, index, next));
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: rules have no name; their order is their identity
          <div key={index}>
            <div className="grid grid-cols-[auto_1fr_auto] gap-2 sm:grid-cols-[9rem_14rem_1fr_auto]">
              <select
                aria-label={texts.verb}
                value={verb}
                onChange={({ target }) => change(ruleOf(target.value as Verb, name, value))}
                className="min-h-10 rounded-lg border border-edge bg-raised px-3 text-sm"
              >
                {VERBS.map((one) => (
                  <option key={one} value={one}>
                    {texts.verbs[one]}
                  </option>
                ))}
              </select>
              <input
                aria-label={texts.fieldName}
                placeholder={texts.fieldName}
                value={name}
                aria-invalid={fault ? true : undefined}
                onChange={({ target }) => change(ruleOf(verb, target.value, value))}
                className={INPUT}
              />
              <input
                aria-label={texts.fieldValue}
                placeholder={verb === 'remove' ? '' : texts.fieldValue}
                disabled={verb === 'remove'}
                value={value}
                aria-invalid={fault ? true : undefined}
                onChange={({ target }) => change(ruleOf(verb, name, target.value))}
                className={`${INPUT} max-sm:col-span-3 max-sm:row-start-2 disabled:opacity-40`}
              />
              <Button
                kind="quiet"
                aria-label={`${TEXTS.frame.remove} ${name}`}
                onClick={() => onChange(without(rules, index))}
              >
                <Trash2 size={15} aria-hidden="true" />
              </Button>
            </div>
            {fault && (
              <p role="alert" className="mt-1 text-sm text-bad">
                {fault}
              </p>
            )}
          </div>
        );
      })}
      <div>
        <Button
          icon={<Plus size={15} aria-hidden="true" />}
          onClick={() => onChange([...rules, { set: '', value: '' }])}
        >
          {texts.addRule}
        </Button>
      </div>
    </fieldset>
  );
}

interface Headers {
  readonly preset?: string;
  readonly request?: readonly HeaderRule[];
  readonly response?: readonly HeaderRule[];
}

export function HeadersTab({ id, settings }: { readonly id: string; readonly settings: HttpSettings }) {
  return (
    <PartCard<Headers> id={id} settings={settings} part="headers" title={texts.headers} lead={texts.headersLead}>
      {({ value = {}, change, faultAt }) => {
        const put = (part: Headers) => change(headersOf({ ...value, ...part }));
        return (
          <>
            <SelectField
              label={texts.preset}
              hint={texts.presetHint}
              value={value.preset ?? ''}
              onChange={({ target }) => put({ preset: target.value })}
            >
              {Object.entries(texts.presets).map(([word, label]) => (
                <option key={word} value={word}>
                  {label}
                </option>
              ))}
            </SelectField>
            {(['request', 'response'] as const).map((side) => (
              <HeaderRules
                key={side}
                legend={texts.sides[side]}
                rules={value[side] ?? []}
                faultAt={(path) => faultAt(`.${side}${path}`)}
                onChange={(rules) => put({ [side]: rules })}
              />
            ))}
            <p className="text-sm text-quiet">{texts.templates}</p>
          </>
        );
      }}
    </PartCard>
  );
}

/** Without what says nothing; undefined where nothing is left. */
export function headersOf({ preset, request = [], response = [] }: Headers): Headers | undefined {
  const kept = {
    ...(preset && { preset }),
    ...(request.length > 0 && { request }),
    ...(response.length > 0 && { response }),
  };
  return Object.keys(kept).length > 0 ? kept : undefined;
}
