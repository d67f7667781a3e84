import { answerOf } from '../../../api/client.ts';
import { useChange } from '../../frame/change.ts';
import { api } from '../../frame/client.ts';
import { useFields } from '../../frame/draft.ts';
import { SelectField, TextField } from '../../look/field.tsx';
import { FormDialog } from '../../look/form-dialog.tsx';
import { faultOf } from '../../look/problem.tsx';
import { TEXTS } from '../../texts/index.ts';
import { ApplicationChoice, type ChosenApplication } from './application-choice.tsx';
import type { MadeCredential, Method } from './credential-shape.ts';
import { LIFETIMES_MS, type Lifetime, LifetimeField } from './lifetime.tsx';

const texts = TEXTS.credentials;
const METHODS = Object.keys(texts.methods) as Method[];
/** People choose these themselves; the others are made. */
const CHOSEN_SECRETS: ReadonlySet<Method> = new Set(['pin', 'resource-password', 'header']);

interface Draft {
  readonly method: Method;
  readonly name: string;
  readonly application: ChosenApplication | undefined;
  readonly lifetime: Lifetime;
  readonly maximumUses: string;
  readonly pathPrefix: string;
  readonly username: string;
  readonly secret: string;
}

interface NewCredentialProps {
  /** Left out: it is chosen in the form. */
  readonly application?: ChosenApplication;
  readonly onClose: () => void;
  readonly onMade: (made: MadeCredential) => void;
}

export function NewCredential({ application, onClose, onMade }: NewCredentialProps) {
  const [draft, change] = useFields<Draft>({
    ...{ method: 'share-link', name: '', application, lifetime: 'week' },
    ...{ maximumUses: '', pathPrefix: '', username: '', secret: '' },
  });
  const make = useChange<void, MadeCredential>({
    run: () => answerOf(api.POST('/credentials', { body: bodyOf(draft) })),
    shows: ['credentials'],
    isForm: true,
    onDone: onMade,
  });
  const fault = (field: string) => faultOf(make.error, field);
  const text = (field: 'maximumUses' | 'pathPrefix' | 'username' | 'secret', label: string, hint?: string) => (
    <TextField
      label={label}
      {...(hint !== undefined && { hint })}
      value={draft[field]}
      autoComplete="off"
      required={field === 'username'}
      {...(field === 'maximumUses' && { inputMode: 'numeric' as const, pattern: '[0-9]*' })}
      fault={fault(field)}
      onChange={({ target }) => change({ [field]: target.value })}
    />
  );
  return (
    <FormDialog
      title={texts.add}
      lead={texts.lead}
      action={texts.add}
      change={make}
      fields={['name', 'maximumUses', 'pathPrefix', 'username', 'secret']}
      onClose={onClose}
    >
      <SelectField
        label={texts.kind}
        hint={texts.methods[draft.method].hint}
        value={draft.method}
        onChange={({ target }) => change({ method: target.value as Method })}
      >
        {METHODS.map((method) => (
          <option key={method} value={method}>
            {texts.methods[method].label}
          </option>
        ))}
      </SelectField>
      <TextField
        label={texts.name}
        hint={texts.nameHint}
        required
        maxLength={128}
        value={draft.name}
        fault={fault('name')}
        onChange={({ target }) => change({ name: target.value })}
      />
      {!application && (
        <ApplicationChoice value={draft.application} onChange={(chosen) => change({ application: chosen })} />
      )}
      <LifetimeField
        label={texts.ends}
        of={['day', 'week', 'month', 'year', 'never']}
        value={draft.lifetime}
        onChange={(lifetime) => change({ lifetime })}
      />
      {draft.method === 'share-link' && text('maximumUses', texts.maximumUses, texts.maximumUsesHint)}
      {draft.method === 'share-link' && text('pathPrefix', texts.path, texts.pathHint)}
      {draft.method === 'header' && text('username', texts.username)}
      {CHOSEN_SECRETS.has(draft.method) && text('secret', texts.secret, texts.secretHint)}
    </FormDialog>
  );
}

function bodyOf({ method, name, application, lifetime, maximumUses, pathPrefix, username, secret }: Draft) {
  const lifetimeMs = LIFETIMES_MS[lifetime];
  const isLink = method === 'share-link';
  return {
    ...{ method, name, resourceIds: application ? [application.id] : [] },
    ...(lifetimeMs !== null && { lifetimeMs }),
    ...(isLink && maximumUses !== '' && { maximumUses: Number(maximumUses) }),
    ...(isLink && pathPrefix !== '' && { pathPrefix }),
    ...(method === 'header' && { username }),
    ...(CHOSEN_SECRETS.has(method) && secret !== '' && { secret }),
  };
}
