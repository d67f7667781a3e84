import { useQuery } from '@tanstack/react-query';
import { MailPlus, UserPlus } from 'lucide-react';
import { useState } from 'react';
import { answerOf } from '../../../api/client.ts';
import { useChange } from '../../frame/change.ts';
import { api } from '../../frame/client.ts';
import { Badge, type Standing } from '../../look/badge.tsx';
import { Button } from '../../look/button.tsx';
import { Dialog } from '../../look/dialog.tsx';
import { ShownOnce } from '../../look/once.tsx';
import { Card, Empty, Page } from '../../look/page.tsx';
import { Loading, ProblemNote } from '../../look/problem.tsx';
import { RemoveButton } from '../../look/remove-button.tsx';
import { SectionTabs } from '../../look/section-tabs.tsx';
import { type Column, Table } from '../../look/table.tsx';
import { Ago } from '../../look/time.tsx';
import { Words } from '../../look/words.tsx';
import { TEXTS } from '../../texts/index.ts';
import { Invite } from './invite.tsx';
import { type Invitation, invitationsQuery, PEOPLE_TABS } from './people-shape.ts';

const texts = TEXTS.people;
type State = keyof typeof texts.invitationState;
const STANDINGS: Readonly<Record<State, Standing>> = { waiting: 'info', accepted: 'good', expired: 'none' };

function stateOf({ acceptedUnixMs, expiresUnixMs }: Invitation): State {
  if (acceptedUnixMs !== null) return 'accepted';
  return expiresUnixMs <= Date.now() ? 'expired' : 'waiting';
}

export function InvitationsPage() {
  const invitations = useQuery(invitationsQuery);
  const [isInviting, setInviting] = useState(false);
  const [url, setUrl] = useState<string | null>(null);
  const revoke = useChange<string>({
    run: (id) => answerOf(api.DELETE('/invitations/{id}', { params: { path: { id } } })),
    shows: ['invitations'],
    done: texts.invitationRevoked,
  });
  const resend = useResend(setUrl);
  const columns: readonly Column<Invitation>[] = [
    {
      name: texts.email,
      sortBy: ({ email }) => email,
      cell: ({ email }) => <span className="font-medium">{email}</span>,
    },
    {
      name: texts.state,
      stacked: 'corner',
      sortBy: (invitation) => texts.invitationState[stateOf(invitation)],
      cell: (invitation) => {
        const state = stateOf(invitation);
        return <Badge standing={STANDINGS[state]}>{texts.invitationState[state]}</Badge>;
      },
    },
    { name: texts.roles, isWide: true, cell: ({ roles }) => <Words words={roles} /> },
    { name: texts.groups, isWide: true, cell: ({ groups }) => <Words words={groups} /> },
    {
      name: texts.invitedAgo,
      sortBy: ({ createdUnixMs }) => createdUnixMs,
      isWide: true,
      cell: ({ createdUnixMs }) => <Ago unixMs={createdUnixMs} />,
    },
    {
      name: texts.runsOut,
      sortBy: ({ expiresUnixMs }) => expiresUnixMs,
      isWide: true,
      cell: ({ expiresUnixMs }) => <Ago unixMs={expiresUnixMs} />,
    },
    {
      name: TEXTS.frame.actions,
      isAction: true,
      cell: (invitation) =>
        stateOf(invitation) !== 'accepted' && (
          <span className="flex justify-end gap-1">
            <Button kind="quiet" isBusy={resend.isPending} onClick={() => resend.mutate(invitation)}>
              {texts.resend}
            </Button>
            <RemoveButton
              kind="quiet"
              label={texts.revoke}
              ask={texts.revokeInvitationAsk(invitation.email)}
              consequence={texts.revokeInvitationConsequence}
              isBusy={revoke.isPending}
              onConfirm={() => revoke.mutate(invitation.id)}
            />
          </span>
        ),
    },
  ];
  const invite = (
    <Button kind="first" icon={<UserPlus size={16} aria-hidden="true" />} onClick={() => setInviting(true)}>
      {texts.invite}
    </Button>
  );
  return (
    <Page
      above={<SectionTabs label={texts.section} tabs={PEOPLE_TABS} />}
      title={texts.invitations}
      lead={texts.invitationsLead}
      actions={invitations.data && invitations.data.length > 0 && invite}
    >
      {invitations.isPending && <Loading />}
      {invitations.isError && <ProblemNote error={invitations.error} retry={() => void invitations.refetch()} />}
      {invitations.data && (
        <Card isFlush className={invitations.data.length > 0 ? 'pt-1' : ''}>
          {invitations.data.length === 0 ? (
            <Empty icon={<MailPlus />} title={texts.noInvitations} actions={invite}>
              {texts.noInvitationsLead}
            </Empty>
          ) : (
            <Table caption={texts.invitations} columns={columns} rows={invitations.data} keyOf={({ id }) => id} />
          )}
        </Card>
      )}
      {isInviting && <Invite onClose={() => setInviting(false)} />}
      {url !== null && (
        <Dialog isOpen onClose={() => setUrl(null)} title={texts.resend}>
          <ShownOnce
            lead={texts.resent}
            secrets={[{ label: texts.inviteLink, text: url }]}
            onDone={() => setUrl(null)}
          />
        </Dialog>
      )}
    </Page>
  );
}

/** A new link with all that came with the old one, which stops working. */
function useResend(show: (url: string | null) => void) {
  return useChange<Invitation, { readonly url: string | null }>({
    run: async ({ id, email, roles, groups }) => {
      await answerOf(api.DELETE('/invitations/{id}', { params: { path: { id } } }));
      return answerOf(api.POST('/invitations', { body: { email, roles: [...roles], groups: [...groups] } }));
    },
    shows: ['invitations'],
    done: ({ url }) => (url === null ? texts.invitedByMail : texts.resent),
    onDone: ({ url }) => show(url),
  });
}
