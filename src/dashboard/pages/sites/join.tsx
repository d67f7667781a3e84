import { useMutation } from '@tanstack/react-query';
import { useCallback, useEffect, useState } from 'react';
import { answerOf } from '../../../api/client.ts';
import { api } from '../../frame/client.ts';
import { Button } from '../../look/button.tsx';
import { CopyText } from '../../look/copy.tsx';
import { Card } from '../../look/page.tsx';
import { ProblemNote } from '../../look/problem.tsx';
import { Tabs } from '../../look/tabs.tsx';
import { Waiting } from '../../look/waiting.tsx';
import { TEXTS } from '../../texts/index.ts';

const texts = TEXTS.network;

interface JoinProps {
  readonly siteId: string;
  readonly hasConnector: boolean;
  readonly connectorIds: readonly string[];
}

/** The one command that connects a network; the page turns green when the connector arrives. */
export function Join({ siteId, hasConnector, connectorIds }: JoinProps) {
  const [hasArrived, setArrived] = useState(false);
  const arrive = useCallback(() => setArrived(true), []);
  return (
    <Card
      title={hasConnector ? texts.addConnector : texts.joinTitle}
      lead={hasConnector ? texts.connectorsLead : texts.joinLead}
      className={hasArrived ? 'border-good' : ''}
    >
      <JoinSteps siteId={siteId} isFirst={!hasConnector} connectorIds={connectorIds} onArrived={arrive} />
    </Card>
  );
}

interface JoinStepsProps {
  readonly siteId: string;
  readonly isFirst: boolean;
  readonly connectorIds: readonly string[];
  readonly onArrived?: () => void;
}

export function JoinSteps({ siteId, isFirst, connectorIds, onArrived }: JoinStepsProps) {
  const [known, setKnown] = useState<readonly string[]>();
  const make = useMutation({
    mutationFn: () =>
      answerOf(api.POST('/sites/{id}/enrolment-tokens', { params: { path: { id: siteId } }, body: {} })),
    onMutate: () => setKnown(connectorIds),
  });
  const hasArrived = known !== undefined && connectorIds.some((id) => !known.includes(id));
  useEffect(() => {
    if (hasArrived) onArrived?.();
  }, [hasArrived, onArrived]);
  if (!make.data)
    return (
      <div className="grid justify-items-start gap-3">
        {make.isError && <ProblemNote error={make.error} />}
        <Button kind={isFirst ? 'first' : 'plain'} isBusy={make.isPending} onClick={() => make.mutate()}>
          {texts.makeToken}
        </Button>
      </div>
    );
  return (
    <div className="grid grid-cols-1 gap-4">
      <JoinWays of="connector" {...make.data} />
      <Waiting hasCome={hasArrived} waiting={texts.joinWaiting} come={texts.joinArrived} />
    </div>
  );
}

export interface JoinWaysProps {
  readonly of: 'connector' | 'pop';
  readonly joinToken: string;
  /** Left out where control has no package to give. */
  readonly commands?: { readonly npx: string; readonly docker: string; readonly systemd: string } | undefined;
}

/** The same for Node, Docker and systemd. */
export function JoinWays({ of: role, joinToken, commands }: JoinWaysProps) {
  const installed = `manis ${role} join ${joinToken}`;
  if (!commands) return <CopyText label={texts.joinInstalled} text={installed} />;
  const way = (id: string, label: string, lead: string, text: string) => ({
    id,
    label,
    content: (
      <>
        <p className="text-sm text-quiet">{lead}</p>
        <CopyText label={label} text={text} />
      </>
    ),
  });
  return (
    <Tabs
      label={texts.joinWays}
      tabs={[
        way('npx', texts.joinNpx, texts.joinNpxLead, commands.npx),
        way('docker', texts.joinDocker, texts.joinDockerLead, commands.docker),
        way('systemd', texts.joinSystemd, texts.joinSystemdLead, commands.systemd),
      ]}
    />
  );
}
