import { useState } from 'react';
import { DurationField } from '../../look/amount.tsx';
import { CheckField, Choices } from '../../look/field.tsx';
import { TokensField } from '../../look/tokens.tsx';
import { WordsField } from '../../look/words-field.tsx';
import { TEXTS } from '../../texts/index.ts';
import type { Names } from './names.ts';
import { type Action, type Admission, type Audience, type Scope, trimmed } from './policy-model.ts';

const texts = TEXTS.policies;
const CREDENTIALS = ['pin', 'resource-password', 'share-link', 'service-token', 'header', 'certificate'] as const;
const CREDENTIAL_WORDS = Object.fromEntries(CREDENTIALS.map((name) => [name, texts.methodNames[name]]));

interface EditorProps<Value> {
  readonly value: Value;
  readonly scope: Scope;
  readonly names: Names;
  readonly path: string;
  readonly faultAt: (path: string) => string | undefined;
  readonly onChange: (value: Value) => void;
}

/** What a rule does, whom it lets in, and how they must have signed in. */
export function ActionEditor(props: EditorProps<Action>) {
  const { value, scope, onChange } = props;
  const [kept, setKept] = useState<Admission>(
    value.kind === 'authenticate' ? value : { kind: 'authenticate', anyOf: 'signed-in' },
  );
  const change = (next: Action) => {
    if (next.kind === 'authenticate') setKept(next);
    onChange(next);
  };
  return (
    <div className="grid gap-5">
      <Choices
        legend={texts.does}
        value={value.kind}
        onChange={(kind) => change(kind === 'authenticate' ? kept : { kind })}
        options={[
          {
            value: 'authenticate',
            label: scope === 'organisation' ? texts.admitOrganisation : texts.admit,
            hint: texts.admitHint,
          },
          ...(scope === 'organisation' ? [] : [{ value: 'bypass' as const, label: texts.open, hint: texts.openHint }]),
          { value: 'deny', label: texts.refuse, hint: texts.refuseHint },
        ]}
      />
      {value.kind === 'authenticate' && (
        <>
          <AudienceEditor
            {...props}
            value={value.anyOf}
            path={`${props.path}.anyOf`}
            onChange={(anyOf) => change({ ...value, anyOf })}
          />
          <ProofEditor {...props} value={value} onChange={change} />
        </>
      )}
    </div>
  );
}

function AudienceEditor({ value, names, path, faultAt, onChange }: EditorProps<Admission['anyOf']>) {
  const audience: Audience = value === 'signed-in' ? { signedIn: true } : value;
  const change = (part: Partial<Audience>) => {
    const { signedIn, ...rest } = { ...audience, ...part };
    const next: Audience = trimmed({ ...rest, ...(signedIn && { signedIn }) });
    const isAll = next.signedIn && Object.keys(next).length === 1;
    onChange(isAll ? 'signed-in' : next);
  };
  const people = [
    ['roles', texts.roles],
    ['groups', texts.groups],
    ['users', texts.users],
  ] as const;
  const fault = faultAt(path);
  return (
    <fieldset className="grid gap-4">
      <legend className="mb-2 font-medium">{texts.who}</legend>
      <CheckField
        label={texts.everybodySignedIn}
        checked={audience.signedIn === true}
        onChange={({ target }) => {
          const { signedIn: _, ...rest } = audience;
          if (target.checked) change({ signedIn: true });
          else onChange(rest);
        }}
      />
      <div className="grid gap-4 sm:grid-cols-2">
        {people.map(([key, label]) => (
          <TokensField
            key={key}
            label={label}
            values={audience[key] ?? []}
            options={names.optionsFor(key)}
            isOptionsOnly={key === 'users'}
            labelOf={(id) => names.nameOf(key, id)}
            fault={faultAt(`${path}.${key}`)}
            onChange={(ids) => change({ [key]: ids })}
            {...(key === 'users' && { onType: names.searchUsers })}
          />
        ))}
        <TokensField
          label={texts.emails}
          hint={texts.emailsHint}
          values={audience.emails ?? []}
          fault={faultAt(`${path}.emails`)}
          onChange={(emails) => change({ emails })}
        />
      </div>
      <WordsField
        label={texts.credentials}
        words={CREDENTIAL_WORDS}
        chosen={audience.credentials ?? []}
        fault={faultAt(`${path}.credentials`)}
        onChange={(credentials) => change({ credentials })}
      />
      {fault && (
        <p role="alert" className="text-sm text-bad">
          {fault}
        </p>
      )}
    </fieldset>
  );
}

function ProofEditor({ value, path, faultAt, onChange }: EditorProps<Admission>) {
  const change = (part: { [Key in keyof Admission]?: Admission[Key] | undefined }) =>
    onChange(trimmed({ ...value, ...part }) as Admission);
  return (
    <fieldset className="grid gap-4">
      <legend className="mb-2 font-medium">{texts.proof}</legend>
      <WordsField
        label={texts.methods}
        words={texts.methodNames}
        chosen={value.methods ?? []}
        fault={faultAt(`${path}.methods`)}
        onChange={(methods) => change({ methods })}
      />
      <CheckField
        label={texts.mfa}
        checked={value.mfa === true || value.maximumMfaAgeMs !== undefined}
        onChange={({ target }) => change({ mfa: target.checked || undefined, maximumMfaAgeMs: undefined })}
      />
      <div className="grid gap-4 sm:grid-cols-2">
        <DurationField
          label={texts.mfaAge}
          value={value.maximumMfaAgeMs}
          fault={faultAt(`${path}.maximumMfaAgeMs`)}
          onChange={(maximumMfaAgeMs) => change({ maximumMfaAgeMs })}
        />
        <DurationField
          label={texts.sessionAge}
          value={value.maximumSessionAgeMs}
          fault={faultAt(`${path}.maximumSessionAgeMs`)}
          onChange={(maximumSessionAgeMs) => change({ maximumSessionAgeMs })}
        />
      </div>
    </fieldset>
  );
}
