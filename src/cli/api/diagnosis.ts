/** `manis connector diagnosis` and `examine`: what the doctor within a connector found out. */
import type { CommandDef } from 'citty';
import type { paths } from '../../api/client.ts';
import { utcMinute } from '../../base/index.ts';
import type { ExaminedWay } from '../../core/link/index.ts';
import { findingsText, waysText } from '../doctor/report.ts';
import type { Environment } from '../environment.ts';
import { type Style, styleFor } from '../terminal/style.ts';
import { at } from './control-api.ts';
import { apiCommand, find, type Noun } from './noun.ts';
import type { Printed } from './printed.ts';

type Told = paths['/connectors/{id}/diagnosis']['get']['responses'][200]['content']['application/json'];

export function diagnosisCommands(environment: Environment, noun: Noun<'/connectors'>): Record<string, CommandDef> {
  return {
    diagnosis: apiCommand(environment, {
      name: 'diagnosis',
      description: 'What a connector found out about its network by itself, as manis doctor does there',
      positionals: [noun.name],
      run: async (api, _settings, [word = '']) => {
        const { id } = await find(api, noun, word);
        return told(await api.get('/connectors/{id}/diagnosis', at({ id })), styleFor(process.stdout, environment));
      },
    }),
    examine: apiCommand(environment, {
      name: 'examine',
      description: 'Let a connector look at its network now; what it finds is there some seconds later',
      positionals: [noun.name],
      run: async (api, _settings, [word = '']) => {
        const { id } = await find(api, noun, word);
        const value = await api.post('/connectors/{id}/examine', at({ id }));
        return { text: `${word} looks at its network; see manis connector diagnosis ${word}.`, value };
      },
    }),
  };
}

function told(value: Told, style: Style): Printed {
  if (value.takenUnixMs === null) return { text: 'It has found out nothing yet.', value };
  const ways = value.ways.map((way) => Object.fromEntries(Object.entries(way).filter(([, one]) => one !== null)));
  const at = utcMinute(value.takenUnixMs);
  const rest = value.popsLeftOut === 0 ? '' : ` ${value.popsLeftOut} more PoPs were not looked at.`;
  const awaited = value.isAwaited ? ' It was asked to look again.' : '';
  return {
    text: [
      `Looked at its network at ${at} UTC.${rest}${awaited}`,
      waysText(ways as unknown as readonly ExaminedWay[]),
      findingsText(value.findings, style),
    ].join('\n\n'),
    value,
  };
}
