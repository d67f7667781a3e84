import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { answerOf } from '../../../api/client.ts';
import { api, rolesQuery } from '../../frame/client.ts';
import { Button } from '../../look/button.tsx';
import { CopyText } from '../../look/copy.tsx';
import { Dialog } from '../../look/dialog.tsx';
import { SelectField, TextField } from '../../look/field.tsx';
import { FormActions } from '../../look/form-actions.tsx';
import { faultOf, ProblemNote } from '../../look/problem.tsx';
import { TEXTS } from '../../texts/index.ts';
import { rightsOf } from './permission-picker.tsx';

const texts = TEXTS.people;

export function Invite({ onClose }: { readonly onClose: () => void }) {
  const [email, setEmail] = useState('');
  const [role, setRole] = useState('');
  const roles = useQuery(rolesQuery);
  const queryClient = useQueryClient();
  const invite = useMutation({
    mutationFn: () => answerOf(api.POST('/invitations', { body: { email, roles: role === '' ? [] : [role] } })),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ['invitations'] }),
  });
  const chosen = roles.data?.find(({ name }) => name === role);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    invite.mutate();
  };
  return (
    <Dialog isOpen onClose={onClose} title={texts.invite} lead={invite.data ? undefined : texts.inviteLead}>
      {invite.data ? (
        <div className="grid gap-4">
          <p>{invite.data.url === null ? texts.invitedByMail : texts.invited}</p>
          {invite.data.url !== null && <CopyText label={texts.inviteLink} text={invite.data.url} />}
          <div className="flex justify-end">
            <Button kind="first" onClick={onClose}>
              {texts.done}
            </Button>
          </div>
        </div>
      ) : (
        <form onSubmit={submit} className="grid gap-5">
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
          {invite.isError && !faultOf(invite.error, 'email') && <ProblemNote error={invite.error} />}
          <FormActions action={texts.invite} isBusy={invite.isPending} onCancel={onClose} />
        </form>
      )}
    </Dialog>
  );
}
