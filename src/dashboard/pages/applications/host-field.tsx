import { useQuery } from '@tanstack/react-query';
import { all, answerOf, paged } from '../../../api/client.ts';
import { api } from '../../frame/client.ts';
import { SelectField, TextField } from '../../look/field.tsx';
import { TEXTS } from '../../texts/index.ts';

const texts = TEXTS.applications;

export const domainsQuery = {
  queryKey: ['domains'],
  queryFn: () => all((after) => answerOf(api.GET('/domains', paged(after)))),
};

/** A host name, with the domains that it may be in to choose from. */
export function HostField({
  value,
  fault,
  onChange,
}: {
  readonly value: string;
  readonly fault: string | undefined;
  readonly onChange: (host: string) => void;
}) {
  const domains = useQuery(domainsQuery).data ?? [];
  const suffixes = [location.hostname, ...domains.map(({ name }) => name)];
  const current = suffixes
    .filter((suffix) => value === suffix || value.endsWith(`.${suffix}`))
    .sort((one, other) => other.length - one.length)[0];
  const label = current === undefined ? (value.split('.')[0] ?? '') : value.slice(0, -(current.length + 1));
  const chosen = domains.find(({ name }) => name === current);
  return (
    <div className="grid gap-4 sm:grid-cols-[1fr_14rem]">
      <TextField
        label={texts.host}
        hint={texts.hostHint}
        required
        isCode
        value={value}
        fault={fault}
        onChange={({ target }) => onChange(target.value)}
      />
      <SelectField
        label={texts.domain}
        hint={chosen && chosen.state !== 'verified' ? texts.domainStates[chosen.state] : undefined}
        value={current ?? ''}
        onChange={({ target }) => target.value !== '' && onChange(`${label}.${target.value}`)}
      >
        {current === undefined && <option value="">{texts.otherDomain}</option>}
        {suffixes.map((suffix) => (
          <option key={suffix} value={suffix}>
            {suffix}
          </option>
        ))}
      </SelectField>
    </div>
  );
}
