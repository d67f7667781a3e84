import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { answerOf } from '../../../api/client.ts';
import { useChange } from '../../frame/change.ts';
import { api } from '../../frame/client.ts';
import { Tag } from '../../look/badge.tsx';
import { Button } from '../../look/button.tsx';
import { Confirm } from '../../look/dialog.tsx';
import { Card } from '../../look/page.tsx';
import { Loading, ProblemNote } from '../../look/problem.tsx';
import { Table } from '../../look/table.tsx';
import { TEXTS } from '../../texts/index.ts';
import { connectorNewsQuery, nounOf, type Owned, ownedQuery, ownerText } from './blueprint-shape.ts';

const texts = TEXTS.blueprint;

/** What files and connectors own, and the way out of it. */
export function OwnedCard() {
  const owned = useQuery(ownedQuery);
  const connectors = useQuery(connectorNewsQuery).data?.items ?? [];
  const items = owned.data?.items ?? [];
  return (
    <Card title={texts.ownedTitle} lead={texts.ownedLead} isFlush>
      {owned.isPending && <Loading />}
      {owned.isError && <ProblemNote error={owned.error} retry={() => void owned.refetch()} />}
      {owned.data && items.length === 0 && <p className="px-5 pb-5 text-sm text-quiet">{texts.ownedNone}</p>}
      {items.length > 0 && (
        <Table
          caption={texts.ownedTitle}
          rows={items}
          keyOf={({ noun, id }) => `${noun} ${id}`}
          columns={[
            { name: texts.thing, sortBy: thingOf, cell: thingOf },
            { name: texts.kind, sortBy: ({ noun }) => nounOf(noun), cell: ({ noun }) => nounOf(noun), isWide: true },
            {
              name: texts.ownedBy,
              sortBy: ({ source }) => ownerText(source, connectors),
              cell: ({ source }) => <Tag>{ownerText(source, connectors)}</Tag>,
            },
            {
              name: texts.action,
              cell: (row) => <Release owned={row} owner={ownerText(row.source, connectors)} />,
              isAction: true,
            },
          ]}
        />
      )}
    </Card>
  );
}

const thingOf = ({ name, noun }: Owned) => (noun === 'organisation' ? nounOf(noun) : name);

function Release({ owned, owner }: { readonly owned: Owned; readonly owner: string }) {
  const { noun, id, name } = owned;
  const [isAsked, setAsked] = useState(false);
  const release = useChange({
    run: () => answerOf(api.POST('/blueprint/release', { body: { noun, id } })),
    shows: ['blueprint', noun],
    done: texts.released(name),
    onSettled: () => setAsked(false),
  });
  return (
    <>
      <Button kind="quiet" onClick={() => setAsked(true)}>
        {texts.release}
        <span className="sr-only"> {name}</span>
      </Button>
      <Confirm
        isOpen={isAsked}
        onClose={() => setAsked(false)}
        title={texts.releaseAsk(name)}
        consequence={texts.releaseConsequence(owner)}
        action={texts.release}
        isBusy={release.isPending}
        onConfirm={() => release.mutate()}
      />
    </>
  );
}
