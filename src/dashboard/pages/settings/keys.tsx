import { useQuery } from '@tanstack/react-query';
import { KeyRound, Plus } from 'lucide-react';
import { useState } from 'react';
import { answerOf } from '../../../api/client.ts';
import { useChange } from '../../frame/change.ts';
import { api } from '../../frame/client.ts';
import { useNames } from '../../frame/names.ts';
import { Button } from '../../look/button.tsx';
import { Card, Empty } from '../../look/page.tsx';
import { Loading, ProblemNote } from '../../look/problem.tsx';
import { RemoveButton } from '../../look/remove-button.tsx';
import { type Column, Table } from '../../look/table.tsx';
import { Ago } from '../../look/time.tsx';
import { TEXTS } from '../../texts/index.ts';
import { permissionWords } from '../people/permission-picker.tsx';
import { NewKey } from './new-key.tsx';
import { SettingsPage } from './settings-page.tsx';
import { type ApiKey, type ApiToken, keysQuery, tokensQuery } from './settings-shape.ts';

const texts = TEXTS.settings;

/** When a key or token was used last, and when it ends. */
const TIMES: readonly Column<Pick<ApiKey | ApiToken, 'lastUsedUnixMs' | 'expiresUnixMs'>>[] = [
  {
    name: texts.keyUsed,
    sortBy: ({ lastUsedUnixMs }) => lastUsedUnixMs ?? 0,
    cell: ({ lastUsedUnixMs: unixMs }) => (unixMs === null ? texts.keyUnused : <Ago unixMs={unixMs} />),
  },
  {
    name: texts.keyEnds,
    sortBy: ({ expiresUnixMs }) => expiresUnixMs ?? Number.POSITIVE_INFINITY,
    isWide: true,
    cell: ({ expiresUnixMs: unixMs }) => (unixMs === null ? texts.keyNeverEnds : <Ago unixMs={unixMs} />),
  },
];

export function KeysPage() {
  const keys = useQuery(keysQuery);
  const [isAdding, setAdding] = useState(false);
  const revoke = useChange<ApiKey>({
    run: ({ id }) => answerOf(api.DELETE('/keys/{id}', { params: { path: { id } } })),
    shows: ['keys'],
    done: (_done, { name }) => texts.keyRevoked(name),
  });
  const columns: readonly Column<ApiKey>[] = [
    {
      name: texts.keyName,
      sortBy: ({ name }) => name,
      cell: ({ name }) => <span className="font-medium">{name}</span>,
    },
    { name: texts.keyStart, isWide: true, cell: ({ start }) => <code className="text-[13px]">{start}…</code> },
    {
      name: texts.keyRights,
      sortBy: ({ scopes }) => scopes.length,
      isWide: true,
      cell: ({ scopes }) => <span className="text-quiet">{permissionWords(scopes)}</span>,
    },
    ...TIMES,
    {
      name: TEXTS.frame.actions,
      isAction: true,
      cell: (key) => (
        <RemoveButton
          kind="quiet"
          label={TEXTS.people.revoke}
          ask={texts.revokeKeyAsk(key.name)}
          consequence={texts.revokeKeyConsequence}
          isBusy={revoke.isPending}
          onConfirm={() => revoke.mutate(key)}
        />
      ),
    },
  ];
  const add = (
    <Button kind="first" icon={<Plus size={16} aria-hidden="true" />} onClick={() => setAdding(true)}>
      {texts.addKey}
    </Button>
  );
  return (
    <SettingsPage title={texts.keys} lead={texts.keysLead} actions={keys.data && keys.data.length > 0 && add}>
      {keys.isPending && <Loading />}
      {keys.isError && <ProblemNote error={keys.error} retry={() => void keys.refetch()} />}
      {keys.data && (
        <Card isFlush className={keys.data.length > 0 ? 'pt-1' : ''}>
          {keys.data.length === 0 ? (
            <Empty icon={<KeyRound />} title={texts.noKeys} actions={add}>
              {texts.noKeysLead}
            </Empty>
          ) : (
            <Table caption={texts.keys} columns={columns} rows={keys.data} keyOf={({ id }) => id} />
          )}
        </Card>
      )}
      <Tokens />
      {isAdding && <NewKey onClose={() => setAdding(false)} />}
    </SettingsPage>
  );
}

function Tokens() {
  const tokens = useQuery(tokensQuery);
  const items = tokens.data ?? [];
  const names = useNames(items.map(({ userId }) => userId));
  const revoke = useChange<ApiToken>({
    run: ({ id }) => answerOf(api.DELETE('/api-tokens/{id}', { params: { path: { id } } })),
    shows: ['api-tokens'],
    done: (_done, { name }) => texts.keyRevoked(name),
  });
  const columns: readonly Column<ApiToken>[] = [
    {
      name: texts.keyName,
      sortBy: ({ name }) => name,
      cell: ({ name }) => <span className="font-medium">{name.replace(/ of ctl_\w+$/, '')}</span>,
    },
    {
      name: TEXTS.people.who,
      sortBy: ({ userId }) => names.get(userId) ?? '',
      isWide: true,
      cell: ({ userId }) => names.get(userId) ?? '–',
    },
    ...TIMES,
    {
      name: TEXTS.frame.actions,
      isAction: true,
      cell: (token) => (
        <RemoveButton
          kind="quiet"
          label={TEXTS.people.revoke}
          ask={texts.revokeKeyAsk(token.name)}
          consequence={texts.revokeKeyConsequence}
          isBusy={revoke.isPending}
          onConfirm={() => revoke.mutate(token)}
        />
      ),
    },
  ];
  if (items.length === 0) return null;
  return (
    <Card title={texts.tokens} lead={texts.tokensLead} isFlush>
      <Table caption={texts.tokens} columns={columns} rows={items} keyOf={({ id }) => id} />
    </Card>
  );
}
