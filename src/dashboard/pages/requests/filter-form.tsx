import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { answerOf } from '../../../api/client.ts';
import { api, popsQuery } from '../../frame/client.ts';
import { useSettled } from '../../frame/lists.ts';
import { Button } from '../../look/button.tsx';
import { SelectField, TextField } from '../../look/field.tsx';
import { Card } from '../../look/page.tsx';
import { TEXTS } from '../../texts/index.ts';
import { type Filter, type FilterField, OUTCOMES } from './filter.ts';

const texts = TEXTS.requests;
const TYPED = ['path', 'status', 'user', 'address', 'country', 'reason'] as const;
type Typed = (typeof TYPED)[number];
const APPLICATIONS = 200;

interface FilterFormProps {
  readonly filter: Filter;
  readonly change: (filter: Filter) => void;
  /** The first one is left out of the address. */
  readonly spans: readonly (keyof typeof texts.spans)[];
}

export function FilterForm({ filter, change, spans }: FilterFormProps) {
  const choose = (field: FilterField, value: string): void => {
    const { [field]: _, ...rest } = filter;
    change(value === '' ? rest : { ...rest, [field]: value });
  };
  const pops = useQuery(popsQuery);
  const applications = useQuery({
    queryKey: ['applications', 'of-requests'],
    queryFn: () => answerOf(api.GET('/resources', { params: { query: { limit: APPLICATIONS } } })),
  });
  return (
    <Card>
      <div className="grid gap-4 sm:grid-cols-2 lg:grid-cols-4">
        <SelectField
          label={texts.resource}
          value={filter.resourceId ?? ''}
          onChange={({ target }) => choose('resourceId', target.value)}
        >
          <option value="">{texts.anyResource}</option>
          {applications.data?.items.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </SelectField>
        <SelectField
          label={texts.outcome}
          value={filter.outcome ?? ''}
          onChange={({ target }) => choose('outcome', target.value)}
        >
          <option value="">{texts.anyOutcome}</option>
          {OUTCOMES.map((outcome) => (
            <option key={outcome} value={outcome}>
              {texts.outcomes[outcome]}
            </option>
          ))}
        </SelectField>
        <SelectField
          label={texts.pop}
          value={filter.popId ?? ''}
          onChange={({ target }) => choose('popId', target.value)}
        >
          <option value="">{texts.anyPop}</option>
          {pops.data?.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </SelectField>
        {spans.length > 0 && (
          <SelectField
            label={texts.since}
            value={filter.since ?? spans[0]}
            onChange={({ target }) => choose('since', target.value === spans[0] ? '' : target.value)}
          >
            {spans.map((span) => (
              <option key={span} value={span}>
                {texts.spans[span]}
              </option>
            ))}
          </SelectField>
        )}
      </div>
      <details className="mt-4" open={TYPED.some((field) => filter[field] !== undefined) || undefined}>
        <summary className="w-fit cursor-pointer text-sm text-quiet hover:text-ink">{texts.moreFilters}</summary>
        <div className="mt-3 grid gap-4 sm:grid-cols-3 lg:grid-cols-6">
          {TYPED.map((field) => (
            <TypedField
              key={field}
              field={field}
              value={filter[field] ?? ''}
              change={(value) => choose(field, value)}
            />
          ))}
        </div>
      </details>
      {Object.keys(filter).length > 0 && (
        <Button kind="quiet" className="mt-3 -ml-3.5" onClick={() => change({})}>
          {texts.clear}
        </Button>
      )}
    </Card>
  );
}

interface TypedFieldProps {
  readonly field: Typed;
  readonly value: string;
  readonly change: (value: string) => void;
}

/** Goes into the address when whoever types pauses. */
function TypedField({ field, value, change }: TypedFieldProps) {
  const [typed, setTyped] = useState(value);
  const settled = useSettled(typed.trim());
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was typed is what changes it, not what the address says
  useEffect(() => {
    if (settled !== value) change(settled);
  }, [settled]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: filters that were cleared, or another address, win
  useEffect(() => {
    if (value !== settled) setTyped(value);
  }, [value]);
  return (
    <TextField
      label={texts[field]}
      value={typed}
      placeholder={field === 'status' ? texts.statusHint : undefined}
      maxLength={field === 'country' ? 2 : 256}
      onChange={({ target }) => setTyped(target.value)}
    />
  );
}
