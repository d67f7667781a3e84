import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { answerOf } from '../../../api/client.ts';
import { api, rolesQuery } from '../../frame/client.ts';
import { SiteField, useSite } from '../../frame/site-field.tsx';
import { Button } from '../../look/button.tsx';
import { Choices, SelectField, TextField } from '../../look/field.tsx';
import { Card, Page } from '../../look/page.tsx';
import { faultOf, ProblemNote } from '../../look/problem.tsx';
import { useToast } from '../../look/toast.tsx';
import { TEXTS } from '../../texts/index.ts';

const texts = TEXTS.applications;

type Access = 'signed-in' | 'role' | 'nobody';

interface Draft {
  readonly name: string;
  readonly host: string;
  readonly siteId: string;
  readonly url: string;
  readonly access: Access;
  readonly role: string;
}

export function NewApplicationPage() {
  const roles = useQuery(rolesQuery);
  const [draft, setDraft] = useState<Draft>({
    ...{ name: '', host: `.${location.hostname}`, siteId: '', url: 'http://localhost:3000' },
    ...{ access: 'signed-in', role: '' },
  });
  const change = (part: Partial<Draft>) => setDraft((before) => ({ ...before, ...part }));
  const siteId = useSite(draft.siteId);
  const publish = usePublish({ ...draft, siteId, role: draft.role || (roles.data?.[0]?.name ?? '') });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    publish.mutate();
  };
  const isHostOwn = draft.host !== `.${location.hostname}`;
  return (
    <Page title={texts.publish}>
      <form onSubmit={submit} className="grid max-w-2xl gap-6">
        <Card>
          <div className="grid gap-5">
            <TextField
              label={texts.name}
              hint={texts.nameHint}
              required
              autoFocus
              value={draft.name}
              fault={faultOf(publish.error, 'name')}
              onChange={({ target }) => {
                const isFollowing = !isHostOwn || draft.host === `${labelOf(draft.name)}.${location.hostname}`;
                change({
                  name: target.value,
                  ...(isFollowing && { host: `${labelOf(target.value)}.${location.hostname}` }),
                });
              }}
            />
            <TextField
              label={texts.host}
              hint={texts.hostHint}
              required
              isCode
              value={draft.host}
              fault={faultOf(publish.error, 'host')}
              onChange={({ target }) => change({ host: target.value })}
            />
            <SiteField value={siteId} onChange={(id) => change({ siteId: id })} />
            <TextField
              label={texts.address}
              hint={texts.addressHint}
              required
              isCode
              value={draft.url}
              fault={faultOf(publish.error, 'url')}
              onChange={({ target }) => change({ url: target.value })}
            />
          </div>
        </Card>
        <Card>
          <div className="grid gap-5">
            <Choices
              legend={texts.access}
              value={draft.access}
              onChange={(access) => change({ access })}
              options={[
                { value: 'signed-in', label: texts.accessSignedIn, hint: texts.accessSignedInHint },
                { value: 'role', label: texts.accessRole, hint: texts.accessRoleHint },
                { value: 'nobody', label: texts.accessNobody, hint: texts.accessNobodyHint },
              ]}
            />
            {draft.access === 'role' && (
              <SelectField
                label={texts.role}
                value={draft.role}
                onChange={({ target }) => change({ role: target.value })}
              >
                {(roles.data ?? []).map(({ id, name }) => (
                  <option key={id} value={name}>
                    {name}
                  </option>
                ))}
              </SelectField>
            )}
          </div>
        </Card>
        {publish.isError && <ProblemNote error={publish.error} />}
        <div className="flex gap-2">
          <Button kind="first" type="submit" isBusy={publish.isPending}>
            {texts.publish}
          </Button>
        </div>
      </form>
    </Page>
  );
}

function usePublish(draft: Draft) {
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const toast = useToast();
  return useMutation({
    mutationFn: () =>
      answerOf(
        api.POST('/resources', {
          body: {
            name: draft.name,
            host: draft.host,
            policy: { rules: rulesOf(draft) },
            targets: [{ siteId: draft.siteId, url: draft.url }],
          },
        }),
      ),
    onSuccess: async ({ id, name }) => {
      await queryClient.invalidateQueries({ queryKey: ['applications'] });
      toast('good', texts.published(name));
      await navigate({ to: '/applications/$id', params: { id } });
    },
  });
}

function rulesOf({ access, role }: Draft) {
  if (access === 'nobody') return [];
  const then =
    access === 'role'
      ? { kind: 'authenticate', anyOf: { roles: [role] } }
      : { kind: 'authenticate', anyOf: 'signed-in' };
  return [
    {
      id: 'people',
      name: access === 'role' ? `People with the role ${role}` : texts.accessSignedIn,
      when: { all: [] },
      then,
    },
  ];
}

/** A name as a label of a host name (RFC 1123 section 2.1). */
function labelOf(name: string): string {
  const label = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
  return label.slice(0, 63);
}
