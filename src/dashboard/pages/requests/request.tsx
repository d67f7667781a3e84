import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { answerOf, type paths } from '../../../api/client.ts';
import { api } from '../../frame/client.ts';
import { BackLink } from '../../look/back-link.tsx';
import { Badge } from '../../look/badge.tsx';
import { Card, Facts, Page } from '../../look/page.tsx';
import { Loading, ProblemNote } from '../../look/problem.tsx';
import { TEXTS } from '../../texts/index.ts';
import { CaptureCard } from './capture-card.tsx';
import { Journey } from './journey.tsx';
import { STANDINGS } from './request-rows.tsx';
import { RuleTraces } from './rule-traces.tsx';
import { StageBar } from './stage-bar.tsx';

const texts = TEXTS.requests;
const moment = new Intl.DateTimeFormat('en-GB', { dateStyle: 'full', timeStyle: 'medium' });

export type RequestDetail = paths['/requests/{id}']['get']['responses'][200]['content']['application/json'];

export function RequestPage() {
  const { id } = useParams({ strict: false }) as { readonly id: string };
  const query = useQuery({
    queryKey: ['requests', 'one', id],
    queryFn: () => answerOf(api.GET('/requests/{id}', { params: { path: { id } } })),
  });
  if (query.isPending) return <Loading />;
  if (query.isError) return <ProblemNote error={query.error} retry={() => void query.refetch()} />;
  const request = query.data;
  return (
    <Page
      above={<BackLink to="/requests">{texts.title}</BackLink>}
      title={`${request.method} ${request.path}`}
      lead={`${request.resourceName ?? request.host}, ${moment.format(request.unixMs)}`}
      actions={
        <Badge standing={STANDINGS[request.outcome]}>
          {texts.outcomes[request.outcome]}
          {request.status > 0 && ` · ${request.status}`}
        </Badge>
      }
    >
      {request.isCaptured && <CaptureCard id={request.id} />}
      <Card title={texts.why}>
        <Why request={request} />
      </Card>
      <Card title={texts.timing}>
        <StageBar stageMs={request.stageMs} />
      </Card>
      <Card title={texts.journey}>
        <Journey request={request} />
      </Card>
      <Card title={texts.rules}>
        {request.rules ? <RuleTraces rules={request.rules} /> : <p className="text-quiet">{texts.noRules}</p>}
      </Card>
      <Card title={texts.facts}>
        <Facts items={factsOf(request)} />
      </Card>
    </Page>
  );
}

function Why({ request }: { readonly request: RequestDetail }) {
  const { reason, ruleName, policy } = request;
  const explained = texts.reasons[reason];
  return (
    <div className="grid gap-2">
      <p>
        {ruleName && policy ? texts.ruleDecided(ruleName, texts.policies[policy]) : texts.noRule} {explained}
      </p>
      <p className="text-sm text-quiet">
        {texts.reason}: <code>{reason}</code>
      </p>
    </div>
  );
}

function factsOf(request: RequestDetail): readonly (readonly [string, React.ReactNode])[] {
  const { subject, address, country, protocol, bytesIn, bytesOut, agent, traceId, requestId, retries } = request;
  const like = (search: object, text: string) => (
    <Link to="/requests" search={search as never} className="hover:text-accent hover:underline" title={texts.similar}>
      {text}
    </Link>
  );
  return [
    [texts.resource, like({ resourceId: request.resourceId }, request.resourceName ?? request.host)],
    [texts.who, subject ? like({ user: subject.id }, subject.name) : texts.nobody],
    [texts.from, like({ address }, country ? `${address} (${country})` : address)],
    [texts.protocol, protocol],
    [texts.bytes, `${bytesIn?.toLocaleString('en') ?? '–'} / ${bytesOut.toLocaleString('en')}`],
    ...(request.replayOf
      ? [
          [
            TEXTS.captures.replayOf,
            <Link key="replay" to="/requests/$id" params={{ id: request.replayOf }} className="text-accent underline">
              {TEXTS.captures.original}
            </Link>,
          ] as const,
        ]
      : []),
    ...(retries > 0 ? [[texts.retries, String(retries)] as const] : []),
    [texts.agent, agent ?? '–'],
    [texts.id, <code key="id">{requestId}</code>],
    ...(traceId ? [[texts.trace, <code key="trace">{traceId}</code>] as const] : []),
  ];
}
