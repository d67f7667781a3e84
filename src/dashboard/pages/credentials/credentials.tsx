import { useQuery } from '@tanstack/react-query';
import { Link2, Plus } from 'lucide-react';
import { useState } from 'react';
import { answerOf } from '../../../api/client.ts';
import { useChange } from '../../frame/change.ts';
import { api } from '../../frame/client.ts';
import { useNames } from '../../frame/names.ts';
import { Badge, type Standing } from '../../look/badge.tsx';
import { Button } from '../../look/button.tsx';
import { Card, Empty, Page } from '../../look/page.tsx';
import { Loading, ProblemNote } from '../../look/problem.tsx';
import { RemoveButton } from '../../look/remove-button.tsx';
import { RowLink } from '../../look/row-link.tsx';
import { type Column, Table } from '../../look/table.tsx';
import { Ago } from '../../look/time.tsx';
import { TEXTS } from '../../texts/index.ts';
import { RevocationProgress, useRevocation } from '../people/revocation-progress.tsx';
import { type Credential, credentialsQuery, type MadeCredential } from './credential-shape.ts';
import { MadeDialog } from './made-dialog.tsx';
import { NewCredential } from './new-credential.tsx';

const texts = TEXTS.credentials;
const STANDINGS: Readonly<Record<Credential['state'], Standing>> = {
  ...{ active: 'good', expired: 'none', 'used-up': 'none', attacked: 'bad' },
};

export function CredentialsPage() {
  const credentials = useQuery(credentialsQuery);
  const [isAdding, setAdding] = useState(false);
  const [made, setMade] = useState<MadeCredential>();
  const { sequence, follow } = useRevocation();
  const items = credentials.data ?? [];
  const names = useNames(items.flatMap(({ resourceIds }) => resourceIds));
  const columns: readonly Column<Credential>[] = [
    { name: texts.name, sortBy: ({ name }) => name, cell: ({ name }) => <span className="font-medium">{name}</span> },
    {
      name: texts.kind,
      sortBy: ({ method }) => texts.methods[method].label,
      isWide: true,
      cell: ({ method }) => texts.methods[method].label,
    },
    {
      name: texts.opens,
      cell: ({ resourceIds, pathPrefix }) => (
        <span>
          {resourceIds.map((id, index) => (
            <span key={id}>
              {index > 0 && ', '}
              <RowLink to="/applications/$id" params={{ id }}>
                {names.get(id) ?? id}
              </RowLink>
            </span>
          ))}
          {pathPrefix !== null && <span className="text-quiet"> {pathPrefix}</span>}
        </span>
      ),
    },
    {
      name: texts.uses,
      sortBy: ({ uses }) => uses,
      isWide: true,
      cell: ({ uses, maximumUses }) => texts.usesOf(uses, maximumUses),
    },
    {
      name: texts.lastUsed,
      sortBy: ({ lastUsedUnixMs }) => lastUsedUnixMs ?? 0,
      isWide: true,
      cell: ({ lastUsedUnixMs }) => (lastUsedUnixMs === null ? texts.unused : <Ago unixMs={lastUsedUnixMs} />),
    },
    {
      name: texts.ends,
      sortBy: ({ expiresUnixMs }) => expiresUnixMs ?? Number.POSITIVE_INFINITY,
      isWide: true,
      cell: ({ expiresUnixMs }) => (expiresUnixMs === null ? texts.endsIn.never : <Ago unixMs={expiresUnixMs} />),
    },
    {
      name: texts.state,
      stacked: 'corner',
      sortBy: ({ state }) => texts.states[state],
      cell: ({ state }) => <Badge standing={STANDINGS[state]}>{texts.states[state]}</Badge>,
    },
    {
      name: TEXTS.frame.actions,
      isAction: true,
      cell: (credential) => <RowActions credential={credential} onMade={setMade} onRevoked={follow} />,
    },
  ];
  const add = (
    <Button kind="first" icon={<Plus size={16} aria-hidden="true" />} onClick={() => setAdding(true)}>
      {texts.add}
    </Button>
  );
  return (
    <Page title={texts.title} lead={texts.lead} actions={items.length > 0 && add}>
      <RevocationProgress sequence={sequence} />
      {credentials.isPending && <Loading />}
      {credentials.isError && <ProblemNote error={credentials.error} retry={() => void credentials.refetch()} />}
      {credentials.data && (
        <Card isFlush className={items.length > 0 ? 'pt-1' : ''}>
          {items.length === 0 ? (
            <Empty icon={<Link2 />} title={texts.none} actions={add}>
              {texts.noneLead}
            </Empty>
          ) : (
            <Table caption={texts.title} columns={columns} rows={items} keyOf={({ id }) => id} />
          )}
        </Card>
      )}
      {isAdding && (
        <NewCredential
          onClose={() => setAdding(false)}
          onMade={(credential) => {
            setAdding(false);
            setMade(credential);
          }}
        />
      )}
      {made && <MadeDialog made={made} onClose={() => setMade(undefined)} />}
    </Page>
  );
}

interface RowActionsProps {
  readonly credential: Credential;
  readonly onMade: (made: MadeCredential) => void;
  readonly onRevoked: () => unknown;
}

function RowActions({ credential: { id, name }, onMade, onRevoked }: RowActionsProps) {
  const params = { path: { id } };
  const rotate = useChange<void, MadeCredential>({
    run: () => answerOf(api.POST('/credentials/{id}/rotate', { params, body: {} })),
    shows: ['credentials'],
    onDone: (made) => {
      onMade(made);
      return onRevoked();
    },
  });
  const revoke = useChange({
    run: () => answerOf(api.DELETE('/credentials/{id}', { params })),
    shows: ['credentials'],
    done: texts.revoked(name),
    onDone: onRevoked,
  });
  return (
    <span className="flex justify-end gap-1">
      <RemoveButton
        kind="quiet"
        label={texts.rotate}
        ask={texts.rotateAsk(name)}
        consequence={texts.rotateConsequence}
        isBusy={rotate.isPending}
        onConfirm={() => rotate.mutate()}
      />
      <RemoveButton
        kind="quiet"
        label={texts.revoke}
        ask={texts.revokeAsk(name)}
        consequence={texts.revokeConsequence}
        isBusy={revoke.isPending}
        onConfirm={() => revoke.mutate()}
      />
    </span>
  );
}
