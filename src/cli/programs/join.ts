/** `manis pop join TOKEN`, `manis connector join TOKEN`: a node from one word, with sensible places for everything else. */
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import type { CommandDef } from 'citty';
import { leaf } from '../command.ts';
import { connectorSettings, popSettings } from '../config/programs.ts';
import { worded, wordsOf } from '../config/setting.ts';
import { settingsOf } from '../config/value.ts';
import type { Environment } from '../environment.ts';
import { readJoinToken, tokenOfWord } from './enrolment.ts';

/** Where WireGuard is spoken unless it is said otherwise: the port that everybody's firewall rules already name. */
const UDP_PORT = 51_820;

/** The word says what control, token and file of the token say. */
const { enrolUrl: _popUrl, enrolToken: _popToken, enrolTokenFile: _popFile, ...popShape } = popSettings.shape;
const { enrolUrl: _url, enrolToken: _token, enrolTokenFile: _file, ...connectorShape } = connectorSettings.shape;
const { dataDir: anyDataDir, https, udp } = popShape;

const dataDir = worded(anyDataDir.optional(), {
  ...wordsOf(anyDataDir),
  description: 'Folder for keys, state and logs (as root /var/lib/manis/..., else .manis-...)',
});

const popJoinSettings = settingsOf({
  ...popShape,
  dataDir,
  https: worded(https.optional(), wordsOf(https)),
  udp: worded(udp.optional(), wordsOf(udp)),
});
const connectorJoinSettings = settingsOf({ ...connectorShape, dataDir });

export function popJoinCommand(environment: Environment): CommandDef {
  return leaf(environment, {
    name: 'join',
    description:
      'Take this machine in as a PoP with a token of "manis pop add" (or the path of a file that has it), and run it',
    settings: popJoinSettings,
    positionals: ['token'],
    run: async (settings, [given = '']) => {
      const { runPop } = await import('./pop.ts');
      const word = await tokenOfWord(given);
      const { publicPort = 443 } = readJoinToken(word);
      const host = anyAddress();
      await runPop({
        ...settings,
        enrolUrl: undefined,
        enrolToken: word,
        enrolTokenFile: undefined,
        dataDir: settings.dataDir ?? defaultFolder('pop'),
        https: settings.https ?? [{ host, port: publicPort }],
        udp: settings.udp ?? { host, port: UDP_PORT },
      });
    },
  });
}

export function connectorJoinCommand(environment: Environment): CommandDef {
  return leaf(environment, {
    name: 'join',
    description:
      'Take this machine in as a connector with a token of "manis connector add" (or the path of a file that has it), and run it',
    settings: connectorJoinSettings,
    positionals: ['token'],
    run: async (settings, [given = '']) => {
      const { runConnector } = await import('./connector.ts');
      const word = await tokenOfWord(given);
      readJoinToken(word);
      const enrolment = { enrolUrl: undefined, enrolToken: word, enrolTokenFile: undefined };
      await runConnector({ ...settings, ...enrolment, dataDir: settings.dataDir ?? defaultFolder('connector') });
    },
  });
}

function defaultFolder(program: string): string {
  return process.getuid?.() === 0 ? join('/var/lib/manis', program) : `.manis-${program}`;
}

/** Both families where the machine has both. */
function anyAddress(): string {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return all.some(({ family }) => family === 'IPv6') ? '::' : '0.0.0.0';
}
