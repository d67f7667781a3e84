import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type { FormEvent } from 'react';
import { answerOf } from '../../../api/client.ts';
import { useChange } from '../../frame/change.ts';
import { api, rolesQuery } from '../../frame/client.ts';
import { useFields } from '../../frame/draft.ts';
import { faultIn, findingsOf } from '../../frame/findings.ts';
import { SiteField, useSite, useSitesPending } from '../../frame/site-field.tsx';
import { BackLink } from '../../look/back-link.tsx';
import { Button } from '../../look/button.tsx';
import { Choices, SelectField, TextField } from '../../look/field.tsx';
import { Card, Page } from '../../look/page.tsx';
import { ProblemNote } from '../../look/problem.tsx';
import { TEXTS } from '../../texts/index.ts';
import { groupsQuery } from '../policies/names.ts';
import type { Application } from './application-shape.ts';
import { HostField } from './host-field.tsx';
import { type Access, accessChoices, type Kind, labelOf, policyOf } from './new-policy.ts';
import { type Listen, ListenFields } from './streams/listen-fields.tsx';

const texts = TEXTS.applications;

interface Draft {
  readonly kind: Kind;
  readonly name: string;
  readonly host: string;
  readonly listen: Listen;
  readonly siteId: string;
  readonly url: string;
  readonly access: Access;
  readonly role: string;
  readonly group: string;
}

const URLS: Readonly<Record<Kind, string>> = {
  ...{ http: 'http://localhost:3000', access: 'tcp://localhost:22', tcp: 'tcp://localhost:5432' },
  ...{ udp: 'udp://localhost:53', tls: 'tcp://localhost:443' },
};

const FIRST: Draft = {
  ...{ kind: 'http', name: '', host: `.${location.hostname}`, listen: { first: null, last: null, idleMs: null } },
  ...{ siteId: '', url: URLS.http, access: 'signed-in', role: '', group: '' },
};

export function NewApplicationPage() {
  const [draft, change] = useFields(FIRST);
  const siteId = useSite(draft.siteId);
  const isWaiting = useSitesPending();
  const publish = usePublish({ ...draft, siteId });
  const findings = findingsOf(publish.error);
  const faultAt = (path: string) => faultIn(findings, path);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    publish.mutate();
  };
  return (
    <Page title={texts.publish} above={<BackLink to="/applications">{texts.title}</BackLink>}>
      <form onSubmit={submit} className="grid max-w-3xl gap-6">
        <Card>
          <KindField
            value={draft.kind}
            onChange={(kind) =>
              change({
                kind,
                access: accessChoices(kind)[0] ?? 'nobody',
                ...(draft.url === URLS[draft.kind] && { url: URLS[kind] }),
              })
            }
          />
        </Card>
        <Card>
          <PlaceFields draft={{ ...draft, siteId }} faultAt={faultAt} change={change} />
        </Card>
        <Card>
          <AccessFields draft={draft} change={change} />
        </Card>
        {publish.isError && <ProblemNote error={publish.error} />}
        <div className="flex gap-2">
          <Button kind="first" type="submit" isBusy={publish.isPending || isWaiting}>
            {texts.publish}
          </Button>
        </div>
      </form>
    </Page>
  );
}

function KindField({ value, onChange }: { readonly value: Kind; readonly onChange: (kind: Kind) => void }) {
  return (
    <Choices
      legend={texts.what}
      isSideBySide
      value={value}
      onChange={onChange}
      options={(Object.entries(texts.kindChoices) as [Kind, readonly [string, string]][]).map(
        ([kind, [label, hint]]) => ({ value: kind, label, hint }),
      )}
    />
  );
}

interface PartProps {
  readonly draft: Draft;
  readonly change: (part: Partial<Draft>) => void;
}

function PlaceFields({
  draft,
  faultAt,
  change,
}: PartProps & { readonly faultAt: (path: string) => string | undefined }) {
  const { kind, name, host } = draft;
  const hasHost = kind !== 'tcp' && kind !== 'udp';
  const rename = (next: string) => {
    const domain = host.slice(host.indexOf('.') + 1);
    const isFollowing = host === `${labelOf(name)}.${domain}`;
    change({ name: next, ...(isFollowing && { host: `${labelOf(next)}.${domain}` }) });
  };
  return (
    <div className="grid gap-5">
      <TextField
        label={texts.name}
        hint={texts.nameHint}
        required
        autoFocus
        value={name}
        fault={faultAt('name')}
        onChange={({ target }) => rename(target.value)}
      />
      {hasHost && <HostField value={host} fault={faultAt('host')} onChange={(next) => change({ host: next })} />}
      {kind !== 'http' && kind !== 'access' && (
        <ListenFields
          kind={kind}
          value={draft.listen}
          faultAt={(path) => faultAt(`listen${path}`)}
          onChange={(listen) => change({ listen })}
        />
      )}
      <SiteField value={draft.siteId} onChange={(id) => change({ siteId: id })} />
      <TextField
        label={texts.address}
        hint={kind === 'http' ? texts.addressHint : texts.streamAddressHint}
        required
        isCode
        value={draft.url}
        fault={faultAt('url') ?? faultAt('targets[0].url')}
        onChange={({ target }) => change({ url: target.value })}
      />
    </div>
  );
}

function AccessFields({ draft, change }: PartProps) {
  const roles = useQuery(rolesQuery).data ?? [];
  const groups = useQuery(groupsQuery).data ?? [];
  const options = accessChoices(draft.kind)
    .filter((access) => access !== 'group' || groups.length > 0)
    .map((value) => ({ value, label: ACCESS_TEXTS[value][0], hint: ACCESS_TEXTS[value][1] }));
  return (
    <div className="grid gap-5">
      <Choices legend={texts.access} value={draft.access} onChange={(access) => change({ access })} options={options} />
      {draft.access === 'role' && (
        <Named label={texts.role} names={roles} value={draft.role} onChange={(role) => change({ role })} />
      )}
      {draft.access === 'group' && (
        <Named label={texts.group} names={groups} value={draft.group} onChange={(group) => change({ group })} />
      )}
    </div>
  );
}

const ACCESS_TEXTS: Readonly<Record<Access, readonly [label: string, hint: string]>> = {
  'signed-in': [texts.accessSignedIn, texts.accessSignedInHint],
  role: [texts.accessRole, texts.accessRoleHint],
  group: [texts.accessGroup, texts.accessGroupHint],
  recent: [texts.accessRecent, texts.accessRecentHint],
  everybody: [texts.accessEverybody, texts.accessEverybodyHint],
  nobody: [texts.accessNobody, texts.accessNobodyHint],
};

function Named({
  label,
  names,
  value,
  onChange,
}: {
  readonly label: string;
  readonly names: readonly { readonly id: string; readonly name: string }[];
  readonly value: string;
  readonly onChange: (name: string) => void;
}) {
  return (
    <SelectField label={label} required value={value} onChange={({ target }) => onChange(target.value)}>
      <option value="" />
      {names.map(({ id, name }) => (
        <option key={id} value={name}>
          {name}
        </option>
      ))}
    </SelectField>
  );
}

function usePublish(draft: Draft) {
  const navigate = useNavigate();
  const { kind, name, host, listen, siteId, url } = draft;
  const isStream = kind !== 'http' && kind !== 'access';
  return useChange<void, Application>({
    run: () =>
      answerOf(
        api.POST('/resources', {
          body: {
            ...{ name, kind, policy: policyOf(draft), targets: [{ siteId, url }] },
            ...(kind !== 'tcp' && kind !== 'udp' && { host }),
            ...(isStream && { listen }),
          },
        }),
      ),
    shows: ['applications'],
    done: texts.published(name),
    isForm: true,
    onDone: ({ id }) => navigate({ to: '/applications/$id', params: { id } }),
  });
}
