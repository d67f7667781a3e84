import { useQuery } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { answerOf } from '../../../api/client.ts';
import { useChange } from '../../frame/change.ts';
import { api, sitesQuery, statusQuery } from '../../frame/client.ts';
import { BackLink } from '../../look/back-link.tsx';
import { CopyText } from '../../look/copy.tsx';
import { Card, Page } from '../../look/page.tsx';
import { Loading, ProblemNote } from '../../look/problem.tsx';
import { RemoveButton } from '../../look/remove-button.tsx';
import { RenameButton } from '../../look/rename-button.tsx';
import { TEXTS } from '../../texts/index.ts';
import type { Site } from '../overview/status.ts';
import { Connector } from './connector.tsx';
import { Devices } from './devices.tsx';
import { Join } from './join.tsx';
import { PublishedHere } from './published-here.tsx';
import { SiteTargets } from './site-targets.tsx';

const texts = TEXTS.network;

export function SitePage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const sites = useQuery(sitesQuery);
  const status = useQuery({ ...statusQuery, refetchInterval: 2_000 });
  const site = sites.data?.find((one) => one.id === id);
  if (sites.isPending || status.isPending) return <Loading />;
  if (!site)
    return (
      <Page title={texts.sites} above={<BackLink to="/sites">{texts.sites}</BackLink>}>
        <ProblemNote error={sites.error ?? status.error} />
      </Page>
    );
  const connectors = (status.data?.connectors ?? []).filter(({ siteId }) => siteId === id);
  const devices = (status.data?.devices ?? []).filter(({ siteId }) => siteId === id);
  const join = <Join siteId={id} hasConnector={connectors.length > 0} connectorIds={connectors.map((one) => one.id)} />;
  return (
    <Page
      above={<BackLink to="/sites">{texts.sites}</BackLink>}
      title={site.name}
      actions={<SiteActions site={site} />}
    >
      {connectors.length === 0 && join}
      {connectors.map((connector) => (
        <Connector key={connector.id} connector={connector} />
      ))}
      <PublishedHere siteId={id} />
      <SiteTargets siteId={id} />
      {connectors.length > 0 && join}
      <Devices siteId={id} devices={devices} />
      <Card>
        <div className="grid grid-cols-1 gap-3">
          <p className="text-sm text-quiet">{texts.doctorLead}</p>
          <CopyText label={texts.doctorCommand} text={texts.doctorCommand} />
        </div>
      </Card>
    </Page>
  );
}

function SiteActions({ site: { id, name } }: { readonly site: Site }) {
  const navigate = useNavigate();
  const params = { path: { id } };
  const rename = useChange<string>({
    run: (next) => answerOf(api.PATCH('/sites/{id}', { params, body: { name: next } })),
    shows: ['sites'],
    done: texts.renamed,
    isForm: true,
  });
  const remove = useChange({
    run: () => answerOf(api.DELETE('/sites/{id}', { params })),
    shows: ['sites', 'status'],
    done: texts.siteRemoved,
    leave: () => navigate({ to: '/sites' }),
  });
  return (
    <>
      <RenameButton name={name} label={texts.siteName} change={rename} />
      <RemoveButton
        ask={texts.removeSiteAsk(name)}
        consequence={texts.removeSiteConsequence}
        isBusy={remove.isPending}
        onConfirm={() => remove.mutate()}
      />
    </>
  );
}
