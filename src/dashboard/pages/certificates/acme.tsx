import { useQuery } from '@tanstack/react-query';
import { BadgeCheck } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { readIfThere } from '../../../api/changes.ts';
import { ApiProblem, answerOf, type paths } from '../../../api/client.ts';
import { useChange } from '../../frame/change.ts';
import { api } from '../../frame/client.ts';
import { useDraft } from '../../frame/draft.ts';
import { placeAt, useSave } from '../../frame/save.ts';
import { Button } from '../../look/button.tsx';
import { CheckField, SelectField, TextArea, TextField } from '../../look/field.tsx';
import { SaveRow } from '../../look/form-actions.tsx';
import { Card, Empty, Page } from '../../look/page.tsx';
import { faultOf, Loading, ProblemNote } from '../../look/problem.tsx';
import { RemoveButton } from '../../look/remove-button.tsx';
import { TokensField } from '../../look/tokens.tsx';
import { TEXTS } from '../../texts/index.ts';
import { CertificateTabs } from './certificate-tabs.tsx';

const texts = TEXTS.certificates;
type Acme = paths['/acme']['get']['responses'][200]['content']['application/json'];

/** Where certificates come from, or null where the local authority issues them all. */
async function readAcme(): Promise<Acme | null> {
  try {
    return await answerOf(api.GET('/acme'));
  } catch (error) {
    if (error instanceof ApiProblem && error.problem.code === 'acme-not-set') return null;
    throw error;
  }
}

export function AcmePage() {
  const acme = useQuery({ queryKey: ['acme'], queryFn: readAcme });
  const [isSetting, setSetting] = useState(false);
  const remove = useChange({ run: () => answerOf(api.DELETE('/acme')), shows: ['acme', 'certificates'] });
  return (
    <Page
      title={texts.acmeTitle}
      lead={texts.acmeLead}
      above={<CertificateTabs />}
      actions={
        acme.data ? (
          <RemoveButton
            label={texts.acmeRemove}
            ask={texts.acmeRemoveAsk}
            consequence={texts.acmeRemoveConsequence}
            isBusy={remove.isPending}
            onConfirm={() => {
              setSetting(false);
              remove.mutate();
            }}
          />
        ) : undefined
      }
    >
      {acme.isPending && <Loading />}
      {acme.isError && <ProblemNote error={acme.error} retry={() => void acme.refetch()} />}
      {acme.data === null && !isSetting && (
        <Card>
          <Empty
            icon={<BadgeCheck />}
            title={texts.acmeNone}
            actions={
              <Button kind="first" onClick={() => setSetting(true)}>
                {texts.acmeSet}
              </Button>
            }
          >
            {texts.acmeNoneLead}
          </Empty>
        </Card>
      )}
      {(acme.data || isSetting) && <AcmeForm acme={acme.data ?? null} />}
    </Page>
  );
}

const OTHER = 'other';

const PLACE = placeAt('put', '/acme');
const LABELS = {
  ...{ directoryUrl: texts.directory, contacts: texts.contacts, termsAgreed: texts.terms, isDefault: texts.isDefault },
  ...{
    externalAccountKeyId: texts.eabId,
    externalAccountKey: texts.eabKey,
    caPem: texts.caPem,
    profile: texts.profile,
  },
};

function draftOf(acme: Acme | null) {
  return {
    directoryUrl: acme?.directoryUrl ?? Object.keys(texts.directories)[0] ?? '',
    contacts: acme?.contacts ?? ([] as readonly string[]),
    termsAgreed: acme?.termsAgreed ?? false,
    eabId: acme?.externalAccountKeyId ?? '',
    eabKey: '',
    caPem: acme?.caPem ?? '',
    profile: acme?.profile ?? '',
    isDefault: acme?.isDefault ?? true,
  };
}

function AcmeForm({ acme }: { readonly acme: Acme | null }) {
  const form = useDraft(acme, draftOf);
  const { fields: draft, change } = form;
  const [isOther, setOther] = useState(!(draft.directoryUrl in texts.directories));
  const save = useSave({
    draft: form,
    place: { ...PLACE, read: () => readIfThere('acme-not-set', PLACE.read) },
    body: () => {
      const { directoryUrl, contacts, termsAgreed, eabId, eabKey, caPem, profile, isDefault } = draft;
      return {
        ...{ directoryUrl, contacts, termsAgreed, isDefault },
        ...{ externalAccountKeyId: orNull(eabId), caPem: orNull(caPem), profile: orNull(profile) },
        ...(eabKey !== '' && { externalAccountKey: eabKey }),
      };
    },
    words: { labels: LABELS },
    shows: ['acme', 'certificates'],
    done: TEXTS.frame.saved,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <Card title={texts.account} lead={acme ? (acme.accountUrl ?? texts.noAccount) : undefined}>
      <form onSubmit={submit} className="grid max-w-2xl gap-5">
        <SelectField
          label={texts.directory}
          value={isOther ? OTHER : draft.directoryUrl}
          onChange={({ target }) => {
            setOther(target.value === OTHER);
            if (target.value !== OTHER) change({ directoryUrl: target.value });
          }}
        >
          {Object.entries(texts.directories).map(([url, name]) => (
            <option key={url} value={url}>
              {name}
            </option>
          ))}
          <option value={OTHER}>{texts.otherDirectory}</option>
        </SelectField>
        {isOther && (
          <TextField
            label={texts.directoryUrl}
            type="url"
            required
            isCode
            value={draft.directoryUrl}
            fault={faultOf(save.error, 'directoryUrl')}
            onChange={({ target }) => change({ directoryUrl: target.value })}
          />
        )}
        <TokensField
          label={texts.contacts}
          hint={texts.contactsHint}
          values={draft.contacts}
          fault={faultOf(save.error, 'contacts')}
          onChange={(contacts) => change({ contacts })}
        />
        <CheckField
          label={texts.terms}
          checked={draft.termsAgreed}
          onChange={({ target }) => change({ termsAgreed: target.checked })}
        />
        <CheckField
          label={texts.isDefault}
          checked={draft.isDefault}
          onChange={({ target }) => change({ isDefault: target.checked })}
        />
        <Seldom draft={draft} hasKey={acme?.hasExternalAccountKey === true} error={save.error} change={change} />
        {save.isError && <ProblemNote error={save.error} />}
        <SaveRow isBusy={save.isPending} />
      </form>
    </Card>
  );
}

interface SeldomDraft {
  readonly eabId: string;
  readonly eabKey: string;
  readonly caPem: string;
  readonly profile: string;
}

/** What most authorities have no use for. */
function Seldom({
  draft,
  hasKey,
  error,
  change,
}: {
  readonly draft: SeldomDraft;
  readonly hasKey: boolean;
  readonly error: unknown;
  readonly change: (part: Partial<SeldomDraft>) => void;
}) {
  return (
    <details>
      <summary className="cursor-pointer text-sm text-quiet hover:text-ink">{texts.eab}</summary>
      <div className="mt-4 grid gap-5">
        <TextField
          label={texts.eabId}
          isCode
          value={draft.eabId}
          fault={faultOf(error, 'externalAccountKeyId')}
          onChange={({ target }) => change({ eabId: target.value })}
        />
        <TextField
          label={texts.eabKey}
          hint={hasKey ? texts.eabKept : undefined}
          type="password"
          autoComplete="off"
          value={draft.eabKey}
          fault={faultOf(error, 'externalAccountKey')}
          onChange={({ target }) => change({ eabKey: target.value })}
        />
        <TextArea
          label={texts.caPem}
          hint={texts.caPemHint}
          isCode
          rows={3}
          value={draft.caPem}
          fault={faultOf(error, 'caPem')}
          onChange={({ target }) => change({ caPem: target.value })}
        />
        <TextField
          label={texts.profile}
          hint={texts.profileHint}
          value={draft.profile}
          fault={faultOf(error, 'profile')}
          onChange={({ target }) => change({ profile: target.value })}
        />
      </div>
    </details>
  );
}

const orNull = (text: string) => (text.trim() === '' ? null : text.trim());
