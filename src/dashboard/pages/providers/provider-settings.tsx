import type { FormEvent } from 'react';
import { useDraft } from '../../frame/draft.ts';
import { placeAt, useSave } from '../../frame/save.ts';
import { CheckField, TextField } from '../../look/field.tsx';
import { SaveRow } from '../../look/form-actions.tsx';
import { Card } from '../../look/page.tsx';
import { faultOf, ProblemNote } from '../../look/problem.tsx';
import { TEXTS } from '../../texts/index.ts';
import { ProvisioningChoice } from './new-provider.tsx';
import { type Provider, wordsOf } from './provider-shape.ts';

const texts = TEXTS.providers;

interface Draft {
  readonly label: string;
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly provisioning: Provider['provisioning'];
  readonly domains: string;
  readonly linkDomains: string;
  readonly defaultRoles: string;
  readonly mfaValues: string;
  readonly roles: string;
  readonly groups: string;
  readonly signOut: boolean;
  readonly automatic: boolean;
}

function draftOf(provider: Provider): Draft {
  const { label, issuer, clientId, provisioning, signOut, automatic, mapping } = provider;
  return {
    ...{ label, issuer, clientId, clientSecret: '', provisioning, signOut, automatic },
    domains: provider.domains.join(', '),
    linkDomains: provider.linkDomains.join(', '),
    defaultRoles: provider.defaultRoles.join(', '),
    mfaValues: provider.mfaValues.join(', '),
    roles: mapping.roles ?? '',
    groups: mapping.groups ?? '',
  };
}

function bodyOf(draft: Draft, before: Provider) {
  const { roles: _roles, groups: _groups, ...mapping } = before.mapping;
  return {
    ...{ label: draft.label, issuer: draft.issuer.trim(), clientId: draft.clientId.trim() },
    ...{ provisioning: draft.provisioning, signOut: draft.signOut, automatic: draft.automatic },
    domains: wordsOf(draft.domains),
    linkDomains: wordsOf(draft.linkDomains),
    defaultRoles: wordsOf(draft.defaultRoles),
    mfaValues: wordsOf(draft.mfaValues),
    mapping: {
      ...mapping,
      ...(draft.roles.trim() !== '' && { roles: draft.roles.trim() }),
      ...(draft.groups.trim() !== '' && { groups: draft.groups.trim() }),
    },
    ...(draft.clientSecret !== '' && { clientSecret: draft.clientSecret.trim() }),
  };
}

const TEXT_FIELDS = [
  { field: 'label', label: texts.label },
  { field: 'issuer', label: texts.issuer, isCode: true },
  { field: 'clientId', label: texts.clientId, isCode: true },
] as const;

const MORE_FIELDS = [
  { field: 'roles', label: texts.roles, hint: texts.rolesHint, isCode: true },
  { field: 'groups', label: texts.groups, hint: texts.groupsHint, isCode: true },
  { field: 'defaultRoles', label: texts.defaultRoles, hint: texts.listFrom, isCode: false },
  { field: 'linkDomains', label: texts.linkDomains, hint: texts.linkDomainsHint, isCode: false },
  { field: 'mfaValues', label: texts.mfaValues, hint: texts.mfaHint, isCode: false },
] as const;

const LABELS = {
  ...Object.fromEntries([...TEXT_FIELDS, ...MORE_FIELDS].map(({ field, label }) => [field, label])),
  ...{ clientSecret: texts.clientSecret, domains: texts.domains, signOut: texts.signOut, automatic: texts.automatic },
};

export function ProviderSettings({ provider }: { readonly provider: Provider }) {
  const form = useDraft(provider, draftOf);
  const { fields: draft, change } = form;
  const save = useSave({
    draft: form,
    place: placeAt('patch', '/providers/{id}', { id: provider.id }),
    body: () => bodyOf(draft, form.seen),
    words: { labels: LABELS },
    shows: ['providers'],
    done: texts.saved(draft.label),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <Card title={texts.settingsTitle}>
      <form onSubmit={submit} className="grid gap-5">
        {TEXT_FIELDS.map(({ field, ...rest }) => (
          <TextField
            key={field}
            {...rest}
            required
            value={draft[field]}
            fault={faultOf(save.error, field)}
            onChange={({ target }) => change({ [field]: target.value })}
          />
        ))}
        <TextField
          label={texts.clientSecret}
          hint={texts.clientSecretKept}
          type="password"
          autoComplete="off"
          value={draft.clientSecret}
          fault={faultOf(save.error, 'clientSecret')}
          onChange={({ target }) => change({ clientSecret: target.value })}
        />
        <ProvisioningChoice value={draft.provisioning} onChange={(provisioning) => change({ provisioning })} />
        <TextField
          label={texts.domains}
          hint={texts.domainsHint}
          value={draft.domains}
          fault={faultOf(save.error, 'domains')}
          onChange={({ target }) => change({ domains: target.value })}
        />
        <details className="rounded-lg border px-4 py-3">
          <summary className="cursor-pointer font-medium">{texts.advanced}</summary>
          <div className="mt-4 grid gap-5">
            {MORE_FIELDS.map(({ field, ...rest }) => (
              <TextField
                key={field}
                {...rest}
                value={draft[field]}
                fault={faultOf(save.error, field)}
                onChange={({ target }) => change({ [field]: target.value })}
              />
            ))}
            <CheckField
              label={texts.signOut}
              checked={draft.signOut}
              onChange={({ target }) => change({ signOut: target.checked })}
            />
            <CheckField
              label={texts.automatic}
              checked={draft.automatic}
              onChange={({ target }) => change({ automatic: target.checked })}
            />
          </div>
        </details>
        {save.isError && <ProblemNote error={save.error} />}
        <SaveRow isBusy={save.isPending} />
      </form>
    </Card>
  );
}
