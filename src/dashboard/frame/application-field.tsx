import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { answerOf } from '../../api/client.ts';
import { TokensField } from '../look/tokens.tsx';
import { TEXTS } from '../texts/index.ts';
import { api } from './client.ts';
import { useSettled } from './lists.ts';

const SHOWN = 20;

/** One of any number of applications: found by the server while one types. */
export function ApplicationField({
  label,
  hint,
  fault,
  value,
  onChange,
}: {
  readonly label: string;
  readonly hint?: string;
  readonly fault?: string | undefined;
  readonly value: string | undefined;
  readonly onChange: (id: string | undefined) => void;
}) {
  const [typed, setTyped] = useState('');
  const q = useSettled(typed.trim());
  const found = useQuery({
    queryKey: ['applications', 'found', q],
    queryFn: () => answerOf(api.GET('/resources', { params: { query: { limit: SHOWN, ...(q !== '' && { q }) } } })),
    placeholderData: (before) => before,
  });
  const chosen = useQuery({
    queryKey: ['applications', 'named', value],
    queryFn: () => answerOf(api.GET('/resources', { params: { query: { ids: value ?? '' } } })),
    enabled: value !== undefined,
  });
  const options = [...(chosen.data?.items ?? []), ...(found.data?.items ?? [])].map(({ id, name }) => ({
    value: id,
    label: name,
  }));
  return (
    <TokensField
      label={label}
      hint={hint ?? TEXTS.applications.searchLabel}
      fault={fault}
      values={value === undefined ? [] : [value]}
      options={options}
      isOptionsOnly
      labelOf={(id) => options.find((one) => one.value === id)?.label ?? '…'}
      onChange={(ids) => onChange(ids.at(-1))}
      onType={setTyped}
    />
  );
}
