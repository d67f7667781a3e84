/** `manis organisation`: what holds for the whole installation. */
import type { CommandDef } from 'citty';
import { group } from '../command.ts';
import type { Environment } from '../environment.ts';
import { apiCommand, given, type Item, shown } from './noun.ts';
import { listFlag, textFlag } from './words.ts';

const NONE = 'none';

export function organisationCommands(environment: Environment): CommandDef {
  return group('organisation', 'What holds for the whole installation', {
    show: apiCommand(environment, {
      name: 'show',
      description: 'Show the organisation',
      run: async (api) => shown(await api.get<Item>('/organisation')),
    }),
    update: apiCommand(environment, {
      name: 'update',
      description: 'Change the organisation',
      shape: {
        name: textFlag('NAME', 'Its name, as people see it'),
        dnsZone: textFlag('ZONE', `Zone that is delegated to the PoPs, such as apps.example.com; ${NONE} for none`),
        certificateIssuers: listFlag('DOMAIN', `Authorities that may issue certificates, by domain; ${NONE} for any`),
      },
      run: async (api, { name, dnsZone, certificateIssuers }) => {
        const body = given({
          name,
          dnsZone: dnsZone === NONE ? null : dnsZone,
          certificateIssuers: certificateIssuers?.filter((issuer) => issuer !== NONE),
        });
        return shown(await api.patch<Item>('/organisation', body));
      },
    }),
  });
}
