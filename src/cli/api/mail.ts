/** `manis mail`: how mails leave, and whether they arrive. */
import type { CommandDef } from 'citty';
import type { AnswerOf, BodyOf } from '../../api/client.ts';
import { group } from '../command.ts';
import { UsageFailure } from '../config/usage-failure.ts';
import type { Environment } from '../environment.ts';
import { requireText } from '../programs/enrolment.ts';
import { apiCommand, given } from './noun.ts';
import { shown } from './printed.ts';
import { fileFlag, numberFlag, textFlag, truthFlag, wordFlag } from './words.ts';

/** What the API tells of the settings and takes back as it is. */
const KEPT = [
  'host',
  'port',
  'security',
  'userName',
  'fromAddress',
  'fromName',
  'caPem',
  'codeSignIn',
  'deviceNotices',
] as const;

const shape = {
  host: textFlag('HOST', 'Mail server that takes mails for everybody'),
  port: numberFlag(1, 65_535, 'Its port; 587, 465 or 25 by --security'),
  security: wordFlag(
    ['starttls', 'tls', 'none'],
    'TLS after a plain start, TLS from the start, or none (same machine)',
  ),
  userName: textFlag('NAME', 'Name to sign in with; none for none'),
  passwordFile: fileFlag('File with its password'),
  from: textFlag('EMAIL', 'Address that mails come from'),
  fromName: textFlag('NAME', "Name beside it; the organisation's where it is left out"),
  caFile: fileFlag('Authority (PEM) to trust in place of those of the system'),
  codeSignIn: truthFlag('Whether users may sign in with a mailed code in place of their password'),
  deviceNotices: truthFlag('Whether users are told of sign-ins from a new device'),
};

export function mailCommands(environment: Environment): CommandDef {
  return group('mail', 'How mails leave', {
    show: apiCommand(environment, {
      name: 'show',
      description: 'Show how mails leave',
      run: async (api) => shown(await api.get('/mail')),
    }),
    set: apiCommand(environment, {
      name: 'set',
      description: 'Say how mails leave; what is left out stays as it is',
      shape,
      run: async (api, { userName, passwordFile, from, caFile, ...plain }) => {
        const { host, port, security, fromName, codeSignIn, deviceNotices } = plain;
        const password = passwordFile && (await requireText('password-file', passwordFile)).trim();
        const caPem = caFile && (await requireText('ca-file', caFile));
        const changes = given({ host, port, security, fromName, codeSignIn, deviceNotices, caPem, password });
        const name = userName === undefined ? {} : { userName: userName === 'none' ? null : userName };
        const wanted = { ...changes, ...name, ...given({ fromAddress: from }) };
        return shown(await api.editOrMake('/mail', 'mail-not-set', (present) => bodyOf(settingsOf(present), wanted)));
      },
    }),
    remove: apiCommand(environment, {
      name: 'remove',
      description: 'Mail nothing any more',
      run: async (api) => {
        await api.remove('/mail');
        return { text: 'Nothing is mailed any more.', value: { removed: 'mail' } };
      },
    }),
    test: apiCommand(environment, {
      name: 'test',
      description: 'Send a test mail now, and say what the mail server answered',
      shape: { to: textFlag('EMAIL', 'Where to; to you where it is left out') },
      run: async (api, { to }) => {
        const sent = await api.post('/mail/test', { body: given({ to }) });
        return { text: `The mail server took a mail to ${sent.to}.`, value: sent };
      },
    }),
  });
}

type Settings = Partial<BodyOf<'put', '/mail'>>;

function settingsOf(present: AnswerOf<'get', '/mail'> | undefined): Settings {
  return present ? Object.fromEntries(KEPT.map((field) => [field, present[field]])) : {};
}

function bodyOf({ port, ...present }: Settings, wanted: Settings): BodyOf<'put', '/mail'> {
  // Another kind of TLS comes with another port, unless one is given.
  const isSame = wanted.security === undefined || wanted.security === present.security;
  const { host, fromAddress, ...settings } = { ...present, ...(isSame && given({ port })), ...wanted };
  if (host === undefined) throw new UsageFailure('setting-invalid', '--host is missing; expected a mail server');
  if (fromAddress === undefined)
    throw new UsageFailure('setting-invalid', '--from is missing; expected the address that mails come from');
  return { host, fromAddress, ...settings };
}
