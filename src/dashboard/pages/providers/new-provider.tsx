import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { answerOf } from '../../../api/client.ts';
import { useChange } from '../../frame/change.ts';
import { api, meQuery } from '../../frame/client.ts';
import { useFields } from '../../frame/draft.ts';
import { BackLink } from '../../look/back-link.tsx';
import { Button } from '../../look/button.tsx';
import { CheckField, Choices, TextField } from '../../look/field.tsx';
import { Card, Page } from '../../look/page.tsx';
import { faultOf, ProblemNote } from '../../look/problem.tsx';
import { TEXTS } from '../../texts/index.ts';
import { PresetChoice } from './preset-choice.tsx';
import { ProviderAddresses } from './provider-addresses.tsx';
import { type Preset, type Provider, providersQuery, wordsOf } from './provider-shape.ts';

const texts = TEXTS.providers;
/** The same for everybody, so nobody has to say it. */
const WITHOUT_ISSUER: ReadonlySet<Preset> = new Set(['google', 'github']);
const MAY_BE_PRIVATE: ReadonlySet<Preset> = new Set(['keycloak', 'authentik', 'generic']);

interface Draft {
  readonly name: string;
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly provisioning: Provider['provisioning'];
  readonly domains: string;
  readonly allowPrivate: boolean;
}

const EMPTY: Draft = {
  ...{ name: '', issuer: '', clientId: '', clientSecret: '', domains: '' },
  ...{ provisioning: 'verified-email', allowPrivate: false },
};

/** From the kind of provider to a button on the sign-in page, in the order in which people do it. */
export function NewProviderPage() {
  const [preset, setPreset] = useState<Preset>();
  return (
    <Page above={<BackLink to="/providers">{texts.title}</BackLink>} title={texts.add}>
      <Card title={texts.chooseTitle} className="max-w-3xl">
        <PresetChoice value={preset} onChange={setPreset} />
      </Card>
      {preset && <ProviderForm key={preset} preset={preset} />}
    </Page>
  );
}

function ProviderForm({ preset }: { readonly preset: Preset }) {
  const providers = useQuery(providersQuery);
  const me = useQuery(meQuery);
  const navigate = useNavigate();
  const [draft, change] = useFields<Draft>(EMPTY);
  const name = draft.name || freeName(preset, providers.data ?? []);
  const add = useChange<void, Provider>({
    run: () => answerOf(api.POST('/providers', { body: bodyOf(preset, { ...draft, name }) })),
    shows: ['providers'],
    done: texts.added,
    isForm: true,
    onDone: ({ id }) => navigate({ to: '/providers/$id', params: { id } }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate();
  };
  const fault = (field: string) => faultOf(add.error, field);
  const isTold = ['name', 'issuer', 'clientId', 'clientSecret', 'domains'].some((field) => fault(field));
  return (
    <form onSubmit={submit} className="grid max-w-3xl grid-cols-1 gap-6">
      <Card title={texts.registerTitle} lead={texts.registerLead}>
        <div className="grid grid-cols-1 gap-4">
          <p>{texts.register[preset]}</p>
          <ProviderAddresses name={name} />
          <TextField
            label={texts.slug}
            hint={texts.slugHint}
            isCode
            required
            value={name}
            fault={fault('name')}
            onChange={({ target }) => change({ name: target.value })}
          />
        </div>
      </Card>
      <Card title={texts.clientTitle}>
        <div className="grid gap-5">
          {!WITHOUT_ISSUER.has(preset) && (
            <TextField
              label={texts.issuer}
              hint={texts.issuerHints[preset]}
              isCode
              required
              type="url"
              value={draft.issuer}
              fault={fault('issuer')}
              onChange={({ target }) => change({ issuer: target.value })}
            />
          )}
          <TextField
            label={texts.clientId}
            isCode
            required
            autoComplete="off"
            value={draft.clientId}
            fault={fault('clientId')}
            onChange={({ target }) => change({ clientId: target.value })}
          />
          <TextField
            label={texts.clientSecret}
            hint={texts.clientSecretHint}
            type="password"
            autoComplete="off"
            required
            value={draft.clientSecret}
            fault={fault('clientSecret')}
            onChange={({ target }) => change({ clientSecret: target.value })}
          />
          {MAY_BE_PRIVATE.has(preset) && me.data?.isInstallationAdmin && (
            <CheckField
              label={texts.allowPrivate}
              hint={texts.allowPrivateHint}
              checked={draft.allowPrivate}
              onChange={({ target }) => change({ allowPrivate: target.checked })}
            />
          )}
        </div>
      </Card>
      <Card title={texts.whoTitle}>
        <div className="grid gap-5">
          <ProvisioningChoice value={draft.provisioning} onChange={(provisioning) => change({ provisioning })} />
          <TextField
            label={texts.domains}
            hint={texts.domainsHint}
            value={draft.domains}
            fault={fault('domains')}
            onChange={({ target }) => change({ domains: target.value })}
          />
        </div>
      </Card>
      {add.isError && !isTold && <ProblemNote error={add.error} />}
      <div>
        <Button kind="first" type="submit" isBusy={add.isPending}>
          {texts.save}
        </Button>
      </div>
    </form>
  );
}

export function ProvisioningChoice({
  value,
  onChange,
}: {
  readonly value: Provider['provisioning'];
  readonly onChange: (value: Provider['provisioning']) => void;
}) {
  const ways = ['verified-email', 'subject', 'never'] as const;
  return (
    <Choices
      legend={texts.provisioning}
      value={value}
      onChange={onChange}
      options={ways.map((way) => ({ value: way, ...texts.provisioningWays[way] }))}
    />
  );
}

function bodyOf(preset: Preset, draft: Draft) {
  const domains = wordsOf(draft.domains);
  return {
    preset,
    name: draft.name,
    clientId: draft.clientId.trim(),
    clientSecret: draft.clientSecret.trim(),
    provisioning: draft.provisioning,
    ...(draft.issuer.trim() !== '' && { issuer: draft.issuer.trim() }),
    ...(domains.length > 0 && { domains }),
    ...(draft.allowPrivate && { allowPrivate: true }),
  };
}

/** `google`, and `google-2` where there is one already. */
function freeName(preset: Preset, providers: readonly Provider[]): string {
  const base = preset === 'generic' ? 'sso' : preset;
  const taken = new Set(providers.map(({ name }) => name));
  if (!taken.has(base)) return base;
  for (let number = 2; ; number++) if (!taken.has(`${base}-${number}`)) return `${base}-${number}`;
}
