/** `manis certificate` and `manis acme`: which certificates there are, and which directory issues them. */
import type { CommandDef } from 'citty';
import type { AnswerOf, BodyOf, Listed } from '../../api/client.ts';
import { group } from '../command.ts';
import { UsageFailure } from '../config/usage-failure.ts';
import type { Environment } from '../environment.ts';
import { requireText } from '../programs/enrolment.ts';
import { at } from './control-api.ts';
import { apiCommand, given } from './noun.ts';
import { listed, shown } from './printed.ts';
import { fileFlag, listFlag, textFlag, truthFlag } from './words.ts';

const COLUMNS = ['id', 'source', 'state', 'issuedBy', 'notAfterUnixMs', 'renewUnixMs', 'problem'] as const;

export function certificateCommands(environment: Environment): CommandDef {
  return group('certificate', 'Certificates of hosts', {
    list: apiCommand(environment, {
      name: 'list',
      description: 'List every certificate, with when it ends and what keeps the next one away',
      run: async (api) => {
        const items = await api.list('/certificates');
        return { text: listed({ columns: COLUMNS }, items.map(withProblem)).text, value: items };
      },
    }),
    show: apiCommand(environment, {
      name: 'show',
      description: 'Show a certificate and the order for the next one',
      positionals: ['host'],
      run: async (api, _settings, [host = '']) => shown(await api.get('/certificates/{id}', at({ id: host }))),
    }),
    renew: apiCommand(environment, {
      name: 'renew',
      description: 'Order a new one now, whatever is due and whatever failed before',
      positionals: ['host'],
      run: async (api, _settings, [host = '']) => {
        const item = await api.post('/certificates/{id}/renew', at({ id: host }));
        return { text: `Ordering ${item.id}; manis certificate show ${item.id} tells how it goes.`, value: item };
      },
    }),
  });
}

function withProblem(item: Listed<'/certificates'>) {
  return { ...item, problem: item.error?.detail ?? null };
}

/** What the API tells of the settings and takes back as it is. */
const KEPT = [
  ...(['directoryUrl', 'contacts', 'termsAgreed', 'externalAccountKeyId'] as const),
  ...(['caPem', 'profile', 'isDefault'] as const),
];

const shape = {
  directory: textFlag('URL', 'The directory, such as https://acme-v02.api.letsencrypt.org/directory'),
  contact: listFlag('EMAIL', 'Who is told of what concerns the account'),
  agreeToTerms: truthFlag('Whether you agree to the terms of the directory'),
  externalAccountKeyId: textFlag(
    'ID',
    'Key id of an external account, where the directory asks for one; none for none',
  ),
  externalAccountKeyFile: fileFlag('File with its key, base64url'),
  caFile: fileFlag('Authority (PEM) to trust beside those of the system, for a directory of your own'),
  certificateProfile: textFlag('NAME', 'Kind of certificate to ask for, such as shortlived; none for none'),
  everyHost: truthFlag('Whether hosts that no domain covers get their certificates there (default yes)'),
};

export function acmeCommands(environment: Environment): CommandDef {
  return group('acme', 'Which ACME directory issues certificates', {
    show: apiCommand(environment, {
      name: 'show',
      description: 'Show the settings',
      run: async (api) => shown(await api.get('/acme')),
    }),
    set: apiCommand(environment, {
      name: 'set',
      description: 'Say which directory issues certificates; what is left out stays as it is',
      shape,
      run: async (api, flags) => {
        const {
          externalAccountKeyFile: keyFile,
          caFile,
          externalAccountKeyId: keyId,
          certificateProfile: profile,
        } = flags;
        const key = keyFile && (await requireText('external-account-key-file', keyFile)).trim();
        const changes = given({
          directoryUrl: flags.directory,
          contacts: flags.contact,
          termsAgreed: flags.agreeToTerms,
          externalAccountKeyId: keyId === 'none' ? null : keyId,
          externalAccountKey: key,
          caPem: caFile && (await requireText('ca-file', caFile)),
          profile: profile === 'none' ? null : profile,
          isDefault: flags.everyHost,
        });
        const body = (present: Acme | undefined) => {
          const { directoryUrl, ...settings } = { ...settingsOf(present), ...changes };
          if (directoryUrl === undefined)
            throw new UsageFailure('setting-invalid', '--directory is missing; expected the URL of an ACME directory');
          return { directoryUrl, ...settings };
        };
        return shown(await api.editOrMake('/acme', 'acme-not-set', body));
      },
    }),
    remove: apiCommand(environment, {
      name: 'remove',
      description: 'Let the local authority issue every certificate again',
      run: async (api) => {
        await api.remove('/acme');
        return { text: 'The local authority issues every certificate from now on.', value: { removed: 'acme' } };
      },
    }),
  });
}

type Acme = AnswerOf<'get', '/acme'>;

function settingsOf(present: Acme | undefined): Partial<BodyOf<'put', '/acme'>> {
  return present ? Object.fromEntries(KEPT.map((field) => [field, present[field]])) : {};
}
