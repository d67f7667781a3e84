import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { readIfThere } from '../../../api/changes.ts';
import { ApiProblem, answerOf } from '../../../api/client.ts';
import { useChange } from '../../frame/change.ts';
import { api, meQuery } from '../../frame/client.ts';
import { useDraft } from '../../frame/draft.ts';
import { placeAt, useSave } from '../../frame/save.ts';
import { Button } from '../../look/button.tsx';
import { CheckField, SelectField, TextField } from '../../look/field.tsx';
import { SaveRow } from '../../look/form-actions.tsx';
import { Card } from '../../look/page.tsx';
import { faultOf, Loading, ProblemNote } from '../../look/problem.tsx';
import { RemoveButton } from '../../look/remove-button.tsx';
import { TEXTS } from '../../texts/index.ts';
import { SettingsPage } from './settings-page.tsx';
import type { MailSettings } from './settings-shape.ts';

const texts = TEXTS.settings;
type Security = MailSettings['security'];
const PORTS: Readonly<Record<Security, number>> = { starttls: 587, tls: 465, none: 25 };

async function readMail(): Promise<MailSettings | null> {
  try {
    return await answerOf(api.GET('/mail'));
  } catch (error) {
    if (error instanceof ApiProblem && error.problem.code === 'mail-not-set') return null;
    throw error;
  }
}

export function MailPage() {
  const mail = useQuery({ queryKey: ['mail'], queryFn: readMail });
  const remove = useChange({
    run: () => answerOf(api.DELETE('/mail')),
    shows: ['mail'],
    done: texts.mailRemoved,
  });
  return (
    <SettingsPage
      title={texts.mail}
      lead={texts.mailLead}
      actions={
        mail.data && (
          <RemoveButton
            label={texts.mailRemove}
            ask={texts.mailRemoveAsk}
            consequence={texts.mailRemoveConsequence}
            isBusy={remove.isPending}
            onConfirm={() => remove.mutate()}
          />
        )
      }
    >
      {mail.isPending && <Loading />}
      {mail.isError && <ProblemNote error={mail.error} retry={() => void mail.refetch()} />}
      {mail.data === null && (
        <div className="max-w-3xl rounded-xl bg-info-soft px-5 py-4 text-info">
          <p className="font-medium">{texts.mailNone}</p>
          <p className="text-sm">{texts.mailNoneLead}</p>
        </div>
      )}
      {mail.data !== undefined && (
        <div className="grid grid-cols-1 items-start gap-6 lg:grid-cols-[1fr_22rem]">
          <MailForm settings={mail.data} />
          {mail.data && <MailTest />}
        </div>
      )}
    </SettingsPage>
  );
}

const PLACE = placeAt('put', '/mail');
const LABELS = {
  ...{ host: texts.mailHost, port: texts.mailPort, security: texts.mailSecurity, userName: texts.mailUser },
  ...{ password: texts.mailPassword, fromAddress: texts.mailFrom, fromName: texts.mailFromName },
  ...{ codeSignIn: texts.mailCodes, deviceNotices: texts.mailNotices },
};

function draftOf(settings: MailSettings | null) {
  return {
    host: settings?.host ?? '',
    port: String(settings?.port ?? PORTS.starttls),
    security: settings?.security ?? ('starttls' as Security),
    userName: settings?.userName ?? '',
    password: '',
    fromAddress: settings?.fromAddress ?? '',
    fromName: settings?.fromName ?? '',
    codeSignIn: settings?.codeSignIn ?? false,
    deviceNotices: settings?.deviceNotices ?? true,
  };
}

function MailForm({ settings }: { readonly settings: MailSettings | null }) {
  const form = useDraft(settings, draftOf);
  const { fields: draft, change } = form;
  const save = useSave({
    draft: form,
    place: { ...PLACE, read: () => readIfThere('mail-not-set', PLACE.read) },
    body: () => {
      const { port, userName, password, fromName, ...rest } = draft;
      return {
        ...{ ...rest, port: Number(port), userName: userName === '' ? null : userName },
        ...(password !== '' && { password }),
        fromName: fromName === '' ? undefined : fromName,
        caPem: form.seen?.caPem ?? undefined,
      };
    },
    words: { labels: LABELS },
    shows: ['mail'],
    done: texts.saved,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  const field = (name: 'host' | 'port' | 'userName' | 'fromAddress' | 'fromName', label: string, hint?: string) => (
    <TextField
      label={label}
      {...(hint !== undefined && { hint })}
      required={name === 'host' || name === 'port' || name === 'fromAddress'}
      {...(name === 'port' && { inputMode: 'numeric' as const, pattern: '[0-9]+' })}
      {...(name === 'fromAddress' && { type: 'email' })}
      autoComplete="off"
      value={draft[name]}
      fault={faultOf(save.error, name)}
      onChange={({ target }) => change({ [name]: target.value })}
    />
  );
  return (
    <Card>
      <form onSubmit={submit} className="grid gap-5">
        <div className="grid gap-5 sm:grid-cols-[1fr_7rem]">
          {field('host', texts.mailHost)}
          {field('port', texts.mailPort)}
        </div>
        <SelectField
          label={texts.mailSecurity}
          value={draft.security}
          onChange={({ target }) => {
            const security = target.value as Security;
            change({ security, port: String(PORTS[security]) });
          }}
        >
          {(Object.keys(PORTS) as Security[]).map((security) => (
            <option key={security} value={security}>
              {texts.mailSecurities[security]}
            </option>
          ))}
        </SelectField>
        <div className="grid gap-5 sm:grid-cols-2">
          {field('userName', texts.mailUser)}
          <TextField
            label={texts.mailPassword}
            {...(settings?.hasPassword && { hint: texts.mailPasswordKept })}
            type="password"
            autoComplete="off"
            value={draft.password}
            fault={faultOf(save.error, 'password')}
            onChange={({ target }) => change({ password: target.value })}
          />
        </div>
        <div className="grid gap-5 sm:grid-cols-2">
          {field('fromAddress', texts.mailFrom, texts.mailFromHint)}
          {field('fromName', texts.mailFromName)}
        </div>
        <CheckField
          label={texts.mailCodes}
          checked={draft.codeSignIn}
          onChange={({ target }) => change({ codeSignIn: target.checked })}
        />
        <CheckField
          label={texts.mailNotices}
          checked={draft.deviceNotices}
          onChange={({ target }) => change({ deviceNotices: target.checked })}
        />
        {save.isError && <ProblemNote error={save.error} />}
        <SaveRow isBusy={save.isPending} />
      </form>
    </Card>
  );
}

function MailTest() {
  const me = useQuery(meQuery);
  const [to, setTo] = useState<string>();
  const test = useChange<void, { readonly to: string }>({
    run: () => answerOf(api.POST('/mail/test', { body: { to: to ?? me.data?.email ?? '' } })),
    shows: [],
    done: (answer) => texts.mailTested(answer.to),
    isForm: true,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    test.mutate();
  };
  return (
    <Card title={texts.mailTest} lead={texts.mailTestLead}>
      <form onSubmit={submit} className="grid gap-4">
        <TextField
          label={texts.mailTestTo}
          type="email"
          required
          value={to ?? me.data?.email ?? ''}
          fault={faultOf(test.error, 'to')}
          onChange={({ target }) => setTo(target.value)}
        />
        {test.isError && !faultOf(test.error, 'to') && <ProblemNote error={test.error} />}
        <div>
          <Button type="submit" isBusy={test.isPending}>
            {texts.mailTest}
          </Button>
        </div>
      </form>
    </Card>
  );
}
