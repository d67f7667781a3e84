import type { FastifyInstance } from 'fastify';
import { acmeRoutes } from './acme.ts';
import { administratorRoutes } from './administrators.ts';
import { alertRuleRoutes } from './alert-rules.ts';
import { type ApiContext, prepareApi } from './api.ts';
import { auditRoutes } from './audit.ts';
import { blueprintRoutes } from './blueprint.ts';
import { captureRoutes } from './captures.ts';
import { certificateRoutes } from './certificates.ts';
import { clientAuthorityRoutes } from './client-authorities.ts';
import { connectorRoutes } from './connectors.ts';
import { credentialRoutes } from './credentials.ts';
import { deviceRoutes } from './devices.ts';
import { dnsProviderRoutes } from './dns-providers.ts';
import { domainRoutes } from './domains.ts';
import { factorAdminRoutes } from './factors.ts';
import { groupRoutes } from './groups.ts';
import { guestRoutes } from './guests.ts';
import { identityRoutes } from './identities.ts';
import { invitationRoutes } from './invitations.ts';
import { keyRoutes } from './keys.ts';

import { liveRoutes } from './live.ts';
import { mailRoutes } from './mail.ts';
import { meRoutes } from './me.ts';
import { openApplicationRoutes } from './open-applications.ts';
import { organisationRoutes } from './organisation.ts';
import { ownCertificateRoutes } from './own-certificates.ts';
import { ownTokenRoutes } from './own-tokens.ts';
import { policyRoutes } from './policies.ts';
import { simulationRoutes } from './policy-simulation.ts';
import { popRoutes } from './pops.ts';
import { programSignInRoutes } from './program-sign-ins.ts';
import { providerRoutes } from './providers.ts';
import { quickTunnelRoutes } from './quick-tunnels.ts';
import { requestRoutes } from './requests.ts';
import { resourceHttpRoutes } from './resource-http.ts';
import { resourceRoutes } from './resources.ts';
import { revocationRoutes } from './revocations.ts';
import { roleRoutes } from './roles.ts';
import { apiTokenRoutes, sessionRoutes } from './sessions.ts';
import { siteRoutes } from './sites.ts';
import { statusRoutes } from './status.ts';
import { targetHealthRoutes } from './target-health.ts';
import { targetRoutes } from './targets.ts';
import { tenantRoutes } from './tenants.ts';
import { usageRoutes } from './usage.ts';
import { userRoutes } from './users.ts';
import { webhookRoutes } from './webhooks.ts';

export const API_PREFIX = '/api/v1';

/** Every noun of the management API. A new noun is one file and one line here. */
const NOUNS = [
  meRoutes,
  openApplicationRoutes,
  ownTokenRoutes,
  programSignInRoutes,
  statusRoutes,
  liveRoutes,
  organisationRoutes,
  blueprintRoutes,
  tenantRoutes,
  usageRoutes,
  administratorRoutes,
  mailRoutes,
  acmeRoutes,
  certificateRoutes,
  guestRoutes,
  siteRoutes,
  connectorRoutes,
  deviceRoutes,
  popRoutes,
  providerRoutes,
  identityRoutes,
  resourceRoutes,
  resourceHttpRoutes,
  quickTunnelRoutes,
  policyRoutes,
  simulationRoutes,
  targetRoutes,
  targetHealthRoutes,
  domainRoutes,
  dnsProviderRoutes,
  ownCertificateRoutes,
  credentialRoutes,
  clientAuthorityRoutes,
  userRoutes,
  factorAdminRoutes,
  roleRoutes,
  groupRoutes,
  invitationRoutes,
  keyRoutes,
  sessionRoutes,
  revocationRoutes,
  apiTokenRoutes,
  webhookRoutes,
  alertRuleRoutes,
  auditRoutes,
  requestRoutes,
  captureRoutes,
];

/** Adds the API to a server; the same routes serve requests and are described by OpenAPI. */
export function registerApi(app: FastifyInstance, context: ApiContext): void {
  app.register(
    async (scope) => {
      const api = prepareApi(scope, context);
      for (const addRoutes of NOUNS) addRoutes(api, context);
    },
    { prefix: API_PREFIX },
  );
}
