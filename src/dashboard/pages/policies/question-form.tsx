import { SelectField, TextField } from '../../look/field.tsx';
import { faultOf } from '../../look/problem.tsx';
import { TokensField } from '../../look/tokens.tsx';
import { WordsField } from '../../look/words-field.tsx';
import { TEXTS } from '../../texts/index.ts';
import { DEVICE_WORDS, METHODS } from './criteria.ts';
import type { Names } from './names.ts';
import type { Question, Who } from './question.ts';

const texts = TEXTS.simulator;
const { methodNames } = TEXTS.policies;
const SIGN_INS = ['password', 'passkey', 'totp', 'email-otp', 'oidc'] as const;
const CREDENTIALS = ['pin', 'resource-password', 'share-link', 'service-token', 'header', 'certificate'] as const;
const WHOS: readonly Who[] = ['nobody', 'user', 'anybody', 'guest', 'holder'];

interface FormProps {
  readonly question: Question;
  readonly names: Names;
  readonly error: unknown;
  readonly onChange: (part: Partial<Question>) => void;
}

export function QuestionForm(props: FormProps) {
  return (
    <div className="grid gap-6">
      <WhoFields {...props} />
      <RequestFields {...props} />
    </div>
  );
}

function WhoFields({ question, names, error, onChange }: FormProps) {
  const { who } = question;
  const isPerson = who === 'user' || who === 'anybody';
  return (
    <fieldset className="grid content-start gap-4">
      <legend className="sr-only">{texts.who}</legend>
      <Select
        label={texts.who}
        value={who}
        words={Object.fromEntries(WHOS.map((one) => [one, texts[one]]))}
        onChange={(value) => onChange({ who: value as Who })}
      />
      {who === 'user' && (
        <TokensField
          label={texts.member}
          hint={texts.memberHint}
          values={question.userIds}
          options={names.optionsFor('users')}
          isOptionsOnly
          labelOf={(id) => names.nameOf('users', id)}
          fault={faultOf(error, 'user')}
          onChange={(ids) => onChange({ userIds: ids.slice(-1) })}
          onType={names.searchUsers}
        />
      )}
      {who === 'anybody' && (
        <>
          <TokensField
            label={texts.roles}
            values={question.roles}
            options={names.optionsFor('roles')}
            onChange={(roles) => onChange({ roles })}
          />
          <TokensField
            label={texts.groups}
            values={question.groups}
            options={names.optionsFor('groups')}
            onChange={(groups) => onChange({ groups })}
          />
        </>
      )}
      {(who === 'anybody' || who === 'guest') && (
        <TextField
          label={texts.email}
          type="email"
          value={question.email}
          fault={faultOf(error, 'email')}
          onChange={({ target }) => onChange({ email: target.value })}
        />
      )}
      {who === 'holder' && (
        <Select
          label={texts.held}
          value={question.held}
          words={wordsOf(CREDENTIALS)}
          onChange={(held) => onChange({ held })}
        />
      )}
      {isPerson && <ProofFields question={question} onChange={onChange} />}
    </fieldset>
  );
}

function ProofFields({ question, onChange }: Pick<FormProps, 'question' | 'onChange'>) {
  return (
    <>
      <WordsField
        label={texts.methods}
        words={wordsOf(SIGN_INS)}
        chosen={question.methods}
        onChange={(methods) => onChange({ methods })}
      />
      <label className="flex items-center gap-2 text-sm">
        <input
          type="checkbox"
          className="size-4 accent-accent"
          checked={question.mfa}
          onChange={({ target }) => onChange({ mfa: target.checked })}
        />
        {texts.mfa}
      </label>
      <Select
        label={texts.device}
        value={question.known}
        words={{ '': texts.deviceAny, known: texts.deviceKnown, approved: texts.deviceApproved }}
        onChange={(known) => onChange({ known: known as Question['known'] })}
      />
    </>
  );
}

function RequestFields({ question, names, error, onChange }: FormProps) {
  return (
    <fieldset className="grid content-start gap-4">
      <legend className="sr-only">{texts.request}</legend>
      <div className="grid grid-cols-[7rem_1fr] gap-3">
        <Select
          label={texts.method}
          value={question.method}
          words={Object.fromEntries(METHODS.map((name) => [name, name]))}
          onChange={(method) => onChange({ method })}
        />
        <TextField
          label={texts.path}
          isCode
          value={question.path}
          fault={faultOf(error, 'path')}
          onChange={({ target }) => onChange({ path: target.value })}
        />
      </div>
      <TextField
        label={texts.address}
        hint={texts.addressHint}
        isCode
        value={question.address}
        fault={faultOf(error, 'address')}
        onChange={({ target }) => onChange({ address: target.value })}
      />
      <TokensField
        label={texts.country}
        hint={texts.countryHint}
        values={question.countries}
        options={names.optionsFor('countries')}
        isOptionsOnly
        labelOf={(code) => names.nameOf('countries', code)}
        onChange={(codes) => onChange({ countries: codes.slice(-1) })}
      />
      <TextField
        label={texts.time}
        hint={texts.timeHint}
        type="datetime-local"
        value={question.time}
        onChange={({ target }) => onChange({ time: target.value })}
      />
      <div className="grid grid-cols-2 gap-3 sm:grid-cols-3">
        <Select
          label={texts.deviceKind}
          value={question.deviceKind}
          words={{ '': texts.notSaid, ...DEVICE_WORDS.kind }}
          onChange={(deviceKind) => onChange({ deviceKind })}
        />
        <Select
          label={texts.os}
          value={question.os}
          words={{ '': texts.notSaid, ...DEVICE_WORDS.os }}
          onChange={(os) => onChange({ os })}
        />
        <Select
          label={texts.browser}
          value={question.browser}
          words={{ '': texts.notSaid, ...DEVICE_WORDS.browser }}
          onChange={(browser) => onChange({ browser })}
        />
      </div>
    </fieldset>
  );
}

function wordsOf(methods: readonly (keyof typeof methodNames)[]): Readonly<Record<string, string>> {
  return Object.fromEntries(methods.map((name) => [name, methodNames[name]]));
}

function Select({
  label,
  value,
  words,
  onChange,
}: {
  readonly label: string;
  readonly value: string;
  readonly words: Readonly<Record<string, string>>;
  readonly onChange: (value: string) => void;
}) {
  return (
    <SelectField label={label} value={value} onChange={({ target }) => onChange(target.value)}>
      {Object.entries(words).map(([word, shown]) => (
        <option key={word} value={word}>
          {shown}
        </option>
      ))}
    </SelectField>
  );
}
