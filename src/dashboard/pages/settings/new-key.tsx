import { useState } from 'react';
import { answerOf, type paths } from '../../../api/client.ts';
import { useChange } from '../../frame/change.ts';
import { api } from '../../frame/client.ts';
import { Dialog } from '../../look/dialog.tsx';
import { Choices, TextField } from '../../look/field.tsx';
import { FormDialog } from '../../look/form-dialog.tsx';
import { ShownOnce } from '../../look/once.tsx';
import { faultOf } from '../../look/problem.tsx';
import { TEXTS } from '../../texts/index.ts';
import { LIFETIMES_MS, type Lifetime, LifetimeField } from '../credentials/lifetime.tsx';
import { type Permission, PermissionPicker } from '../people/permission-picker.tsx';
import { Presets } from '../people/role.tsx';

const texts = TEXTS.settings;
type MadeKey = paths['/keys']['post']['responses'][201]['content']['application/json'];

export function NewKey({ onClose }: { readonly onClose: () => void }) {
  const [name, setName] = useState('');
  const [scopes, setScopes] = useState<ReadonlySet<Permission>>(new Set());
  const [lifetime, setLifetime] = useState<Lifetime>('year');
  const [owner, setOwner] = useState<'organisation' | 'personal'>('organisation');
  const lifetimeMs = LIFETIMES_MS[lifetime];
  const make = useChange<void, MadeKey>({
    run: () =>
      answerOf(
        api.POST('/keys', {
          body: {
            ...{ name, scopes: [...scopes], personal: owner === 'personal' },
            ...(lifetimeMs !== null && { lifetimeMs }),
          },
        }),
      ),
    shows: ['keys'],
    isForm: true,
  });
  if (make.data)
    return (
      <Dialog isOpen onClose={onClose} title={make.data.name}>
        <ShownOnce lead={texts.keyMade} secrets={[{ label: texts.keys, text: make.data.key }]} onDone={onClose} />
      </Dialog>
    );
  return (
    <FormDialog
      title={texts.addKey}
      lead={texts.keysLead}
      action={texts.addKey}
      change={make}
      fields={['name', 'scopes']}
      onClose={onClose}
    >
      <TextField
        label={texts.keyName}
        hint={texts.keyNameHint}
        required
        value={name}
        fault={faultOf(make.error, 'name')}
        onChange={({ target }) => setName(target.value)}
      />
      <Choices
        legend={texts.keyOwner}
        value={owner}
        onChange={setOwner}
        options={[
          { value: 'organisation', label: texts.keyOrganisations, hint: texts.keyOrganisationsHint },
          { value: 'personal', label: texts.keyPersonal, hint: texts.keyPersonalHint },
        ]}
      />
      <LifetimeField label={texts.keyEnds} of={['month', 'year', 'never']} value={lifetime} onChange={setLifetime} />
      <div className="grid gap-2">
        <div className="flex items-center justify-between gap-2">
          <p className="text-sm font-medium">{texts.keyRights}</p>
          <span className="flex">
            <Presets onChoose={setScopes} />
          </span>
        </div>
        <PermissionPicker value={scopes} onChange={setScopes} />
        {faultOf(make.error, 'scopes') && (
          <p role="alert" className="text-sm text-bad">
            {faultOf(make.error, 'scopes')}
          </p>
        )}
      </div>
    </FormDialog>
  );
}
