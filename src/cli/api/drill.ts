/** `manis drill`: pulls the plug in the local network, to see it cope. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CommandDef } from 'citty';
import { DRILL_FILE, writeDrill } from '../../io/drill-file.ts';
import { readJson } from '../../io/files.ts';
import { group } from '../command.ts';
import { wholeNumber, worded } from '../config/setting.ts';
import { UsageFailure } from '../config/usage-failure.ts';
import type { Environment } from '../environment.ts';
import { sayAside } from '../terminal/output.ts';
import type { Connection } from './connection.ts';
import { POP } from './network.ts';
import { apiCommand, find } from './noun.ts';

const seconds = worded(wholeNumber(1, 3_600).optional(), {
  kind: 'value',
  hint: 'N',
  expected: 'a whole number from 1 to 3600',
  description: 'Heal it after so many seconds (default: when "manis drill heal" says so)',
});

export function drillCommands(environment: Environment): CommandDef {
  return group('drill', 'Pull the plug in the local network, and see it cope', {
    cut: apiCommand(environment, {
      name: 'cut',
      description: 'Cut the tunnel between the connector and a PoP: its datagrams vanish',
      positionals: ['pop'],
      shape: { seconds },
      run: async (api, settings, [word = '']) => {
        const path = drillFileOf(settings);
        const pop = await find(api, POP, word);
        const cut = [
          ...new Set([
            ...(((await readJson(path)) as string[] | undefined) ?? []),
            ...(pop['udpEndpoints'] as string[]),
          ]),
        ];
        await writeDrill(path, cut);
        const value = { cut };
        if (settings.seconds === undefined)
          return { text: `Cut the tunnel to ${word}. Heal it with "manis drill heal".`, value };
        sayAside(`Cut the tunnel to ${word} for ${settings.seconds} s.\n`);
        await sleep(settings.seconds * 1000);
        await writeDrill(path, []);
        return { text: 'Healed.', value };
      },
    }),
    heal: apiCommand(environment, {
      name: 'heal',
      description: 'Put every plug back',
      run: async (_api, settings) => {
        await writeDrill(drillFileOf(settings), []);
        return { text: 'Healed.', value: { cut: [] } };
      },
    }),
  });
}

/** Drills are for the network of this machine: nobody pulls the plug of another by mistake. */
function drillFileOf({ url, dataDir }: Connection): string {
  if (url !== undefined) throw new UsageFailure('setting-invalid', 'a drill is for the local network: leave --url out');
  return join(dataDir, 'connector', DRILL_FILE);
}
