import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { placeAt } from '../../frame/save.ts';
import { BackLink } from '../../look/back-link.tsx';
import { ButtonLink } from '../../look/button.tsx';
import { Page } from '../../look/page.tsx';
import { Loading, ProblemNote } from '../../look/problem.tsx';
import { TEXTS } from '../../texts/index.ts';
import { applicationQuery } from '../applications/application-shape.ts';
import { organisationPolicyQuery } from './policies.tsx';
import { PolicyEditor } from './policy-editor.tsx';
import { asPolicy } from './policy-model.ts';

const texts = TEXTS.policies;

/** The rules of one application. */
export function PolicyPage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const application = useQuery(applicationQuery(id));
  if (application.isPending) return <Loading />;
  if (application.isError)
    return (
      <Page title={texts.title} above={<BackLink to="/policies">{texts.title}</BackLink>}>
        <ProblemNote error={application.error} retry={() => void application.refetch()} />
      </Page>
    );
  const { name, kind, policy } = application.data;
  const place = placeAt('put', '/resources/{id}/policy', { id });
  const isStream = kind === 'tcp' || kind === 'udp' || kind === 'tls';
  return (
    <Page
      title={texts.policyOf(name)}
      lead={texts.lead}
      above={<BackLink to="/policies">{texts.title}</BackLink>}
      actions={
        <ButtonLink to="/applications/$id" params={{ id }}>
          {texts.toApplication}
        </ButtonLink>
      }
    >
      <PolicyEditor policy={asPolicy(policy)} scope={isStream ? 'stream' : 'resource'} resourceId={id} place={place} />
    </Page>
  );
}

const ORGANISATION = placeAt('put', '/organisation/policy');

/** The rules before every application's own. */
export function OrganisationPolicyPage() {
  const policy = useQuery(organisationPolicyQuery);
  return (
    <Page
      title={texts.organisation}
      lead={texts.organisationLead}
      above={<BackLink to="/policies">{texts.title}</BackLink>}
    >
      {policy.isPending && <Loading />}
      {policy.isError && <ProblemNote error={policy.error} retry={() => void policy.refetch()} />}
      {policy.data && <PolicyEditor policy={asPolicy(policy.data)} scope="organisation" place={ORGANISATION} />}
    </Page>
  );
}
