import { useQuery } from '@tanstack/react-query';
import { RefreshCw, ShieldCheck } from 'lucide-react';
import { useState } from 'react';
import { answerOf, type paths } from '../../../api/client.ts';
import { useChange } from '../../frame/change.ts';
import { api } from '../../frame/client.ts';
import { Badge, type Standing } from '../../look/badge.tsx';
import { Button } from '../../look/button.tsx';
import { Card, Empty, Page } from '../../look/page.tsx';
import { Loading, ProblemNote } from '../../look/problem.tsx';
import { SearchField } from '../../look/search.tsx';
import { useSortedRows } from '../../look/sorting.ts';
import type { Column } from '../../look/table.tsx';
import { Ago } from '../../look/time.tsx';
import { VirtualTable } from '../../look/virtual-table.tsx';
import { TEXTS } from '../../texts/index.ts';
import { CertificateTabs, useSeesInstallation } from './certificate-tabs.tsx';
import { OwnCertificatesPage } from './own-certificates.tsx';

const texts = TEXTS.certificates;
const REFRESH_MS = 5_000;
type Certificate = paths['/certificates']['get']['responses'][200]['content']['application/json']['items'][number];

const STANDINGS: Readonly<Record<Certificate['state'], Standing>> = {
  ...{ valid: 'good', renewing: 'info', ordering: 'info' },
  ...{ failing: 'warn', missing: 'bad', expired: 'bad' },
};

const sourceOf = ({ issuedBy, source }: Certificate) => texts.sources[issuedBy ?? source];

const COLUMNS: readonly Column<Certificate>[] = [
  {
    name: texts.names,
    sortBy: ({ names }) => names[0] ?? '',
    cell: (certificate) => <Names certificate={certificate} />,
  },
  {
    name: texts.state,
    stacked: 'corner',
    sortBy: ({ state }) => texts.states[state],
    cell: ({ state }) => <Badge standing={STANDINGS[state]}>{texts.states[state]}</Badge>,
  },
  { name: texts.source, sortBy: sourceOf, isWide: true, cell: sourceOf },
  {
    name: texts.ends,
    sortBy: ({ notAfterUnixMs }) => notAfterUnixMs ?? 0,
    isWide: true,
    cell: ({ notAfterUnixMs }) => (notAfterUnixMs === null ? '–' : <Ago unixMs={notAfterUnixMs} />),
  },
  {
    name: TEXTS.frame.actions,
    isAction: true,
    cell: (certificate) => (certificate.order ? <Renew certificate={certificate} /> : null),
  },
];

/** Certificates of an installation; who may not see these sees the organisation's own. */
export function CertificatesPage() {
  return useSeesInstallation() ? <Issued /> : <OwnCertificatesPage />;
}

function Issued() {
  const [search, setSearch] = useState('');
  const certificates = useQuery({
    queryKey: ['certificates'],
    queryFn: () => answerOf(api.GET('/certificates')),
    refetchInterval: REFRESH_MS,
  });
  const wanted = search.trim().toLowerCase();
  const items = certificates.data?.items ?? [];
  const found = items.filter(({ names }) => names.some((name) => name.includes(wanted)));
  const { rows, sorting } = useSortedRows(COLUMNS, found);
  return (
    <Page title={texts.title} lead={texts.lead} above={<CertificateTabs />}>
      {certificates.isPending && <Loading />}
      {certificates.isError && <ProblemNote error={certificates.error} retry={() => void certificates.refetch()} />}
      {certificates.data && (
        <Card isFlush className="pt-4">
          <SearchField label={texts.searchLabel} value={search} onChange={setSearch} />
          {found.length === 0 ? (
            <Empty icon={<ShieldCheck />} title={texts.none}>
              {texts.noneLead}
            </Empty>
          ) : (
            <VirtualTable
              caption={texts.title}
              columns={COLUMNS}
              rows={rows}
              count={rows.length}
              keyOf={({ id }) => id}
              sorting={sorting}
              onEndNear={nothing}
            />
          )}
        </Card>
      )}
    </Page>
  );
}
const nothing = () => undefined;

function Names({ certificate }: { readonly certificate: Certificate }) {
  const { names, order, error, renewUnixMs } = certificate;
  return (
    <div className="max-w-xl">
      <p className="font-medium break-all">{names.join(', ')}</p>
      {order && (
        <p className="text-sm text-quiet">
          {texts.phases[order.phase]}
          {order.failures > 0 && `, ${texts.failures(order.failures)}`}
          {order.failures > 0 && order.phase === 'waiting' && (
            <>
              , {texts.nextLook} <Ago unixMs={order.nextUnixMs} />
            </>
          )}
          {order.failures === 0 && renewUnixMs !== null && (
            <>
              , {texts.renewal.toLowerCase()} {texts.renewsAt} <Ago unixMs={renewUnixMs} />
            </>
          )}
        </p>
      )}
      {error && (
        <p className="mt-1 rounded-lg bg-bad-soft px-3 py-2 text-sm text-bad">
          {error.detail} <span className="font-mono text-[13px]">({error.code})</span> · <Ago unixMs={error.unixMs} />
        </p>
      )}
    </div>
  );
}

function Renew({ certificate: { id, names } }: { readonly certificate: Certificate }) {
  const renew = useChange({
    run: () => answerOf(api.POST('/certificates/{id}/renew', { params: { path: { id } } })),
    shows: ['certificates'],
    done: texts.renewing(names[0] ?? id),
  });
  return (
    <Button
      icon={<RefreshCw size={15} aria-hidden="true" />}
      isBusy={renew.isPending}
      aria-label={`${texts.renew}: ${names[0] ?? id}`}
      onClick={() => renew.mutate()}
    >
      {texts.renew}
    </Button>
  );
}
