import { useQuery } from '@tanstack/react-query';
import { SelectField } from '../look/field.tsx';
import { TEXTS } from '../texts/index.ts';
import { sitesQuery } from './client.ts';

/** The site that is chosen, or the first there is. */
export function useSite(chosen: string): string {
  const sites = useQuery(sitesQuery);
  return chosen || (sites.data?.[0]?.id ?? '');
}

/** Whether nobody can say yet which sites there are: a form that needs one waits. */
export function useSitesPending(): boolean {
  return useQuery(sitesQuery).isPending;
}

/** Behind which site a target is. */
export function SiteField({ value, onChange }: { readonly value: string; readonly onChange: (id: string) => void }) {
  const sites = useQuery(sitesQuery);
  return (
    <SelectField
      label={TEXTS.applications.site}
      hint={TEXTS.applications.siteHint}
      required
      value={value}
      onChange={({ target }) => onChange(target.value)}
    >
      {(sites.data ?? []).map(({ id, name }) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
    </SelectField>
  );
}
