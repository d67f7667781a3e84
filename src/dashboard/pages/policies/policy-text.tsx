import { useEffect, useState } from 'react';
import { TextArea } from '../../look/field.tsx';
import { Loading } from '../../look/problem.tsx';
import { TEXTS } from '../../texts/index.ts';
import type { Policy } from './policy-model.ts';

const texts = TEXTS.policies;
type Yaml = typeof import('yaml');
type Language = 'yaml' | 'json';

/** The same policy, as people keep it in files. The language is loaded when somebody comes here. */
export function PolicyText({
  policy,
  onChange,
}: {
  readonly policy: Policy;
  readonly onChange: (policy: Policy) => void;
}) {
  const [yaml, setYaml] = useState<Yaml>();
  useEffect(() => {
    void import('yaml').then(setYaml);
  }, []);
  if (!yaml) return <Loading />;
  return <Loaded yaml={yaml} policy={policy} onChange={onChange} />;
}

function Loaded({
  yaml,
  policy,
  onChange,
}: {
  readonly yaml: Yaml;
  readonly policy: Policy;
  readonly onChange: (policy: Policy) => void;
}) {
  const [language, setLanguage] = useState<Language>('yaml');
  const written = (of: Language) =>
    of === 'yaml' ? yaml.stringify(policy, { lineWidth: 100 }) : `${JSON.stringify(policy, null, 2)}\n`;
  const [text, setText] = useState(() => written('yaml'));
  const [fault, setFault] = useState<string>();
  const read = (next: string) => {
    setText(next);
    try {
      const value: unknown = language === 'yaml' ? yaml.parse(next) : JSON.parse(next);
      if (!isPolicy(value)) throw new Error('expected an object with a list of rules');
      setFault(undefined);
      onChange(value);
    } catch (error) {
      setFault(`${texts.textInvalid}: ${error instanceof Error ? error.message.split('\n')[0] : ''}`);
    }
  };
  return (
    <div className="grid gap-3">
      <label className="flex items-center gap-2 text-sm">
        {texts.language}
        <select
          value={language}
          onChange={({ target }) => {
            const next = target.value as Language;
            setLanguage(next);
            setText(written(next));
            setFault(undefined);
          }}
          className="min-h-9 rounded-lg border border-edge bg-raised px-3 text-sm"
        >
          <option value="yaml">YAML</option>
          <option value="json">JSON</option>
        </select>
      </label>
      <TextArea
        label={texts.textLabel}
        hint={texts.textHint}
        isCode
        rows={Math.min(36, Math.max(12, text.split('\n').length + 1))}
        value={text}
        fault={fault}
        onChange={({ target }) => read(target.value)}
      />
    </div>
  );
}

/** Enough for the editor to show it; what else is wrong the API says. */
function isPolicy(value: unknown): value is Policy {
  const { rules } = (value ?? {}) as { readonly rules?: unknown };
  return (
    Array.isArray(rules) &&
    rules.every(
      (rule: unknown) =>
        typeof rule === 'object' &&
        rule !== null &&
        ['when', 'then'].every((key) => {
          const part = (rule as Record<string, unknown>)[key];
          return typeof part === 'object' && part !== null && !Array.isArray(part);
        }),
    )
  );
}
