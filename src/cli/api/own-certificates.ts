/** `manis own-certificate`: certificates that the organisation brings itself. */

import type { CommandDef } from 'citty';
import { group } from '../command.ts';
import { UsageFailure } from '../config/usage-failure.ts';
import type { Environment } from '../environment.ts';
import { requireText } from '../programs/enrolment.ts';
import { at } from './control-api.ts';
import { apiCommand, commonCommands, find, given, type Noun } from './noun.ts';
import { shown } from './printed.ts';
import { fileFlag, textFlag } from './words.ts';

const OWN_CERTIFICATE: Noun<'/own-certificates'> = {
  name: 'own-certificate',
  title: 'certificate of your own',
  path: '/own-certificates',
  columns: ['id', 'name', 'hosts', 'notAfterUnixMs', 'warnings'],
  names: ['name'],
};

const shape = {
  chainFile: fileFlag('The certificate and who signed it (PEM), which are sent'),
  keyFile: fileFlag('Its private key (PEM), which is sent'),
  watchChain: textFlag('PATH', 'A file of the control node with the chain; read again when it changes'),
  watchKey: textFlag('PATH', 'A file of the control node with the key'),
};

type Flags = { readonly [Key in keyof typeof shape]?: string | undefined };

async function bodyOf({ chainFile, keyFile, watchChain, watchKey }: Flags) {
  const chainPem = chainFile === undefined ? undefined : await requireText('chain-file', chainFile);
  const keyPem = keyFile === undefined ? undefined : await requireText('key-file', keyFile);
  if ((watchChain === undefined) !== (watchKey === undefined))
    throw new UsageFailure('setting-invalid', '--watch-chain and --watch-key go together');
  const files = watchChain && watchKey ? { chainPath: watchChain, keyPath: watchKey } : undefined;
  return given({ chainPem, keyPem, files });
}

export function ownCertificateCommands(environment: Environment): CommandDef {
  return group('own-certificate', 'Certificates that the organisation brings itself', {
    ...commonCommands(environment, OWN_CERTIFICATE),
    add: apiCommand(environment, {
      name: 'add',
      description: 'Give a certificate with its key, or name files of the control node',
      positionals: ['name'],
      shape,
      run: async (api, settings, [name = '']) =>
        shown(await api.post('/own-certificates', { body: { name, ...(await bodyOf(settings)) } })),
    }),
    update: apiCommand(environment, {
      name: 'update',
      description: 'Put a renewed certificate in its place',
      positionals: ['own-certificate'],
      shape: { name: textFlag('NAME', 'Its new name'), ...shape },
      run: async (api, settings, [word = '']) => {
        const { id } = await find(api, OWN_CERTIFICATE, word);
        const body = { ...given({ name: settings.name }), ...(await bodyOf(settings)) };
        return shown(await api.patch('/own-certificates/{id}', { ...at({ id }), body }));
      },
    }),
  });
}
