import { useQuery } from '@tanstack/react-query';
import { Bell, Plus } from 'lucide-react';
import { useState } from 'react';
import { answerOf } from '../../../api/client.ts';
import { ahead, useChange } from '../../frame/change.ts';
import { api } from '../../frame/client.ts';
import { withoutRow, withPart } from '../../frame/rows.ts';
import { Badge } from '../../look/badge.tsx';
import { Button } from '../../look/button.tsx';
import { Card, Empty, Page } from '../../look/page.tsx';
import { Loading, ProblemNote } from '../../look/problem.tsx';
import { RemoveButton } from '../../look/remove-button.tsx';
import { SectionTabs } from '../../look/section-tabs.tsx';
import { type Column, Table } from '../../look/table.tsx';
import { Ago } from '../../look/time.tsx';
import { Words } from '../../look/words.tsx';
import { TEXTS } from '../../texts/index.ts';
import { AlertDialog } from './alert-dialog.tsx';
import { type AlertRule, alertRulesQuery, holdText, NOTICE_TABS, webhooksQuery } from './notices-shape.ts';

const texts = TEXTS.notices;

type Raised = AlertRule['raised'][number];

export function AlertsPage() {
  const rules = useQuery(alertRulesQuery);
  const [isAdding, setAdding] = useState(false);
  const add = (
    <Button kind="first" icon={<Plus size={16} aria-hidden="true" />} onClick={() => setAdding(true)}>
      {texts.addAlert}
    </Button>
  );
  const isEmpty = rules.data?.length === 0;
  return (
    <Page
      above={<SectionTabs label={texts.section} tabs={NOTICE_TABS} />}
      title={texts.alerts}
      lead={texts.alertsLead}
      actions={rules.data && !isEmpty && add}
    >
      {rules.isPending && <Loading />}
      {rules.isError && <ProblemNote error={rules.error} retry={() => void rules.refetch()} />}
      {rules.data && <RaisedNow rules={rules.data} />}
      {rules.data && (
        <Card isFlush className={isEmpty ? '' : 'pt-1'}>
          {isEmpty ? (
            <Empty icon={<Bell />} title={texts.noAlerts} actions={add}>
              {texts.noAlertsLead}
            </Empty>
          ) : (
            <Rules rules={rules.data} />
          )}
        </Card>
      )}
      {isAdding && <AlertDialog onClose={() => setAdding(false)} />}
    </Page>
  );
}

function RaisedNow({ rules }: { readonly rules: readonly AlertRule[] }) {
  const raised = new Map(rules.flatMap((rule) => rule.raised.map((one) => [`${rule.kind} ${one.subjectId}`, one])));
  if (raised.size === 0) return null;
  const columns: readonly Column<Raised>[] = [
    { name: texts.what, sortBy: ({ name }) => name, cell: ({ name }) => <span className="font-medium">{name}</span> },
    {
      name: texts.why,
      sortBy: ({ reason }) => reason,
      cell: ({ reason }) => <Badge standing="bad">{texts.reasons[reason] ?? reason}</Badge>,
    },
    {
      name: texts.since,
      sortBy: ({ sinceUnixMs }) => sinceUnixMs,
      cell: ({ sinceUnixMs }) => <Ago unixMs={sinceUnixMs} />,
    },
  ];
  return (
    <Card title={texts.raisedNow} isFlush>
      <Table
        caption={texts.raisedNow}
        columns={columns}
        rows={[...raised.values()]}
        keyOf={({ subjectId }) => subjectId}
      />
    </Card>
  );
}

function Rules({ rules }: { readonly rules: readonly AlertRule[] }) {
  const webhooks = useQuery(webhooksQuery);
  const [edited, setEdited] = useState<AlertRule>();
  const remove = useChange<AlertRule>({
    run: ({ id }) => answerOf(api.DELETE('/alert-rules/{id}', { params: { path: { id } } })),
    shows: ['alert-rules'],
    ahead: ahead(alertRulesQuery, (all, { id }: AlertRule) => withoutRow(all, id)),
    done: (_data, { name }) => texts.alertRemoved(name),
  });
  const change = useChange<AlertRule>({
    run: ({ id, enabled }) =>
      answerOf(api.PATCH('/alert-rules/{id}', { params: { path: { id } }, body: { enabled: !enabled } })),
    shows: ['alert-rules'],
    ahead: ahead(alertRulesQuery, (all, { id, enabled }: AlertRule) => withPart(all, id, { enabled: !enabled })),
    done: texts.alertChanged,
  });
  const nameOf = (id: string): string => webhooks.data?.find((webhook) => webhook.id === id)?.name ?? id;
  const columns: readonly Column<AlertRule>[] = [
    { name: texts.name, sortBy: ({ name }) => name, cell: ({ name }) => <span className="font-medium">{name}</span> },
    {
      name: texts.about,
      sortBy: ({ kind }) => texts.kinds[kind],
      isWide: true,
      cell: ({ kind, subjectId }) => (subjectId === null ? texts.kinds[kind] : texts.kindOne[kind]),
    },
    { name: texts.after, sortBy: ({ holdMs }) => holdMs, isWide: true, cell: ({ holdMs }) => holdText(holdMs) },
    {
      name: texts.tells,
      isWide: true,
      cell: ({ emails, webhookIds }) => <Words words={[...emails, ...webhookIds.map(nameOf)]} />,
    },
    {
      name: texts.state,
      stacked: 'corner',
      sortBy: ({ enabled, raised }) => (enabled ? raised.length : -1),
      cell: (rule) => <State rule={rule} />,
    },
    {
      name: TEXTS.frame.actions,
      isAction: true,
      cell: (rule) => (
        <span className="flex justify-end gap-1">
          <Button kind="quiet" onClick={() => setEdited(rule)}>
            {texts.edit}
          </Button>
          <Button kind="quiet" onClick={() => change.mutate(rule)}>
            {rule.enabled ? texts.switchOff : texts.switchOn}
          </Button>
          <RemoveButton
            kind="quiet"
            ask={texts.removeAlertAsk(rule.name)}
            consequence={texts.removeAlertConsequence}
            onConfirm={() => remove.mutate(rule)}
          />
        </span>
      ),
    },
  ];
  return (
    <>
      <Table caption={texts.alerts} columns={columns} rows={rules} keyOf={({ id }) => id} />
      {edited && <AlertDialog rule={edited} onClose={() => setEdited(undefined)} />}
    </>
  );
}

function State({ rule: { enabled, raised } }: { readonly rule: AlertRule }) {
  if (!enabled) return <Badge>{texts.off}</Badge>;
  if (raised.length > 0) return <Badge standing="bad">{texts.raised(raised.length)}</Badge>;
  return <Badge standing="good">{texts.quiet}</Badge>;
}
