/** The whole tree of commands. */
import type { CommandDef } from 'citty';
import { accessCommands } from './access/commands.ts';
import { resourceCommands } from './api/applications.ts';
import { auditCommands } from './api/audit.ts';
import { applyCommand, blueprintCommands, exportCommand } from './api/blueprint.ts';
import { captureSettingsCommand } from './api/captures.ts';
import { acmeCommands, certificateCommands } from './api/certificates.ts';
import { clientAuthorityCommands, guestCommands } from './api/client-authorities.ts';
import { credentialCommands, shareCommands } from './api/credentials.ts';
import { dnsProviderCommands } from './api/dns-providers.ts';
import { domainCommands } from './api/domains.ts';
import { drillCommands } from './api/drill.ts';
import { knownDeviceCommands, mfaCommands } from './api/factors.ts';
import { errorPageCommands, httpCommands, maintenanceCommand } from './api/http-rules.ts';
import { importCommands } from './api/import.ts';
import { mailCommands } from './api/mail.ts';
import { meCommands } from './api/me.ts';
import { groupCommands, inviteCommands, keyCommands, memberCommands } from './api/members.ts';
import { connectorCommands, placeCommands, popCommands } from './api/network.ts';
import { alertCommands, webhookCommands } from './api/notices.ts';
import { organisationCommands } from './api/organisation.ts';
import { ownCertificateCommands } from './api/own-certificates.ts';
import { roleCommands, sessionCommands, tokenCommands, userCommands } from './api/people.ts';
import { listCommands, policyCommands } from './api/policies.ts';
import { providerCommands } from './api/providers.ts';
import { requestCommands } from './api/requests.ts';
import { statusCommand } from './api/status.ts';
import { targetCommands } from './api/targets.ts';
import { group, leaf } from './command.ts';
import { completionCommand } from './completion/command.ts';
import { doctorSettings } from './doctor/settings.ts';
import type { Environment } from './environment.ts';
import { programCommands } from './program-commands.ts';
import { connectorJoinCommand, popJoinCommand } from './programs/join.ts';
import { storeCommands } from './programs/store-commands.ts';
import { signInCommands } from './sign-in/commands.ts';
import { styleFor } from './terminal/style.ts';
import { tryCommand } from './try/commands.ts';

export function createCommands(environment: Environment): CommandDef {
  const style = styleFor(process.stdout, environment);
  const { up, control, pop, connector, demo, prepare } = programCommands(environment);
  const root: CommandDef = group('manis', 'Publishes private applications to the people who may use them', {
    up,
    control,
    pop: { ...pop, subCommands: { ...popCommands(environment), join: popJoinCommand(environment) } },
    connector: {
      ...connector,
      subCommands: { ...connectorCommands(environment), join: connectorJoinCommand(environment) },
    },
    try: tryCommand(environment),
    access: accessCommands(environment),
    store: storeCommands(environment),
    ...nounCommands(environment),
    ...signInCommands(environment),
    status: statusCommand(environment),
    doctor: leaf(environment, {
      name: 'doctor',
      description: 'Find out what the network lets through to the PoPs',
      settings: doctorSettings,
      run: async (settings) => (await import('./doctor/doctor.ts')).runDoctor(settings, style),
    }),
    drill: drillCommands(environment),
    completion: completionCommand(environment, () => root),
    demo,
    prepare,
  });
  return root;
}

/** What the API manages: a word for each noun. */
function nounCommands(environment: Environment): Record<string, CommandDef> {
  return {
    ...placeCommands(environment),
    apply: applyCommand(environment),
    export: exportCommand(environment),
    blueprint: blueprintCommands(environment),
    import: importCommands(environment),
    resource: resourceCommands(environment, {
      http: httpCommands(environment),
      maintenance: maintenanceCommand(environment),
      capture: captureSettingsCommand(environment),
    }),
    target: targetCommands(environment),
    domain: domainCommands(environment),
    certificate: certificateCommands(environment),
    acme: acmeCommands(environment),
    'dns-provider': dnsProviderCommands(environment),
    'own-certificate': ownCertificateCommands(environment),
    policy: policyCommands(environment),
    list: listCommands(environment),
    mfa: mfaCommands(environment),
    'known-device': knownDeviceCommands(environment),
    share: shareCommands(environment),
    credential: credentialCommands(environment),
    organisation: organisationCommands(environment, { 'error-pages': errorPageCommands(environment) }),
    'client-authority': clientAuthorityCommands(environment),
    guest: guestCommands(environment),
    mail: mailCommands(environment),
    provider: providerCommands(environment),
    user: userCommands(environment),
    member: memberCommands(environment),
    group: groupCommands(environment),
    role: roleCommands(environment),
    invite: inviteCommands(environment),
    key: keyCommands(environment),
    session: sessionCommands(environment),
    audit: auditCommands(environment),
    requests: requestCommands(environment),
    me: meCommands(environment),
    webhook: webhookCommands(environment),
    alert: alertCommands(environment),
    token: tokenCommands(environment),
  };
}
