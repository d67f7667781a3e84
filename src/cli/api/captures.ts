/** `manis resource capture`, `manis requests capture` and `replay`: what requests were, and one of them once more. */
import type { CommandDef } from 'citty';
import type { AnswerOf } from '../../api/client.ts';
import { createClock } from '../../io/clock.ts';
import { UsageFailure } from '../config/usage-failure.ts';
import type { Environment } from '../environment.ts';
import { requireText } from '../programs/enrolment.ts';
import { timeText } from '../terminal/times.ts';
import { RESOURCE } from './applications.ts';
import { capturedText, fieldsWith } from './captured-text.ts';
import { at } from './control-api.ts';
import { apiCommand, find, given } from './noun.ts';
import type { Printed } from './printed.ts';
import { fileFlag, lifetimeFlag, listFlag, numberFlag, onFlag, textFlag, textsFlag, truthFlag } from './words.ts';

const clock = createClock();
const KILOBYTE = 1024;
const MEGABYTE = 1024 * 1024;

type State = AnswerOf<'get', '/resources/{id}/capture'>;
type Settings = State['capture'];

export function captureSettingsCommand(environment: Environment): CommandDef {
  return apiCommand(environment, {
    name: 'capture',
    description: 'Show whether requests to a resource are captured, turn that on or off, or delete what was captured',
    positionals: ['resource'],
    shape: {
      on: onFlag('Capture requests, with what is said besides; the rest stays as it was'),
      off: onFlag('Capture no more; what there is stays until it ends'),
      delete: onFlag('Delete all that was captured'),
      bodies: truthFlag('Keep bodies of text too (default: false)'),
      bodyKilobytes: numberFlag(1, 256, 'Of each body (default: 64)'),
      keep: numberFlag(1, 1_000, 'The newest so many are kept (default: 100)'),
      megabytes: numberFlag(1, 64, 'Of all of them together (default: 16)'),
      hours: numberFlag(1, 168, 'How long each is kept (default: 24)'),
      hide: listFlag('NAME', 'Further header fields, parameters and members of JSON whose values are hidden'),
      for: lifetimeFlag('How long requests are captured from now on (with --on)', 'never'),
    },
    run: async (api, settings, [word = '']) => {
      const { on, off } = settings;
      if (Number(on) + Number(off) + Number(settings.delete) > 1)
        throw new UsageFailure('setting-invalid', 'say one of --on, --off and --delete');
      const it = at({ id: (await find(api, RESOURCE, word)).id });
      if (settings.delete) await api.remove('/resources/{id}/captures', it);
      if (off) return statePrinted(await api.put('/resources/{id}/capture', { ...it, body: { capture: null } }));
      if (!on) return statePrinted(await api.get('/resources/{id}/capture', it));
      const made = await api.edit('/resources/{id}/capture', it, (state) => ({
        capture: changed(state.capture, settings),
      }));
      return statePrinted(made);
    },
  });
}

interface Wanted {
  readonly bodies?: boolean | undefined;
  readonly bodyKilobytes?: number | undefined;
  readonly keep?: number | undefined;
  readonly megabytes?: number | undefined;
  readonly hours?: number | undefined;
  readonly hide?: readonly string[] | undefined;
  readonly for: number | 'never';
}

function changed(had: Settings, { bodies, bodyKilobytes, keep, megabytes, hours, hide, ...wanted }: Wanted) {
  return {
    ...had,
    ...given({
      ...{ bodies, keptCaptures: keep, keptHours: hours, hiddenNames: hide },
      bodyBytes: bodyKilobytes && bodyKilobytes * KILOBYTE,
      keptBytes: megabytes && megabytes * MEGABYTE,
    }),
    untilUnixMs: wanted.for === 'never' ? null : Math.round(clock.unixMs()) + wanted.for,
  };
}

function statePrinted(value: State): Printed {
  const { capture, kept, lost } = value;
  const none = lost ? `, ${lost.captures} found no room` : '';
  const now = `kept now: ${kept.entries} requests, ${Math.ceil(kept.bytes / KILOBYTE)} kB${none}`;
  if (!capture) return { text: ['Requests are not captured.', now].join('\n'), value };
  const { bodies, bodyBytes, keptCaptures, keptBytes, keptHours, hiddenNames, untilUnixMs } = capture;
  const text = [
    untilUnixMs === null ? 'Requests are captured.' : `Requests are captured until ${timeText(untilUnixMs)}.`,
    `bodies: ${bodies ? `of text, up to ${Math.ceil(bodyBytes / KILOBYTE)} kB` : 'none'}`,
    `kept: the newest ${keptCaptures}, ${Math.ceil(keptBytes / MEGABYTE)} MB, for ${keptHours} hours`,
    `hidden besides: ${hiddenNames.join(', ') || '-'}`,
    now,
  ];
  return { text: text.join('\n'), value };
}

type Replayed = AnswerOf<'post', '/requests/{id}/replay'>;

export function captureCommands(environment: Environment): Readonly<Record<string, CommandDef>> {
  return {
    capture: apiCommand(environment, {
      name: 'capture',
      description: 'Show what was captured of a request: header fields and body, and those of the answer',
      positionals: ['request'],
      run: async (api, _settings, [id = '']) => {
        const value = await api.get('/requests/{id}/capture', at({ id }));
        return { text: capturedText(value), value };
      },
    }),
    replay: apiCommand(environment, {
      name: 'replay',
      description: 'Send a captured request once more, as you: the policy judges it again',
      positionals: ['request'],
      shape: {
        method: textFlag('METHOD', 'In place of its own'),
        target: textFlag('PATH', 'Path and query in place of its own'),
        header: textsFlag('NAME: VALUE', 'In place of the fields of this name; NAME: alone takes them away'),
        bodyFile: fileFlag('What to send as the body'),
        noBody: onFlag('Send no body'),
      },
      run: async (api, { method, target, header, bodyFile, noBody }, [id = '']) => {
        const captured = header && (await api.get('/requests/{id}/capture', at({ id })));
        const fields = captured && fieldsWith(captured.fields, header.map(readField));
        const body = noBody ? null : bodyFile === undefined ? undefined : await requireText('body-file', bodyFile);
        const value = await api.post('/requests/{id}/replay', {
          ...at({ id }),
          body: given({ method, target, fields, body }),
        });
        return { text: replayedText(value), value };
      },
    }),
  };
}

function readField(text: string): { name: string; value: string } {
  const colon = text.indexOf(':');
  if (colon < 1)
    throw new UsageFailure('setting-invalid', `--header: expected NAME: VALUE, found ${JSON.stringify(text)}`);
  return { name: text.slice(0, colon).trim(), value: text.slice(colon + 1).trim() };
}

function replayedText({ requestId, status, leftOut }: Replayed): string {
  const without = leftOut.length > 0 ? [`Sent without ${leftOut.join(', ')}: that is hidden.`] : [];
  return [
    status === 0 ? 'There was no answer in time.' : `Answered with ${status}.`,
    ...without,
    `What became of it: manis requests show ${requestId}`,
  ].join('\n');
}
