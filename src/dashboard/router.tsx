/** Which page is at which path. Pages are loaded when somebody goes there. */
import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router';
import { NotFound } from './frame/not-found.tsx';
import { PageFailed } from './frame/page-failed.tsx';
import { Shell } from './frame/shell.tsx';

const rootRoute = createRootRoute({ component: Shell, notFoundComponent: NotFound });

const routes = [
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/',
    component: lazyRouteComponent(() => import('./pages/overview/overview.tsx'), 'OverviewPage'),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/start',
    component: lazyRouteComponent(() => import('./pages/start/start.tsx'), 'StartPage'),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/applications',
    component: lazyRouteComponent(() => import('./pages/applications/applications.tsx'), 'ApplicationsPage'),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/applications/new',
    component: lazyRouteComponent(() => import('./pages/applications/new-application.tsx'), 'NewApplicationPage'),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/applications/$id',
    validateSearch: ({ tab }: { tab?: unknown }): { tab?: string } => (typeof tab === 'string' ? { tab } : {}),
    component: lazyRouteComponent(() => import('./pages/applications/application.tsx'), 'ApplicationPage'),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/policies',
    component: lazyRouteComponent(() => import('./pages/policies/policies.tsx'), 'PoliciesPage'),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/policies/organisation',
    component: lazyRouteComponent(() => import('./pages/policies/policy-page.tsx'), 'OrganisationPolicyPage'),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/policies/$id',
    component: lazyRouteComponent(() => import('./pages/policies/policy-page.tsx'), 'PolicyPage'),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/simulator',
    validateSearch: ({ application }: { application?: unknown }): { application?: string } =>
      typeof application === 'string' ? { application } : {},
    component: lazyRouteComponent(() => import('./pages/policies/simulator-page.tsx'), 'SimulatorPage'),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/domains',
    component: lazyRouteComponent(() => import('./pages/domains/domains.tsx'), 'DomainsPage'),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/domains/providers',
    component: lazyRouteComponent(() => import('./pages/domains/dns-providers.tsx'), 'DnsProvidersPage'),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/domains/$id',
    component: lazyRouteComponent(() => import('./pages/domains/domain.tsx'), 'DomainPage'),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/certificates',
    component: lazyRouteComponent(() => import('./pages/certificates/certificates.tsx'), 'CertificatesPage'),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/certificates/own',
    component: lazyRouteComponent(() => import('./pages/certificates/own-certificates.tsx'), 'OwnCertificatesPage'),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/certificates/acme',
    component: lazyRouteComponent(() => import('./pages/certificates/acme.tsx'), 'AcmePage'),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/blueprint',
    component: lazyRouteComponent(() => import('./pages/blueprint/blueprint.tsx'), 'BlueprintPage'),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/sites',
    component: lazyRouteComponent(() => import('./pages/sites/sites.tsx'), 'SitesPage'),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/sites/$id',
    component: lazyRouteComponent(() => import('./pages/sites/site.tsx'), 'SitePage'),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/pops',
    component: lazyRouteComponent(() => import('./pages/pops/pops.tsx'), 'PopsPage'),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/pops/$id',
    component: lazyRouteComponent(() => import('./pages/pops/pop.tsx'), 'PopPage'),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/users',
    component: lazyRouteComponent(() => import('./pages/people/users.tsx'), 'UsersPage'),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/users/groups',
    component: lazyRouteComponent(() => import('./pages/people/groups.tsx'), 'GroupsPage'),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/users/groups/$id',
    component: lazyRouteComponent(() => import('./pages/people/group.tsx'), 'GroupPage'),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/users/roles',
    component: lazyRouteComponent(() => import('./pages/people/roles.tsx'), 'RolesPage'),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/users/roles/$id',
    component: lazyRouteComponent(() => import('./pages/people/role.tsx'), 'RolePage'),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/users/invitations',
    component: lazyRouteComponent(() => import('./pages/people/invitations.tsx'), 'InvitationsPage'),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/users/$id',
    component: lazyRouteComponent(() => import('./pages/people/user.tsx'), 'UserPage'),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/providers',
    component: lazyRouteComponent(() => import('./pages/providers/providers.tsx'), 'ProvidersPage'),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/providers/new',
    component: lazyRouteComponent(() => import('./pages/providers/new-provider.tsx'), 'NewProviderPage'),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/providers/$id',
    component: lazyRouteComponent(() => import('./pages/providers/provider.tsx'), 'ProviderPage'),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/credentials',
    component: lazyRouteComponent(() => import('./pages/credentials/credentials.tsx'), 'CredentialsPage'),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/settings',
    component: lazyRouteComponent(() => import('./pages/settings/organisation.tsx'), 'OrganisationPage'),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/settings/sign-in',
    component: lazyRouteComponent(() => import('./pages/settings/sign-in.tsx'), 'SignInPage'),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/settings/mail',
    component: lazyRouteComponent(() => import('./pages/settings/mail.tsx'), 'MailPage'),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/settings/pages',
    component: lazyRouteComponent(() => import('./pages/settings/pages.tsx'), 'ErrorPagesPage'),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/settings/keys',
    component: lazyRouteComponent(() => import('./pages/settings/keys.tsx'), 'KeysPage'),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/settings/authorities',
    component: lazyRouteComponent(() => import('./pages/settings/authorities.tsx'), 'AuthoritiesPage'),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/settings/installation',
    component: lazyRouteComponent(() => import('./pages/settings/installation.tsx'), 'InstallationPage'),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/sessions',
    component: lazyRouteComponent(() => import('./pages/people/sessions.tsx'), 'SessionsPage'),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/requests',
    component: lazyRouteComponent(() => import('./pages/requests/requests.tsx'), 'RequestsPage'),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/requests/$id',
    component: lazyRouteComponent(() => import('./pages/requests/request.tsx'), 'RequestPage'),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/audit',
    component: lazyRouteComponent(() => import('./pages/watch/audit.tsx'), 'AuditPage'),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/notices',
    component: lazyRouteComponent(() => import('./pages/notices/alerts.tsx'), 'AlertsPage'),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/notices/webhooks',
    component: lazyRouteComponent(() => import('./pages/notices/webhooks.tsx'), 'WebhooksPage'),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/notices/webhooks/$id',
    component: lazyRouteComponent(() => import('./pages/notices/webhook.tsx'), 'WebhookPage'),
  }),
] as const;

export const router = createRouter({
  routeTree: rootRoute.addChildren([...routes]),
  basepath: '/console',
  defaultPreload: 'intent',
  defaultErrorComponent: PageFailed,
  scrollRestoration: false,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
