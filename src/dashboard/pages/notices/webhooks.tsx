import { useQuery } from '@tanstack/react-query';
import { Plus, Webhook as WebhookIcon } from 'lucide-react';
import { useState } from 'react';
import { Badge } from '../../look/badge.tsx';
import { Button } from '../../look/button.tsx';
import { Card, Empty, Page } from '../../look/page.tsx';
import { Loading, ProblemNote } from '../../look/problem.tsx';
import { RowLink } from '../../look/row-link.tsx';
import { SectionTabs } from '../../look/section-tabs.tsx';
import { type Column, Table } from '../../look/table.tsx';
import { TEXTS } from '../../texts/index.ts';
import { NOTICE_TABS, type Webhook, webhooksQuery } from './notices-shape.ts';
import { AddWebhook } from './webhook-dialog.tsx';

const texts = TEXTS.notices;

const COLUMNS: readonly Column<Webhook>[] = [
  {
    name: texts.name,
    sortBy: ({ name }) => name,
    cell: ({ id, name }) => (
      <RowLink to="/notices/webhooks/$id" params={{ id }}>
        {name}
      </RowLink>
    ),
  },
  {
    name: texts.url,
    sortBy: ({ url }) => url,
    isWide: true,
    cell: ({ url }) => <span className="font-mono text-[13px] break-all">{url}</span>,
  },
  { name: texts.events, sortBy: ({ events }) => events.length, isNumber: true, cell: ({ events }) => events.length },
  {
    name: texts.state,
    stacked: 'corner',
    sortBy: ({ enabled }) => Number(enabled),
    cell: ({ enabled }) => <Badge standing={enabled ? 'good' : 'none'}>{enabled ? texts.on : texts.off}</Badge>,
  },
];

export function WebhooksPage() {
  const webhooks = useQuery(webhooksQuery);
  const [isAdding, setAdding] = useState(false);
  const add = (
    <Button kind="first" icon={<Plus size={16} aria-hidden="true" />} onClick={() => setAdding(true)}>
      {texts.addWebhook}
    </Button>
  );
  const isEmpty = webhooks.data?.length === 0;
  return (
    <Page
      above={<SectionTabs label={texts.section} tabs={NOTICE_TABS} />}
      title={texts.webhooks}
      lead={texts.webhooksLead}
      actions={webhooks.data && !isEmpty && add}
    >
      {webhooks.isPending && <Loading />}
      {webhooks.isError && <ProblemNote error={webhooks.error} retry={() => void webhooks.refetch()} />}
      {webhooks.data && (
        <Card isFlush className={isEmpty ? '' : 'pt-1'}>
          {isEmpty ? (
            <Empty icon={<WebhookIcon />} title={texts.noWebhooks} actions={add}>
              {texts.noWebhooksLead}
            </Empty>
          ) : (
            <Table caption={texts.webhooks} columns={COLUMNS} rows={webhooks.data} keyOf={({ id }) => id} />
          )}
        </Card>
      )}
      {isAdding && <AddWebhook onClose={() => setAdding(false)} />}
    </Page>
  );
}
