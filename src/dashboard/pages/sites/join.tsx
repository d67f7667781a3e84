import { useMutation } from '@tanstack/react-query';
import { CircleCheck } from 'lucide-react';
import { useState } from 'react';
import { answerOf } from '../../../api/client.ts';
import { api } from '../../frame/client.ts';
import { Button } from '../../look/button.tsx';
import { CopyText } from '../../look/copy.tsx';
import { Card } from '../../look/page.tsx';
import { ProblemNote } from '../../look/problem.tsx';
import { TEXTS } from '../../texts/index.ts';

const texts = TEXTS.network;

interface JoinProps {
  readonly siteId: string;
  readonly hasConnector: boolean;
  readonly connectorIds: readonly string[];
}

/** The one command that connects a network; the page turns green when the connector arrives. */
export function Join({ siteId, hasConnector, connectorIds }: JoinProps) {
  const [known, setKnown] = useState<readonly string[]>();
  const make = useMutation({
    mutationFn: () =>
      answerOf(api.POST('/sites/{id}/enrolment-tokens', { params: { path: { id: siteId } }, body: {} })),
    onMutate: () => setKnown(connectorIds),
  });
  const hasArrived = known !== undefined && connectorIds.some((id) => !known.includes(id));
  return (
    <Card
      title={hasConnector ? texts.addConnector : texts.joinTitle}
      lead={make.data ? texts.joinLead : hasConnector ? texts.connectorsLead : texts.noConnectorsLead}
      className={hasArrived ? 'border-good' : ''}
    >
      {make.isError && <ProblemNote error={make.error} />}
      {!make.data && (
        <Button kind={hasConnector ? 'plain' : 'first'} isBusy={make.isPending} onClick={() => make.mutate()}>
          {texts.makeToken}
        </Button>
      )}
      {make.data && (
        <div className="grid gap-4">
          <CopyText label={texts.joinNpx} text={`npx manis connector join ${make.data.joinToken}`} />
          <p role="status" className="flex items-center gap-2.5 text-sm">
            {hasArrived ? (
              <>
                <CircleCheck size={18} className="text-good" aria-hidden="true" />
                <span className="font-medium text-good">{texts.joinArrived}</span>
              </>
            ) : (
              <>
                <span className="relative grid size-2.5" aria-hidden="true">
                  <span className="absolute size-full animate-ping rounded-full bg-warn opacity-60" />
                  <span className="size-full rounded-full bg-warn" />
                </span>
                <span className="text-quiet">{texts.joinWaiting}</span>
              </>
            )}
          </p>
        </div>
      )}
    </Card>
  );
}
