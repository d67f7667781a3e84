import { useState } from 'react';
import { useDraft } from '../../frame/draft.ts';
import { placeAt, useSave } from '../../frame/save.ts';
import { Badge } from '../../look/badge.tsx';
import { Button } from '../../look/button.tsx';
import { TextField } from '../../look/field.tsx';
import { FormDialog } from '../../look/form-dialog.tsx';
import { Card, Facts } from '../../look/page.tsx';
import { faultOf } from '../../look/problem.tsx';
import { Ago } from '../../look/time.tsx';
import { TEXTS } from '../../texts/index.ts';
import { nameOf, type User } from './people-shape.ts';

const texts = TEXTS.people;

/** How the account is, what it is called, and what it signs in with. */
export function UserAccount({ user }: { readonly user: User }) {
  const [isChanging, setChanging] = useState(false);
  return (
    <Card title={texts.facts} actions={<Button onClick={() => setChanging(true)}>{texts.changeAccount}</Button>}>
      <Facts
        items={[
          [
            texts.state,
            <Badge key="state" standing={user.disabled ? 'bad' : 'good'}>
              {user.disabled ? texts.disabled : texts.active}
            </Badge>,
          ],
          [texts.since, <Ago key="since" unixMs={user.createdUnixMs} />],
          [texts.signsInWith, user.hasPassword ? texts.hasPassword : texts.noPassword],
        ]}
      />
      {isChanging && <AccountDialog user={user} onClose={() => setChanging(false)} />}
    </Card>
  );
}

interface AccountDialogProps {
  readonly user: User;
  readonly onClose: () => void;
}

function AccountDialog({ user, onClose }: AccountDialogProps) {
  const draft = useDraft(user, (seen) => ({ name: seen.name, email: seen.email }));
  const { name, email } = draft.fields;
  const save = useSave({
    draft,
    place: placeAt('patch', '/users/{id}', { id: user.id }),
    body: () => draft.fields,
    words: { labels: { name: texts.name, email: texts.inviteEmail } },
    shows: ['users', 'me', 'names'],
    done: texts.accountSaved(name || email),
    onDone: onClose,
  });
  return (
    <FormDialog
      title={texts.changeAccountOf(nameOf(user))}
      action={TEXTS.frame.save}
      change={save}
      fields={['name', 'email']}
      onClose={onClose}
    >
      <TextField
        label={texts.name}
        required
        value={name}
        fault={faultOf(save.error, 'name')}
        onChange={({ target }) => draft.change({ name: target.value })}
      />
      <TextField
        label={texts.inviteEmail}
        hint={texts.emailHint}
        type="email"
        required
        value={email}
        fault={faultOf(save.error, 'email')}
        onChange={({ target }) => draft.change({ email: target.value })}
      />
    </FormDialog>
  );
}
