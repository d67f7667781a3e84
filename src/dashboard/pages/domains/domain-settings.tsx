import { useQuery } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { useDraft } from '../../frame/draft.ts';
import { isSame } from '../../frame/reconcile.ts';
import { placeAt, useSave } from '../../frame/save.ts';
import { DurationField } from '../../look/amount.tsx';
import { CheckField, Choices, SelectField } from '../../look/field.tsx';
import { SaveRow } from '../../look/form-actions.tsx';
import { Card } from '../../look/page.tsx';
import { ProblemNote } from '../../look/problem.tsx';
import { TEXTS } from '../../texts/index.ts';
import { type Domain, dnsProvidersQuery, ownCertificatesQuery } from './domain-shape.ts';
import { choicesOf } from './domains.tsx';

const texts = TEXTS.domains;

interface Hsts {
  readonly enabled: boolean;
  readonly maxAgeSeconds: number;
  readonly includeSubDomains: boolean;
  readonly preload: boolean;
}
const HSTS: Hsts = { enabled: true, maxAgeSeconds: 31_536_000, includeSubDomains: false, preload: false };

type Draft = Pick<Domain, 'mode' | 'certificate' | 'challenge' | 'dnsProviderId' | 'ownCertificateId'> & {
  readonly hsts: Hsts | null;
};

function draftOf({ mode, certificate, challenge, dnsProviderId, ownCertificateId, hsts }: Domain): Draft {
  return { mode, certificate, challenge, dnsProviderId, ownCertificateId, hsts: hsts as Hsts | null };
}

/** What was changed alone: the API judges each field with those that it has. */
function changedOf(draft: Draft, seen: Draft): Partial<Draft> {
  const names = Object.keys(draft) as (keyof Draft)[];
  return Object.fromEntries(
    names.filter((name) => !isSame(draft[name], seen[name])).map((name) => [name, draft[name]]),
  );
}

const LABELS = { mode: texts.mode, certificate: texts.certificate, hsts: 'HSTS' };

/** How a domain leads to the points of presence, and where its certificates come from. */
export function DomainSettings({ domain }: { readonly domain: Domain }) {
  const form = useDraft(domain, draftOf);
  const { fields: shown, change } = form;
  const save = useSave({
    draft: form,
    place: placeAt('patch', '/domains/{id}', { id: domain.id }),
    body: () => changedOf(shown, draftOf(form.seen)),
    words: { labels: LABELS },
    shows: ['domains'],
    done: TEXTS.frame.saved,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <Card title={texts.settings}>
      <form onSubmit={submit} className="grid max-w-2xl gap-6">
        <Choices
          legend={texts.mode}
          value={shown.mode}
          onChange={(mode) => change({ mode })}
          options={choicesOf(texts.modes)}
        />
        <Choices
          legend={texts.certificate}
          value={shown.certificate}
          onChange={(certificate) => change({ certificate })}
          options={choicesOf(texts.certificates)}
        />
        {shown.certificate === 'acme' && <AcmeFields shown={shown} change={change} />}
        {shown.certificate === 'own' && <OwnField shown={shown} change={change} />}
        <HstsFields value={shown.hsts} onChange={(hsts) => change({ hsts })} />
        {save.isError && <ProblemNote error={save.error} />}
        <SaveRow
          isBusy={save.isPending}
          isIdle={!form.isChanged}
          onDiscard={() => {
            save.reset();
            form.discard();
          }}
        />
      </form>
    </Card>
  );
}

interface PartProps {
  readonly shown: Draft;
  readonly change: (part: Partial<Draft>) => void;
}

function AcmeFields({ shown, change }: PartProps) {
  const providers = useQuery(dnsProvidersQuery).data ?? [];
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <SelectField
        label={texts.challenge}
        value={shown.challenge ?? ''}
        onChange={({ target }) =>
          change({ challenge: (target.value === '' ? null : target.value) as Draft['challenge'] })
        }
      >
        {Object.entries(texts.challenges).map(([value, label]) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </SelectField>
      <SelectField
        label={texts.dnsProvider}
        hint={texts.dnsProviderHint}
        value={shown.dnsProviderId ?? ''}
        onChange={({ target }) => change({ dnsProviderId: target.value === '' ? null : target.value })}
      >
        <option value="">{texts.noProvider}</option>
        {providers.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </SelectField>
    </div>
  );
}

function OwnField({ shown, change }: PartProps) {
  const certificates = useQuery(ownCertificatesQuery).data ?? [];
  return (
    <SelectField
      label={texts.ownCertificate}
      value={shown.ownCertificateId ?? ''}
      onChange={({ target }) => change({ ownCertificateId: target.value === '' ? null : target.value })}
    >
      <option value="">{texts.noProvider}</option>
      {certificates.map(({ id, name, hosts }) => (
        <option key={id} value={id}>
          {name} ({hosts.join(', ')})
        </option>
      ))}
    </SelectField>
  );
}

function HstsFields({
  value,
  onChange,
}: {
  readonly value: Hsts | null;
  readonly onChange: (hsts: Hsts | null) => void;
}) {
  return (
    <fieldset className="grid gap-4">
      <legend className="mb-2 text-sm font-medium">{texts.hsts}</legend>
      <CheckField
        label={texts.hstsOn}
        checked={value?.enabled === true}
        onChange={({ target }) => onChange(target.checked ? HSTS : null)}
      />
      {value?.enabled && (
        <>
          <DurationField
            label={texts.hstsAge}
            value={value.maxAgeSeconds * 1000}
            onChange={(ms) => onChange({ ...value, maxAgeSeconds: Math.round((ms ?? 0) / 1000) })}
          />
          <CheckField
            label={texts.hstsSub}
            checked={value.includeSubDomains}
            onChange={({ target }) => onChange({ ...value, includeSubDomains: target.checked })}
          />
          <CheckField
            label={texts.hstsPreload}
            hint={texts.hstsPreloadHint}
            checked={value.preload}
            onChange={({ target }) => onChange({ ...value, preload: target.checked })}
          />
        </>
      )}
    </fieldset>
  );
}
