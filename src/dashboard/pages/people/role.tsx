import { useQuery } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import type { FormEvent } from 'react';
import { answerOf } from '../../../api/client.ts';
import { useChange } from '../../frame/change.ts';
import { api, rolesQuery } from '../../frame/client.ts';
import { useDraft } from '../../frame/draft.ts';
import { placeAt, useSave } from '../../frame/save.ts';
import { BackLink } from '../../look/back-link.tsx';
import { Button } from '../../look/button.tsx';
import { SaveRow } from '../../look/form-actions.tsx';
import { Card, Page } from '../../look/page.tsx';
import { Loading, ProblemNote } from '../../look/problem.tsx';
import { RemoveButton } from '../../look/remove-button.tsx';
import { TEXTS } from '../../texts/index.ts';
import type { Role } from './people-shape.ts';
import { type Permission, PermissionPicker, READS, WRITES } from './permission-picker.tsx';

const texts = TEXTS.people;

export function RolePage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const roles = useQuery(rolesQuery);
  const role = roles.data?.find((one) => one.id === id);
  if (roles.isPending) return <Loading />;
  if (!role)
    return (
      <Page title={texts.rolesTitle}>
        <ProblemNote error={roles.error} />
      </Page>
    );
  return <RoleView key={role.id} role={role} />;
}

function RoleView({ role }: { readonly role: Role }) {
  const { id, name, builtIn } = role;
  const navigate = useNavigate();
  const draft = useDraft(role, ({ permissions }) => ({ permissions: permissions as readonly Permission[] }));
  const chosen = new Set(draft.fields.permissions);
  const setChosen = (next: ReadonlySet<Permission>) => draft.change({ permissions: [...next] });
  const params = { path: { id } };
  const save = useSave({
    draft,
    place: placeAt('patch', '/roles/{id}', { id }),
    body: () => draft.fields,
    words: { labels: { permissions: texts.rights } },
    shows: ['roles', 'me'],
    done: texts.roleSaved(name),
  });
  const remove = useChange({
    run: () => answerOf(api.DELETE('/roles/{id}', { params })),
    shows: ['roles', 'users'],
    done: texts.roleRemoved(name),
    leave: () => navigate({ to: '/users/roles' }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  const had = draft.seen.permissions;
  const isChanged = chosen.size !== had.length || had.some((one) => !chosen.has(one));
  return (
    <Page
      above={<BackLink to="/users/roles">{texts.rolesTitle}</BackLink>}
      title={name}
      lead={builtIn ? texts.builtInLead : texts.rolesLead}
      actions={
        !builtIn && (
          <RemoveButton
            ask={texts.removeRoleAsk(name)}
            consequence={texts.removeRoleConsequence}
            isBusy={remove.isPending}
            onConfirm={() => remove.mutate()}
          />
        )
      }
    >
      <Card title={texts.rights} actions={!builtIn && <Presets onChoose={setChosen} />} className="max-w-3xl">
        <form onSubmit={submit} className="grid gap-4">
          <PermissionPicker value={chosen} isFixed={builtIn} onChange={setChosen} />
          {save.isError && <ProblemNote error={save.error} />}
          {!builtIn && <SaveRow isBusy={save.isPending} isIdle={!isChanged} />}
        </form>
      </Card>
    </Page>
  );
}

/** Many boxes at once. */
export function Presets({ onChoose }: { readonly onChoose: (value: ReadonlySet<Permission>) => void }) {
  return (
    <>
      <Button kind="quiet" onClick={() => onChoose(new Set())}>
        {TEXTS.permissions.none}
      </Button>
      <Button kind="quiet" onClick={() => onChoose(new Set(READS))}>
        {TEXTS.permissions.readOnly}
      </Button>
      <Button kind="quiet" onClick={() => onChoose(new Set([...READS, ...WRITES]))}>
        {TEXTS.permissions.all}
      </Button>
    </>
  );
}
