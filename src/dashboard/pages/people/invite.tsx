import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { answerOf } from '../../../api/client.ts';
import { useChange } from '../../frame/change.ts';
import { api, rolesQuery } from '../../frame/client.ts';
import { Button } from '../../look/button.tsx';
import { CopyText } from '../../look/copy.tsx';
import { Dialog } from '../../look/dialog.tsx';
import { SelectField, TextField } from '../../look/field.tsx';
import { FormDialog } from '../../look/form-dialog.tsx';
import { faultOf } from '../../look/problem.tsx';
import { TEXTS } from '../../texts/index.ts';
import { rightsOf } from './permission-picker.tsx';

const texts = TEXTS.people;

export function Invite({ onClose }: { readonly onClose: () => void }) {
  const [email, setEmail] = useState('');
  const [role, setRole] = useState('');
  const roles = useQuery(rolesQuery);
  const invite = useChange<void, { readonly url: string | null }>({
    run: () => answerOf(api.POST('/invitations', { body: { email, roles: role === '' ? [] : [role] } })),
    shows: ['invitations'],
    isForm: true,
  });
  const chosen = roles.data?.find(({ name }) => name === role);
  if (invite.data) return <Invited url={invite.data.url} onClose={onClose} />;
  return (
    <FormDialog
      title={texts.invite}
      lead={texts.inviteLead}
      action={texts.invite}
      change={invite}
      fields={['email']}
      onClose={onClose}
    >
      <TextField
        label={texts.inviteEmail}
        type="email"
        required
        value={email}
        fault={faultOf(invite.error, 'email')}
        onChange={({ target }) => setEmail(target.value)}
      />
      <SelectField
        label={texts.inviteRole}
        hint={chosen ? rightsOf(chosen) : texts.inviteNoRoleHint}
        value={role}
        onChange={({ target }) => setRole(target.value)}
      >
        <option value="">{texts.inviteNoRole}</option>
        {(roles.data ?? []).map(({ id, name }) => (
          <option key={id} value={name}>
            {name}
          </option>
        ))}
      </SelectField>
    </FormDialog>
  );
}

function Invited({ url, onClose }: { readonly url: string | null; readonly onClose: () => void }) {
  return (
    <Dialog isOpen onClose={onClose} title={texts.invite}>
      <div className="grid gap-4">
        <p>{url === null ? texts.invitedByMail : texts.invited}</p>
        {url !== null && <CopyText label={texts.inviteLink} text={url} />}
        <div className="flex justify-end">
          <Button kind="first" onClick={onClose}>
            {texts.done}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
